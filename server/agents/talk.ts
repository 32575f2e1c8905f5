// The conversation itself: initialize, open or load a session, prompt, then prompt again while people send messages.
import {
  type ClientContext,
  type ContentBlock,
  client,
  type McpServerStdio,
  methods,
  type NewSessionResponse,
  PROTOCOL_VERSION,
  RequestError,
  type Stream,
} from '@agentclientprotocol/sdk'
import type { AgentOutcome, AgentTurn, McpServer } from './agent.ts'
import type { CatalogEntry } from './entry.ts'
import type { Report } from './report.ts'
import { plain, readToolPatch, readUpdate } from './updates.ts'

export interface Talk {
  /** Settles when the agent is done with every message; rejects on protocol errors and when the connection closes. */
  ended: Promise<AgentOutcome>
  /** Resolves when the agent has opened its session. */
  opened: Promise<void>
  /** The session, once open. */
  sessionId(): string | null
  /** Asks the agent to stop its turn. */
  cancel(): void
}

interface Options {
  entry: CatalogEntry
  version: string | null
  turn: AgentTurn
  mcpServers: McpServer[]
  report: Report
}

export function startTalk(stream: Stream, options: Options): Talk {
  const opened = Promise.withResolvers<void>()
  opened.promise.catch(() => undefined)
  const state = { listening: false, cancelled: false, sessionId: null as string | null }
  const app = client({ name: 'seatrial' })
    .onNotification(methods.client.session.update, loose, ({ params }) => {
      if (state.listening) hear(options.report, params.update)
    })
    .onRequest(methods.client.session.requestPermission, loose, ({ params }) => {
      const patch = readToolPatch(params.toolCall)
      if (patch && state.listening) options.report.tool(patch)
      return { outcome: state.cancelled ? { outcome: 'cancelled' } : allow(params.options) }
    })
    .onRequest('*', ({ method }) => {
      throw RequestError.methodNotFound(plain(method, 100))
    })
    .onNotification('*', () => undefined)
  const connection = app.connect(stream)
  const ended = converse(connection.agent, options, state, opened.resolve)
  ended.catch(opened.reject)
  return {
    ended,
    opened: opened.promise,
    sessionId: () => state.sessionId,
    cancel() {
      state.cancelled = true
      if (!state.sessionId) return
      connection.agent.notify(methods.agent.session.cancel, { sessionId: state.sessionId }).catch(() => undefined)
    },
  }
}

const loose = (params: unknown): Record<string, unknown> =>
  typeof params === 'object' && params !== null ? (params as Record<string, unknown>) : {}

function hear(report: Report, raw: unknown): void {
  const update = readUpdate(raw)
  if (update?.kind === 'said') report.said(update.role, update.text)
  else if (update?.kind === 'tool') report.tool(update.patch)
  else if (update?.kind === 'plan') report.planned(update.entries)
}

/** The sandbox decides what is possible; asking is only the agent's manner, so the answer is always yes. */
function allow(options: unknown): { outcome: 'selected'; optionId: string } | { outcome: 'cancelled' } {
  const choices = (Array.isArray(options) ? options : [])
    .map(loose)
    .filter((choice) => typeof choice.optionId === 'string')
  const best = ['allow_once', 'allow_always']
    .map((kind) => choices.find((choice) => choice.kind === kind))
    .find(Boolean)
  const chosen = best ?? choices.find((choice) => !String(choice.kind).startsWith('reject')) ?? choices[0]
  return chosen ? { outcome: 'selected', optionId: String(chosen.optionId) } : { outcome: 'cancelled' }
}

