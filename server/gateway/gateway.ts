// The port of the gateway: model calls of trials go through here; keys, budgets and usage stay outside the sandbox.
import type { Usage } from '@seatrial/protocol'

/** An adapter as a server wants it asked for: by a model's name of its own, by fields of the request, or both. */
export interface Worn {
  model: string
  fields: Record<string, unknown>
}

/** One configured model endpoint (`house.toml` [models.NAME]). */
export interface ModelEndpoint {
  name: string
  /** Wire format the endpoint itself speaks. */
  wire: 'openai-chat' | 'openai-responses' | 'anthropic' | 'gemini'
  baseUrl: string
  /** Model name sent upstream. */
  model: string
  apiKey: string | null
  /** Provider id for prices, or null for a local model; `free` marks a model that costs nothing per token. */
  provider: string | null
  free: boolean
  contextTokens: number | null
  seesImages: boolean
  /** How the endpoint is told which adapter a request wears, in its own terms; null where there is nothing to tell. */
  worn: Worn | null
  /** Who made the model, where the name does not tell. */
  family?: string | null
}

/** Who a gateway token spends for, and how much is left. */
export interface Spender {
  trialId: string
  taskId: string
  model: ModelEndpoint
}

/** The most a call can cost, and how much of that its input costs: that much is gone even when no answer comes. */
export interface Reservation {
  tokens: number
  /** Null when the price is not known. */
  micros: number | null
  inputTokens: number
  inputMicros: number | null
}

/** Where usage is kept: reserving comes before each call, settling after it, so that spent money survives a crash. */
export interface Ledger {
  /**
   * Reserves the most a call can cost. Null when it fits, else the sentence that says which budget is spent.
   * Reserving again under the same call replaces what it had reserved; a refused reservation keeps the earlier one.
   * `mayAskLess` says that a refusal is no news yet: the gateway asks again with a shorter answer.
   */
  reserve(spender: Spender, callId: string, most: Reservation, mayAskLess?: boolean): Promise<string | null>
  /** Replaces the reservation by what was metered. */
  settle(spender: Spender, callId: string, usage: Usage, model: string): Promise<void>
}

/** What became of one call, for events and logs. */
export interface CallReport {
  spender: Spender
  callId: string
  /** What was metered; `inputTokens` excludes both cache counts. */
  usage: Usage
  /** Whether some of the count is the house's estimate, because the endpoint gave none. */
  estimated: boolean
  /** `budget`: not started, or cut because it ran past the budget. `cut`: the endpoint, the agent or a revoke ended it. */
  outcome: 'ok' | 'failed' | 'cut' | 'budget'
  /** Status the agent saw. */
  status: number
  /** Why, when it was not ok. */
  sentence: string | null
  startedAt: Date
  durationMs: number
  /** False when the ledger failed to settle; the reservation then stands. */
  settled: boolean
}

export interface Gateway {
  /** Mints a bearer token for a trial; the same trial gets the same spender after a restart with a new token. */
  mint(spender: Spender): string
  /**
   * Ends a trial's spending at once: its tokens are refused and calls in flight are aborted. With a token only what
   * goes by that one: a worker that lost a trial must not end the next one's.
   */
  revoke(trialId: string, token?: string | null): void
  /** Handles any model request from inside a sandbox, on every wire format. */
  fetch(request: Request): Promise<Response>
  close(): Promise<void>
}
