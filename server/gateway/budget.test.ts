import { ProjectSettings } from '@seatrial/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { type Amount, budgetVerdict, type Limits, limitsOf } from './budget.ts'
import { priceOf, pricesSnapshot } from './prices.ts'

const none = { tokens: null, micros: null }
const all = <Value>(value: Value) => ({ trial: value, task: value, day: value })

test('a reservation is let through exactly when every limit still holds afterwards', () => {
  const amount = fc.record({ tokens: fc.nat(1000), micros: fc.option(fc.nat(1000)) })
  const limit = fc.record({ tokens: fc.option(fc.nat(1500)), micros: fc.option(fc.nat(1500)) })
  const scopes = <Value>(value: fc.Arbitrary<Value>) => fc.record({ trial: value, task: value, day: value })
  fc.assert(
    fc.property(scopes(amount), amount, scopes(limit), (spent, reservation, limits) => {
      const holds = (['trial', 'task', 'day'] as const).every((scope) => {
        const { tokens, micros } = limits[scope]
        const sum = (one: keyof Amount) => {
          const [before, more] = [spent[scope][one], reservation[one]]
          return before === null || more === null ? Infinity : before + more
        }
        return (tokens === null || sum('tokens') <= tokens) && (micros === null || sum('micros') <= micros)
      })
      expect(budgetVerdict(spent, reservation, limits) === null).toBe(holds)
    }),
  )
})

test('the sentence names the budget and the figures', () => {
  const limits: Limits = { ...all(none), task: { tokens: null, micros: 2_000_000 } }
  const spent = all({ tokens: 5, micros: 1_900_000 })
  expect(budgetVerdict(spent, { tokens: 1, micros: 250_000 }, limits)).toBe(
    "The task's budget of $2.00 is spent ($1.90 used, up to $0.25 more needed).",
  )
})

test('the tightest of several limits counts', () => {
  const settings = ProjectSettings.parse({ budget: { taskMicros: 5, dayMicros: 100, trialTokens: 7 } })
  expect(limitsOf(settings.budget, { micros: 9, tokens: 3, minutes: null }, { dayMicros: 50, dayTokens: 8 })).toEqual({
    trial: { micros: null, tokens: 7 },
    task: { micros: 5, tokens: 3 },
    day: { micros: 50, tokens: 8 },
  })
})

test('prices are dated, split by cache, and unknown where unknown', () => {
  const at = new Date('2026-11-01')
  const usage = { inputTokens: 150_000, cacheReadTokens: 800_000, cacheWriteTokens: 50_000, outputTokens: 20_000 }
  // $5, $0.50, $6.25 and $25 per million
  expect(priceOf('claude-opus-4-7', 'anthropic', usage, at)).toBe(750_000 + 400_000 + 312_500 + 500_000)
  expect(priceOf('claude-opus-4-7', 'anthropic', { ...usage, cacheWrite1hTokens: 50_000 }, at)).toBe(2_150_000)
  const plain = { inputTokens: 1_000_000, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1_000_000 }
  expect(priceOf('o3', 'openai', plain, new Date('2025-05-01'))).toBe(50_000_000)
  expect(priceOf('o3', 'openai', plain, new Date('2025-12-01'))).toBe(10_000_000)
  expect(priceOf('nobody-knows', 'openai', plain, at)).toBeNull()
  expect(priceOf('o3', 'nobody', plain, at)).toBeNull()
  expect(priceOf('o3', null, plain, at)).toBeNull()
  expect(priceOf('gpt-4o-mini', 'openai', { ...plain, inputTokens: 1, outputTokens: 0 }, at)).toBe(1)
})

test('the installed price data has a known date', () => {
  const snapshot = pricesSnapshot()
  expect(snapshot).toMatchObject({ source: '@pydantic/genai-prices', version: expect.stringMatching(/^\d/) })
  expect(snapshot.checkedAt, 'a new release of the price data needs its day in prices.ts').toMatch(/^\d{4}-\d\d-\d\d$/)
  expect(snapshot.sha256).toMatch(/^[0-9a-f]{64}$/)
})