async function converse(
  agent: ClientContext,
  options: Options,
  state: { listening: boolean; cancelled: boolean; sessionId: string | null },
  opened: () => void,
): Promise<AgentOutcome> {
  const { entry, turn, report } = options
  const hello = await agent.request(methods.agent.initialize, {
    protocolVersion: PROTOCOL_VERSION,
    clientInfo: { name: 'seatrial', version: '1' },
    clientCapabilities: { fs: { readTextFile: false, writeTextFile: false }, terminal: false },
  })
  const version = plain(hello.agentInfo?.version, 60) || options.version
  report.event({ type: 'agent.started', agent: entry.id, version })

  const { sessionId, loaded } = await openSession(agent, options, hello.agentCapabilities?.loadSession === true)
  state.sessionId = sessionId
  await report.ask(() => turn.onSession(sessionId))
  await stopAsking(agent, entry, sessionId)
  await new Promise((resolve) => setImmediate(resolve))
  opened()
  state.listening = true

  const takesImages = hello.agentCapabilities?.promptCapabilities?.image === true
  let prompt: ContentBlock[] = firstPrompt(entry, turn, takesImages && turn.gateway?.seesImages !== false)
  for (;;) {
    const { stopReason } = await agent.request(methods.agent.session.prompt, { sessionId, prompt })
    // Notifications that arrived before the answer are still on their way through the SDK.
    await new Promise((resolve) => setImmediate(resolve))
    const reason = plain(stopReason, 40)
    report.event({ type: 'agent.stopped', reason })
    const said = { summary: report.lastWords(), sessionId }
    if (state.cancelled) return { kind: 'cancelled', sentence: `${entry.label} was cancelled.`, ...said }
    if (reason === 'refusal') return { kind: 'refused', sentence: `${entry.label} refused to go on.`, ...said }
    const next = await report.ask(() => turn.nextMessage())
    if (next === null) return { kind: 'finished', sentence: finish(entry, reason, loaded), ...said }
    prompt = [{ type: 'text', text: next }]
  }
}

function finish(entry: CatalogEntry, reason: string, loaded: boolean): string {
  const how = reason === 'end_turn' ? 'ended its turn' : `stopped by itself (${reason})`
  return `${entry.label} ${how}${loaded ? ' after going on with its earlier session' : ''}.`
}

async function openSession(
  agent: ClientContext,
  { turn, mcpServers, report }: Options,
  canLoad: boolean,
): Promise<{ sessionId: string; loaded: boolean }> {
  const servers: McpServerStdio[] = mcpServers.map(({ env, ...server }) => ({
    ...server,
    env: Object.entries(env).map(([name, value]) => ({ name, value })),
  }))
  const world = { cwd: turn.cwd, mcpServers: servers }
  if (turn.sessionId && canLoad) {
    try {
      await agent.request(methods.agent.session.load, { sessionId: turn.sessionId, ...world })
      return { sessionId: turn.sessionId, loaded: true }
    } catch (error) {
      // A session that is gone is no reason to fail: the workspace still holds what was done.
      if (!(error instanceof RequestError)) throw error
      report.said('thought', `[The earlier session could not be loaded: ${wordsOf(error)}]\n`)
    }
  }
  const opened: NewSessionResponse = await agent.request(methods.agent.session.new, world)
  const sessionId = String(opened.sessionId)
  if (sessionId.length > 500) throw new Error('its session id is longer than 500 characters')
  return { sessionId, loaded: false }
}

/** What an error of the agent says, in one line. */
export function wordsOf({ message, data }: RequestError): string {
  const more = data === undefined || data === null ? '' : typeof data === 'string' ? data : JSON.stringify(data)
  return plain(`${message}${more ? ` (${more})` : ''}`, 400).replace(/\s+/g, ' ')
}

/** An agent that does not know the switch is asked no further: permission is granted anyway. */
async function stopAsking(agent: ClientContext, entry: CatalogEntry, sessionId: string): Promise<void> {
  if (!entry.noAsk) return
  try {
    if ('mode' in entry.noAsk) {
      await agent.request(methods.agent.session.setMode, { sessionId, modeId: entry.noAsk.mode })
      return
    }
    const { option, value } = entry.noAsk
    const typed = typeof value === 'boolean' ? { type: 'boolean' as const, value } : { value }
    await agent.request(methods.agent.session.setConfigOption, { sessionId, configId: option, ...typed })
  } catch (error) {
    if (!(error instanceof RequestError)) throw error
  }
}

function firstPrompt(entry: CatalogEntry, turn: AgentTurn, takesImages: boolean): ContentBlock[] {
  const shown = entry.seesImages && takesImages ? turn.images : []
  const hidden = turn.images.length - shown.length
  const note = hidden > 0 ? `\n\n(${hidden} attached image${hidden > 1 ? 's' : ''} cannot be shown to you.)` : ''
  return [
    { type: 'text' as const, text: turn.prompt + note },
    ...shown.map((picture) => ({ type: 'image' as const, mimeType: picture.mediaType, data: picture.data })),
  ]
}
