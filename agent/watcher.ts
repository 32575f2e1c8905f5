// What the turn does, as ACP updates.
import type { SessionUpdate, ToolKind } from '@agentclientprotocol/sdk'
import type { Watcher } from './loop.ts'

/** Sends in order. */
export type SendUpdate = (update: SessionUpdate) => Promise<void>

const kindOfRemote: ToolKind = 'other'

export function createWatcher(send: SendUpdate): Watcher {
  const text = (value: string) => ({ type: 'text' as const, text: value })
  const output = (value: string) => [{ type: 'content' as const, content: text(value.slice(0, 8000)) }]
  return {
    text(kind, value) {
      void send({
        sessionUpdate: kind === 'text' ? 'agent_message_chunk' : 'agent_thought_chunk',
        content: text(value),
      })
    },
    callStarted(call, own) {
      const input = own?.schema.safeParse(call.input)
      const known = own && input?.success ? { own, input: input.data } : null
      void send({
        sessionUpdate: 'tool_call',
        toolCallId: call.id,
        title: known ? known.own.title(known.input) : call.tool,
        kind: known ? known.own.kind : kindOfRemote,
        status: 'in_progress',
        locations: known ? known.own.paths(known.input).map((path) => ({ path })) : [],
        rawInput: call.input,
      })
    },
    callOutput(call, value) {
      void send({ sessionUpdate: 'tool_call_update', toolCallId: call.id, content: output(value) })
    },
    callEnded(call, failed, value) {
      const status = failed ? 'failed' : 'completed'
      void send({ sessionUpdate: 'tool_call_update', toolCallId: call.id, status, content: output(value) })
    },
    usage(used, size) {
      void send({ sessionUpdate: 'usage_update', used, size })
    },
  }
}
