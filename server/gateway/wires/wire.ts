// What the gateway knows of one wire format: both ends of it, for requests, answers and errors.
import type { ModelEndpoint } from '../gateway.ts'
import type { AnswerEvent, Json, NeutralRequest } from '../neutral.ts'

/** A frame of a server-sent stream. */
export interface Frame {
  event: string
  data: string
}

/** Where a request of this wire goes on an endpoint, and what it sends. */
export interface Outbound {
  path: string
  body: Json
}

export interface RefusedCall {
  status: number
  /** What kind of refusal; each wire has its own word for it. */
  kind: 'auth' | 'budget' | 'invalid' | 'not_found' | 'rate_limit' | 'overflow' | 'upstream'
  sentence: string
}

/** Turns an answer's events into the text of this wire's stream. */
export interface StreamWriter {
  write(event: AnswerEvent): string
  /** What closes the stream after the last event. */
  end(): string
}

export interface Wire {
  // The agent's side.
  readRequest(body: Json): NeutralRequest
  writeAnswer(events: AnswerEvent[], request: NeutralRequest, model: string): Json
  createWriter(request: NeutralRequest, model: string): StreamWriter
  writeError(refused: RefusedCall): Json

  // The endpoint's side.
  writeRequest(request: NeutralRequest, endpoint: ModelEndpoint): Outbound
  /** The same request for the same wire: only the model's name and what the house must know is changed. */
  passRequest(body: Json, endpoint: ModelEndpoint, stream: boolean): Outbound
  /** The outbound body with so many output tokens at most. */
  limit(body: Json, maxTokens: number, endpoint: ModelEndpoint): Json
  headers(endpoint: ModelEndpoint): Record<string, string>
  readAnswer(body: Json): AnswerEvent[]
  /** Reads a stream frame by frame; keeps state between frames. */
  createReader(): (frame: Frame) => AnswerEvent[]
  /** Found in every frame that says more than how the answer goes on: usage, an end, an error. */
  telling: RegExp

  // Both.
  /** Takes out what would make the provider act or fetch on the agent's behalf: hosted tools, remote addresses. */
  confine(body: Json): Json
  /** Whether a frame only carries usage that the agent did not ask for. */
  isUnasked?(frame: Frame): boolean
  /** Headers of the agent that the endpoint should see. */
  passHeaders: readonly string[]
}
