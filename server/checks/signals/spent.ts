// What the candidate cost, in money and time, against what was allowed.
import { bad, type Draft, good, neutral, notMeasured } from './draft.ts'
import type { Facts } from './facts.ts'

const dollars = (micros: number): string => `$${(micros / 1_000_000).toFixed(micros < 1_000_000 ? 3 : 2)}`

export async function measureCost(facts: Facts): Promise<Draft> {
  const { cost } = facts
  if (cost === null) return notMeasured('Cost was not metered')
  const { micros, tokens, limitMicros, limitTokens } = cost
  const tokensOver = limitTokens !== null && tokens > limitTokens
  if (micros === null) {
    if (tokensOver) return bad('major', `${tokens} tokens, over the budget of ${limitTokens}`, { head: tokens })
    return notMeasured(`The price of ${tokens} tokens is unknown`)
  }
  const more = { base: limitMicros, head: micros }
  if (limitMicros !== null && micros > limitMicros)
    return bad('major', `${dollars(micros)}, over the budget of ${dollars(limitMicros)}`, more)
  if (tokensOver) return bad('major', `${tokens} tokens, over the budget of ${limitTokens}`, more)
  if (limitMicros !== null) return good(`${dollars(micros)} of ${dollars(limitMicros)} allowed`, more)
  return micros === 0 ? good('No money was spent', more) : neutral(`${dollars(micros)}, no limit was set`, more)
}

export async function measureTime(facts: Facts): Promise<Draft> {
  const { time } = facts
  if (time === null) return notMeasured('Time was not taken')
  const minutes = (ms: number): string =>
    ms < 60_000 ? `${(ms / 1000).toFixed(0)} s` : `${(ms / 60_000).toFixed(1)} min`
  const more = { base: time.limitMs, head: time.ms }
  if (time.limitMs !== null && time.ms > time.limitMs)
    return bad('major', `${minutes(time.ms)}, over the ${minutes(time.limitMs)} allowed`, more)
  if (time.limitMs !== null) return good(`${minutes(time.ms)} of ${minutes(time.limitMs)} allowed`, more)
  return neutral(`${minutes(time.ms)}, no limit was set`, more)
}
