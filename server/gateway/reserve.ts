// Reserves the most a call can cost before it starts, and holds the call to what was reserved.
import { askedMaxTokens, cautiousBytesPerToken, tokensOf, type Weight } from './estimate.ts'
import type { Ledger, ModelEndpoint } from './gateway.ts'
import type { Plan } from './plan.ts'
import type { Prices } from './prices.ts'
import type { Account } from './spenders.ts'

/** Smaller limits that are tried when the whole does not fit; a shorter answer is better than none. */
const rungs = [16_384, 4096, 1024]
const usualMaxOutput = 32_768

/** The most a call comes to. */
interface Most {
  inputTokens: number
  outputTokens: number
  keptLong: boolean
}

export interface Reserved extends Most {
  /** Whether the answer had to be made shorter than asked. */
  limited: boolean
}

/** What so many tokens can cost at most: written to a cache or not, whichever is dearer. */
export function mostMicros(prices: Prices, endpoint: ModelEndpoint, most: Most, at: Date): number | null {
  if (endpoint.free) return 0
  const input = most.inputTokens
  const none = { inputTokens: 0, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: most.outputTokens }
  const ways = [
    { ...none, inputTokens: input },
    { ...none, cacheWriteTokens: input, cacheWrite1hTokens: most.keptLong ? input : 0 },
  ].map((tokens) => prices.priceOf(endpoint.model, endpoint.provider, tokens, at))
  return ways.reduce((most, way) => (most === null || way === null ? null : Math.max(most, way)))
}

export interface Reserver {
  ledger: Ledger
  prices: Prices
  account: Account
  callId: string
  at: Date
}

/** Null when it fits, else the sentence that says which budget is spent. */
export function reserve(
  { ledger, prices, account, callId, at }: Reserver,
  most: Most,
  mayAskLess = false,
): Promise<string | null> {
  const { spender } = account
  const micros = mostMicros(prices, spender.model, most, at)
  const inputMicros = mostMicros(prices, spender.model, { ...most, outputTokens: 0 }, at)
  const amount = { tokens: most.inputTokens + most.outputTokens, micros }
  return ledger.reserve(spender, callId, { ...amount, inputTokens: most.inputTokens, inputMicros }, mayAskLess)
}

/** Reserves for a plan and limits its output when only less fits. A string says which budget is spent. */
export async function reservePlan(reserver: Reserver, plan: Plan, weight: Weight): Promise<Reserved | string> {
  const { spender, bytesPerToken } = reserver.account
  const endpoint = spender.model
  const inputTokens = tokensOf(weight, Math.min(bytesPerToken ?? cautiousBytesPerToken, cautiousBytesPerToken * 2))
  const whole = askedMaxTokens(plan.send.body) ?? Math.min(endpoint.contextTokens ?? usualMaxOutput, usualMaxOutput)
  const ladder = [whole, ...rungs.filter((rung) => rung < whole)]
  let sentence = ''
  for (const outputTokens of ladder) {
    const most = { inputTokens, outputTokens, keptLong: weight.keptLong }
    const refused = await reserve(reserver, most, outputTokens !== ladder.at(-1))
    if (refused === null) {
      const limited = outputTokens < whole
      if (limited) plan.send.body = plan.outbound.limit(plan.send.body, outputTokens, endpoint)
      return { ...most, limited }
    }
    sentence = refused
  }
  return sentence
}
