// A sliding minute per address, in memory: sign-in, tokens and what strangers may send, on one house.
import { Refusal } from '@seatrial/protocol'

const minuteMs = 60_000
/** Addresses remembered at most; the longest quiet are forgotten first. */
const mostKeys = 50_000

/** Returns a function that refuses the call over the limit within a minute. */
export function createRateLimit(options: { perMinute: number; now?: () => number }): (key: string) => void {
  const now = options.now ?? Date.now
  const calls = new Map<string, number[]>()
  return (key) => {
    const at = now()
    const recent = (calls.get(key) ?? []).filter((time) => time > at - minuteMs)
    if (recent.length >= options.perMinute) throw new Refusal('too_many', 'Too many tries; wait a minute.')
    // Deleted and set again, so that the map stays in the order of the last call and its head is the oldest.
    calls.delete(key)
    calls.set(key, [...recent, at])
    for (const [other, times] of calls) {
      if (calls.size <= mostKeys && (times.at(-1) ?? 0) > at - minuteMs) break
      calls.delete(other)
    }
  }
}
