// A sliding minute per caller, in memory: enough for sign-in on one house.
import { Refusal } from '@seatrial/protocol'

/** Returns a function that refuses the call over the limit within a minute. */
export function createRateLimit(options: { perMinute: number; now?: () => number }): (key: string) => void {
  const now = options.now ?? Date.now
  const calls = new Map<string, number[]>()
  return (key) => {
    const since = now() - 60_000
    for (const [other, times] of calls) if ((times.at(-1) ?? 0) < since) calls.delete(other)
    const recent = (calls.get(key) ?? []).filter((time) => time > since)
    if (recent.length >= options.perMinute) throw new Refusal('too_many', 'Too many tries; wait a minute.')
    calls.set(key, [...recent, now()])
  }
}
