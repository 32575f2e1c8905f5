// The agent as ACP sees it: sessions, prompts, cancel.
import {
  type AgentApp,
  type AgentContext,
  agent,
  type ContentBlock,
  type McpServer,
  methods,
  RequestError,
} from '@agentclientprotocol/sdk'
import type { ModelMessage, UserContent } from 'ai'
import { openModel, toolSet } from './ask.ts'
import { runTurn } from './loop.ts'
import { connectServers, type RemoteTools } from './mcp.ts'
import { replay } from './replay.ts'
import { messageOf } from './retry.ts'
import { systemPrompt } from './rules.ts'
import { createSession, loadSession, type Session, withoutDangling } from './session.ts'
import type { Settings } from './settings.ts'
import { ownTools } from './tools.ts'
import { createWatcher, type SendUpdate } from './watcher.ts'

interface Open {
  session: Session
  remote: Promise<RemoteTools>
  cancel: AbortController | null
}

export function createAgent(settings: Settings, version: string): AgentApp {
  const open = new Map<string, Open>()
  const remember = (session: Session, servers: McpServer[]): void => {
    void open.get(session.id)?.remote.then((remote) => remote.close())
    open.set(session.id, { session, remote: connectServers(servers, session.cwd), cancel: null })
  }
  const sender = (client: AgentContext, sessionId: string): { send: SendUpdate; settled(): Promise<void> } => {
    let sent = Promise.resolve()
    const send: SendUpdate = (update) => {
      sent = sent.then(() => client.notify(methods.client.session.update, { sessionId, update })).catch(() => undefined)
      return sent
    }
    return { send, settled: () => sent }
  }

  return agent({ name: 'seatrial' })
    .onRequest(methods.agent.initialize, () => ({
      protocolVersion: 1,
      agentInfo: { name: 'seatrial', title: 'Seatrial agent', version },
      agentCapabilities: {
        loadSession: true,
        promptCapabilities: { image: true, embeddedContext: true },
        mcpCapabilities: { http: true, sse: true },
      },
      authMethods: [],
    }))
    .onRequest(methods.agent.session.new, async ({ params }) => {
      const session = await createSession(settings.home, params.cwd)
      remember(session, params.mcpServers)
      return { sessionId: session.id }
    })
    .onRequest(methods.agent.session.load, async ({ params, client }) => {
      const session = await loadSession(settings.home, params.sessionId, params.cwd)
      if (!session) throw RequestError.resourceNotFound(params.sessionId)
      remember(session, params.mcpServers)
      await replay(session.messages, sender(client, session.id).send)
      return {}
    })
    .onRequest(methods.agent.session.prompt, async ({ params, client }) => {
      const found = open.get(params.sessionId)
      if (!found) throw RequestError.resourceNotFound(params.sessionId)
      if (found.cancel)
        throw RequestError.invalidRequest(undefined, 'This session is at work already; cancel it first.')
      const cancel = new AbortController()
      found.cancel = cancel
      const { send, settled } = sender(client, params.sessionId)
      try {
        return { stopReason: await prompt(settings, found, params.prompt, cancel.signal, send) }
      } catch (error) {
        throw RequestError.internalError({ details: messageOf(error) }, messageOf(error))
      } finally {
        found.cancel = null
        await settled()
      }
    })
    .onNotification(methods.agent.session.cancel, ({ params }) => {
      open.get(params.sessionId)?.cancel?.abort()
    })
}

async function prompt(
  settings: Settings,
  { session, remote }: Open,
  blocks: ContentBlock[],
  signal: AbortSignal,
  send: SendUpdate,
) {
  const { tools, failures } = await remote
  for (const failure of failures)
    void send({ sessionUpdate: 'agent_thought_chunk', content: { type: 'text', text: `${failure}\n` } })
  // A turn that was cancelled in the middle of a call left that call without a result.
  session.messages = withoutDangling(session.messages)
  await session.add(userMessage(blocks, session.messages))
  return runTurn({
    settings,
    model: openModel(settings),
    system: await systemPrompt(session.cwd, Math.floor(settings.contextTokens * 0.4)),
    session,
    own: ownTools,
    remote: tools,
    tools: toolSet(ownTools, tools),
    signal,
    watcher: createWatcher(send),
  })
}

function userMessage(blocks: ContentBlock[], before: ModelMessage[]): ModelMessage {
  const content: Exclude<UserContent, string> = []
  for (const block of blocks) {
    if (block.type === 'text') content.push({ type: 'text', text: block.text })
    else if (block.type === 'image') content.push({ type: 'file', mediaType: block.mimeType, data: block.data })
    else if (block.type === 'resource_link') content.push({ type: 'text', text: `(see ${block.uri})` })
    else if (block.type === 'resource' && 'text' in block.resource) {
      content.push({ type: 'text', text: `<file uri="${block.resource.uri}">\n${block.resource.text}\n</file>` })
    }
  }
  const message: ModelMessage = { role: 'user', content }
  // The same task again means that the work was interrupted, not that it is to be done twice.
  const again = before.length > 1 && JSON.stringify(before[0]) === JSON.stringify(message)
  return again
    ? { role: 'user', content: 'You were interrupted. Look at the working tree and go on where you left off.' }
    : message
}
