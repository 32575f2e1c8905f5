// Counts one call: what the endpoint reported, and an estimate where it reported nothing.
import { type AnswerEvent, noTokens, type TokenCount } from './neutral.ts'

export interface Metered {
  count: TokenCount
  /** Whether some of it is our estimate. */
  estimated: boolean
}

export interface Meter {
  add(events: AnswerEvent[]): void
  /** Counts more of the answer that nobody read: so many bytes of it. */
  grow(bytes: number): void
  /** Whether the answer came to its end. */
  finished(): boolean
  /** Output tokens so far, for calls that run past what was reserved. */
  outputSoFar(): number
  /** What the call came to: `reserved` at most where nothing else is known, `afterMs` from when it was sent. */
  result(reserved: { inputTokens: number; outputTokens: number }, afterMs: number): Metered
}

const bytesPerOutputToken = 4
/** What an endpoint may have written, and counted, before a word of it was to be seen: thoughts, or a whole answer. */
const unseenTokensPerSecond = 200

/** Bytes of the answer itself that an event carries. */
function bytesOf(event: AnswerEvent): number {
  if ('delta' in event) return Buffer.byteLength(event.delta)
  return event.kind === 'call' ? event.name.length : 0
}

export function createMeter(): Meter {
  let reported: Partial<TokenCount> = {}
  let outputBytes = 0
  let finished = false
  const outputSoFar = () => Math.max(reported.output ?? 0, Math.ceil(outputBytes / bytesPerOutputToken))
  return {
    add(events) {
      for (const event of events) {
        if (event.kind === 'usage') reported = { ...reported, ...event.count }
        else if (event.kind === 'finish') finished = true
        else outputBytes += bytesOf(event)
      }
    },
    grow(bytes) {
      outputBytes += bytes
    },
    finished: () => finished,
    outputSoFar,
    result(reserved, afterMs) {
      const inputKnown = reported.input !== undefined
      // A count given before the end is only the beginning of it.
      const outputKnown = finished && reported.output !== undefined
      const count = { ...noTokens, ...reported }
      if (!inputKnown) count.input = reserved.inputTokens
      if (!outputKnown) count.output = outputSoFar()
      if (!finished && outputBytes === 0) {
        const unseen = Math.ceil((afterMs / 1000) * unseenTokensPerSecond)
        count.output = Math.max(count.output, Math.min(unseen, reserved.outputTokens))
      }
      return { count, estimated: !inputKnown || !outputKnown }
    },
  }
}
