// Forecasts come due: each case of what can become of a change.
import { expect, test } from 'vitest'
import { forecastDays } from '../panel/review-by-rules.ts'
import { scoreForecasts, standingOf, type Told } from './forecasts.ts'
import { formula } from './formula.ts'

const told = (kind: Told['outcomes'][number]['kind'] | null, on: string, more: Partial<Told> = {}): Told => ({
  forecast: { claim: 'It stays.', due: '2026-11-20', probability: 0.8 },
  outcomes: kind ? [{ kind, at: `${on}T12:00:00.000Z` }] : [],
  undone: false,
  ...more,
})

test.each([
  ['not due yet', told('merged', '2026-11-10'), '2026-11-20', 'open'],
  ['held once its day is over', told('merged', '2026-11-10'), '2026-11-21', 'held'],
  ['reverted before its day fails at once', told('reverted', '2026-11-12'), '2026-11-13', 'failed'],
  ['hot-fixed on its day fails', told('hotfixed', '2026-11-20'), '2026-11-21', 'failed'],
  ['taken back by the person fails', told('merged', '2026-11-10', { undone: true }), '2026-11-11', 'failed'],
  ['never landed: nobody can say', told(null, ''), '2026-11-21', 'unknown'],
  ['history rewritten: nobody can say', told('lost', '2026-11-12'), '2026-11-21', 'unknown'],
] as const)('%s', (_, one, today, standing) => {
  expect(standingOf(one, today)).toBe(standing)
})

test('reverted after its day is another matter: it held', () => {
  const late = told('merged', '2026-11-10')
  late.outcomes.push({ kind: 'reverted', at: '2026-11-25T00:00:00.000Z' })
  expect(standingOf(late, '2026-11-26')).toBe('held')
})

test('the score counts what came due and says the rest', () => {
  const all = [told('survived', '2026-11-19'), told('reverted', '2026-11-12'), told(null, '')]
  expect(scoreForecasts(all, '2026-11-21')).toEqual({
    ...{ made: 3, open: 0, held: 1, failed: 1, unknown: 1, brier: expect.closeTo((0.04 + 0.64) / 2, 9) },
    sentence: '1 of 2 forecasts held, Brier 0.340; 1 that nobody can tell.',
  })
  expect(scoreForecasts([told('merged', '2026-11-10')], '2026-11-11').sentence).toBe(
    'No forecast has come due; 1 not due yet.',
  )
})

test('no forecast reaches further than the house watches', () => {
  expect(forecastDays).toBeLessThanOrEqual(formula.survivalDays)
})
