// The port of agents: a task and a sandbox in, updates and an outcome out. Nothing an agent says is trusted.
import type { Contender, EventBody, Picture } from '@seatrial/protocol'
import type { Sandbox } from '../sandbox/sandbox.ts'

export interface AgentTurn {
  contender: Contender
  sandbox: Sandbox
  /** Directory inside the sandbox the agent works in. */
  cwd: string
  /** Host directory that is HOME inside; the catalog's config files are written there. */
  home: string
  prompt: string
  images: Picture[]
  /** The agent's own session from an earlier turn of this trial, loaded where the agent can. */
  sessionId: string | null
  /** Base URL and token of the gateway as seen from inside; null for agents that need no model. */
  gateway: AgentGateway | null
  mcpServers: McpServer[]
  /** Called in order for every update; the agent is slowed down while a call is pending. */
  onEvent(body: EventBody): Promise<void> | void
  /** Called after a tool call that may have changed the tree ended. */
  onStep(title: string): Promise<void> | void
  onSession(sessionId: string): Promise<void> | void
  /** Takes the next message a person sent for this trial, or null. */
  nextMessage(): Promise<string | null>
  signal: AbortSignal
}

export interface AgentGateway {
  /** Origin without a path, e.g. `http://127.0.0.1:4141`; every wire format is answered below it. */
  baseUrl: string
  token: string
  model: string
  /** Where known; agents size their compaction by it. */
  contextTokens?: number | null
  /** False keeps images from a model that cannot take them. */
  seesImages?: boolean
}

export interface McpServer {
  name: string
  command: string
  args: string[]
  env: Record<string, string>
}

/** What a turn ended as. The agent's own word; checks judge. Never throws for anything an agent does. */
export interface AgentOutcome {
  kind: 'finished' | 'cancelled' | 'crashed' | 'hung' | 'not_ready' | 'refused'
  /** One sentence for people. */
  sentence: string
  /** The agent's closing words. */
  summary: string | null
  sessionId: string | null
}

/** A part of a trial's world that an agent of the catalog is started with. */
export type RunAgent = (turn: AgentTurn) => Promise<AgentOutcome>
