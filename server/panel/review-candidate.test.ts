// The panel's arithmetic: disjoint inputs, effective votes, vetoes, staleness, forecasts.
import { PanelReport, type Signal, SignalKind, Stance } from '@seatrial/protocol'
import { expect, it } from 'vitest'
import { effectiveVotes } from './effective-votes.ts'
import { reviewCandidate } from './review-candidate.ts'
import { stances } from './stances.ts'

const signal = (kind: SignalKind, more: Partial<Signal> = {}): Signal => ({
  id: kind,
  kind,
  state: 'measured',
  verdict: 'good',
  severity: 'info',
  sentence: `All is well with ${kind}`,
  tree: 'tree',
  tool: 'test',
  base: null,
  head: null,
  places: [],
  lists: {},
  ...more,
})
const all = (more: Partial<Record<SignalKind, Partial<Signal>>> = {}): Signal[] =>
  SignalKind.options.map((kind) => signal(kind, more[kind]))
const review = (signals: Signal[]) => reviewCandidate({ trialId: 'r-1', tree: 'tree', signals, today: '2026-11-23' })

it('shows every kind of signal to exactly one stance', () => {
  const seen = Stance.options.flatMap((stance) => Object.keys(stances[stance].weights))
  expect(seen.toSorted()).toEqual([...SignalKind.options].toSorted())
})

it('ships what is good in every respect, in a valid report', () => {
  const report = PanelReport.parse(review(all()))
  expect(report).toMatchObject({ ship: 4, skip: 0, abstain: 0, vetoes: [], effectiveVotes: 2.5 })
  expect(report.pShip).toBeGreaterThan(0.9)
})

it('votes four times the same for about two and a half independent votes', () => {
  const { reviews } = review(all())
  expect(effectiveVotes(reviews)).toBe(2.5)
  const twins = reviews.map((one) => ({ ...one, engine: 'model:ministral' }))
  expect(effectiveVotes(twins)).toBeCloseTo(16 / (4 + 12 * 0.8), 2)
  expect(effectiveVotes(reviews.map((one) => ({ ...one, vote: 'abstain' as const })))).toBe(0)
})

it('abstains where nothing was measured, and never ships', () => {
  const nothing = all(
    Object.fromEntries(SignalKind.options.map((kind) => [kind, { state: 'not_measured', verdict: null }])),
  )
  const report = review(nothing)
  expect(report).toMatchObject({ ship: 0, abstain: 4, effectiveVotes: 0, pShip: 0.5 })
})

it('takes a signal of another tree for not measured', () => {
  const report = review(all().map((one) => ({ ...one, tree: 'older' })))
  expect(report.ship).toBe(0)
  expect(report.reviews[0]?.text).toContain('another tree')
})

it('does not let an error pass for good', () => {
  const report = review(
    all({
      tests: { state: 'error', verdict: null, severity: 'major' },
      build: { state: 'not_measured', verdict: null },
      types: { state: 'not_measured', verdict: null },
    }),
  )
  expect(report.reviews.find((one) => one.stance === 'builder')?.vote).toBe('abstain')
})

it('is overruled by a veto, whatever the votes', () => {
  const report = review(all({ secrets: { verdict: 'bad', severity: 'critical', sentence: 'A key was added' } }))
  expect(report).toMatchObject({ ship: 3, skip: 1, vetoes: ['A key was added [secrets].'] })
  expect(report.pShip).toBeLessThanOrEqual(0.05)
})

it('lets only the futurist forecast, with a day on which it comes due', () => {
  const { reviews } = review(all())
  const [forecast] = reviews.flatMap((one) => one.forecast ?? [])
  expect(reviews.filter((one) => one.forecast !== null).map((one) => one.stance)).toEqual(['futurist'])
  expect(forecast).toMatchObject({ due: '2026-12-07' })
})

it('keeps to sixty words when sentences are long', () => {
  const long = Array.from({ length: 80 }, (_, at) => `word${at}`).join(' ')
  for (const one of review(all({ tests: { verdict: 'bad', severity: 'critical', sentence: long } })).reviews) {
    expect(one.text.split(/\s+/).length).toBeLessThanOrEqual(60)
    expect(one.text).toMatch(/\[[\w-]+\]\.$/)
  }
})
