// An agent that needs no model: it speaks ACP on stdio, reads plain sentences and carries out exact refactorings.
import { randomUUID } from 'node:crypto'
import { join } from 'node:path'
import { Readable, Writable } from 'node:stream'
import {
  type AgentContext,
  agent,
  methods,
  ndJsonStream,
  PROTOCOL_VERSION,
  RequestError,
  type SessionUpdate,
} from '@agentclientprotocol/sdk'
import { readSteps } from './steps/read-steps.ts'
import { complete, type Happened, runSteps } from './steps/run-steps.ts'
import { describe, type Step } from './steps/step.ts'
import { aboutVerification, aboutWrite, summary } from './steps/summary.ts'

type Session = { cwd: string; running: AbortController | null }
type Say = (update: SessionUpdate) => Promise<void>

const kinds = { rename: 'edit', move: 'move', rewrite: 'edit', verify: 'execute' } as const

/** Serves one connection on stdio until it closes. */
export async function serveAgent(): Promise<void> {
  const sessions = new Map<string, Session>()
  const app = agent({ name: 'refactor' })
    .onRequest(methods.agent.initialize, () => ({
      protocolVersion: PROTOCOL_VERSION,
      agentInfo: { name: 'refactor', title: 'Refactor', version: '0.1.0' },
      agentCapabilities: { loadSession: true, promptCapabilities: { embeddedContext: true } },
      authMethods: [],
    }))
    .onRequest(methods.agent.session.new, ({ params }) => {
      const sessionId = randomUUID()
      sessions.set(sessionId, { cwd: params.cwd, running: null })
      return { sessionId }
    })
    .onRequest(methods.agent.session.load, ({ params }) => {
      sessions.set(params.sessionId, { cwd: params.cwd, running: null })
      return {}
    })
    .onRequest(methods.agent.session.prompt, async ({ params, client }) => {
      const session = sessions.get(params.sessionId)
      if (!session) throw RequestError.invalidParams(undefined, `No session ${params.sessionId}.`)
      if (session.running) throw RequestError.invalidParams(undefined, 'This session is busy with a prompt.')
      session.running = new AbortController()
      try {
        const text = params.prompt.flatMap((block) => (block.type === 'text' ? [block.text] : [])).join('\n')
        return await answer(session.cwd, text, sayTo(client, params.sessionId), session.running.signal)
      } finally {
        session.running = null
      }
    })
    .onNotification(methods.agent.session.cancel, ({ params }) => sessions.get(params.sessionId)?.running?.abort())
  const connection = app.connect(
    ndJsonStream(Writable.toWeb(process.stdout), Readable.toWeb(process.stdin) as ReadableStream<Uint8Array>),
  )
  await connection.closed
}

const sayTo =
  (client: AgentContext, sessionId: string): Say =>
  (update) =>
    client.notify(methods.client.session.update, { sessionId, update })

const speak = (text: string): SessionUpdate => ({
  sessionUpdate: 'agent_message_chunk',
  content: { type: 'text', text },
})

async function answer(
  cwd: string,
  prompt: string,
  say: Say,
  signal: AbortSignal,
): Promise<{ stopReason: 'end_turn' | 'cancelled' }> {
  const read = readSteps(prompt)
  if ('unclear' in read) {
    await say(speak(read.unclear))
    return { stopReason: 'end_turn' }
  }
  const steps = complete(read.steps)
  await say(planOf(steps, -1))
  const outcome = await runSteps(cwd, steps, (what) => tell(say, cwd, steps, what), signal)
  await say(speak(summary(outcome)))
  return { stopReason: outcome.cancelled ? 'cancelled' : 'end_turn' }
}

const planOf = (steps: Step[], done: number, running = false): SessionUpdate => ({
  sessionUpdate: 'plan',
  entries: steps.map((step, index) => ({
    content: describe(step),
    priority: 'medium',
    status: index <= done ? 'completed' : running && index === done + 1 ? 'in_progress' : 'pending',
  })),
})

async function tell(say: Say, cwd: string, steps: Step[], what: Happened): Promise<void> {
  const toolCallId = `step-${what.index + 1}`
  const ended = (
    status: 'completed' | 'failed',
    text: string,
    rawOutput: unknown,
    files: string[] = [],
  ): Promise<void> =>
    say({
      sessionUpdate: 'tool_call_update',
      toolCallId,
      status,
      content: [{ type: 'content', content: { type: 'text', text } }],
      locations: files.slice(0, 200).map((path) => ({ path })),
      rawOutput,
    })
  switch (what.type) {
    case 'started':
      await say(planOf(steps, what.index - 1, true))
      return say({
        sessionUpdate: 'tool_call',
        toolCallId,
        title: describe(what.step),
        kind: kinds[what.step.do],
        status: 'in_progress',
        rawInput: what.step,
      })
    case 'written':
      await ended(
        'completed',
        aboutWrite(what.report),
        what.report,
        what.report.files.map((one) => join(cwd, one.movedTo ?? one.file)),
      )
      return say(planOf(steps, what.index))
    case 'verified':
      await ended(
        what.verification.ok ? 'completed' : 'failed',
        aboutVerification(what.verification),
        what.verification,
      )
      return say(planOf(steps, what.index))
    case 'refused':
      return ended('failed', what.sentence, { refused: what.sentence })
  }
}

if (import.meta.main) await serveAgent()
