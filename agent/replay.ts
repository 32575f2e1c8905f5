// Tells a host the history of a loaded session, as `session/load` asks for.
import type { ModelMessage } from 'ai'
import type { SendUpdate } from './watcher.ts'

export async function replay(messages: ModelMessage[], send: SendUpdate): Promise<void> {
  for (const message of messages) {
    const parts =
      typeof message.content === 'string' ? [{ type: 'text' as const, text: message.content }] : message.content
    for (const part of parts) {
      if (part.type === 'text') {
        const sessionUpdate = message.role === 'user' ? 'user_message_chunk' : 'agent_message_chunk'
        await send({ sessionUpdate, content: { type: 'text', text: part.text } })
      } else if (part.type === 'tool-call') {
        await send({
          sessionUpdate: 'tool_call',
          toolCallId: part.toolCallId,
          title: part.toolName,
          rawInput: part.input,
        })
      } else if (part.type === 'tool-result') {
        const status = part.output.type === 'error-text' ? 'failed' : 'completed'
        await send({ sessionUpdate: 'tool_call_update', toolCallId: part.toolCallId, status })
      }
    }
  }
}
