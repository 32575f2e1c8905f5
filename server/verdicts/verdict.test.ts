// The formula as a whole: false winners under live watching, symmetry, infrastructure failures, order, gates, dossiers.

import { readFileSync } from 'node:fs'
import type { Dossier, Estimate, RunFacts, Tally, Track } from '@seatrial/protocol'
import { Refusal, scoreUnit } from '@seatrial/protocol'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { canonical } from './canonical.ts'
import { readDossier } from './dossier.ts'
import { readDossier as readStance } from './dossier-stances.ts'
import { judge } from './judge.ts'
import { judgeCandidates } from './judge-candidates.ts'
import { judgeTasks } from './judge-tasks.ts'
import { outcomeOf, type Sight } from './outcome.ts'
import { uncalibrated } from './panel-share.ts'
import { tasksToShip } from './plan.ts'
import { factsOf } from './run-facts.ts'
import { compareRuns, noTally, withCell } from './tally.ts'

const run = (kept: 0 | 1 | null, more: Partial<RunFacts> = {}): RunFacts => ({
  status: 'offered',
  kept,
  gates: true,
  chosen: null,
  costMicros: 1000,
  reviews: [{ stance: 'builder', vote: 'ship', pShip: 0.8 }],
  ...more,
})
const infrastructure: RunFacts = {
  status: 'infrastructure',
  kept: null,
  gates: null,
  chosen: null,
  costMicros: 77,
  reviews: [],
}

/** Tasks in order, each with the runs of both sides. */
type Tasks = [RunFacts[], RunFacts[]][]
const tallyOf = (tasks: Tasks): Tally =>
  tasks.reduce((tally, [a, b], i) => {
    const cell = compareRuns(a, b)
    return cell ? withCell(tally, `t-${i}`, cell, 1) : tally
  }, noTally())
const verdictOf = (tally: Tally): Estimate =>
  judgeTasks({ kind: 'contenders', formula: 'v1', tally, calibrations: uncalibrated })
const times = (n: number, a: 0 | 1, b: 0 | 1): Tasks => Array.from({ length: n }, () => [[run(a)], [run(b)]])

test('seven wins of seven ship, five decide nothing', () => {
  expect(verdictOf(tallyOf(times(7, 1, 0))).label).toBe('ship-a')
  expect(verdictOf(tallyOf(times(7, 0, 1))).label).toBe('ship-b')
  expect(verdictOf(tallyOf(times(5, 1, 0))).label).toBe('lean-a')
  expect(verdictOf(tallyOf(times(3, 1, 0))).label).toBe('too-early')
  expect(verdictOf(tallyOf(times(30, 1, 1))).label).toBe('too-early')
  expect(verdictOf(tallyOf([...times(9, 1, 0), ...times(9, 0, 1)])).label).toBe('too-close')
  expect(verdictOf(tallyOf(times(20, 0, 0))).label).toBe('ship-neither')
  expect(verdictOf(noTally())).toMatchObject({ label: 'too-early', rateA: null, rateB: null })
})

test('gates alone never rise above LEAN, and are called provisional', () => {
  const byGates: Tasks = Array.from({ length: 20 }, () => [[run(null)], [run(null, { gates: false, kept: null })]])
  expect(verdictOf(tallyOf(byGates))).toMatchObject({ label: 'lean-a', provisional: true })
})

/** Labels seen while a comparison is watched after every task. Only sums matter here, so they are added directly. */
function watch(
  random: () => number,
  tasks: number,
  pA: number,
  pB: number,
): { shipped: string | null; leaned: boolean } {
  const kept: Track = { ...noTally().kept, drawn: [] }
  const tally: Tally = { ...noTally(), kept, gates: { ...kept } }
  let leaned = false
  for (let task = 1; task <= tasks; task++) {
    // Some tasks are hard for both: results on one task hang together.
    const hard = (random() - 0.5) * 0.4
    const [a, b] = [random() < pA + hard ? 1 : 0, random() < pB + hard ? 1 : 0]
    kept.tasks = task
    kept.wins += a > b ? 1 : 0
    kept.losses += b > a ? 1 : 0
    kept.ties += a === b ? 1 : 0
    kept.score = { a: kept.score.a + a * scoreUnit, b: kept.score.b + b * scoreUnit }
    if (a === b || task < 5) continue
    const { label } = verdictOf(tally)
    if (label === 'ship-a' || label === 'ship-b') return { shipped: label, leaned: true }
    if (label.startsWith('lean')) leaned = true
  }
  return { shipped: null, leaned }
}

test('equal strength, watched after every task: a false winner at most one time in ten', () => {
  const random = seeded(20261123)
  for (const [tasks, rounds] of [
    [20, 300],
    [60, 150],
    [200, 60],
  ] as const) {
    for (const strength of [0.5, 0.7]) {
      const seen = Array.from({ length: rounds }, () => watch(random, tasks, strength, strength))
      expect(seen.filter(({ shipped }) => shipped !== null).length / rounds).toBeLessThanOrEqual(0.1)
      expect(seen.filter(({ leaned }) => leaned).length / rounds).toBeLessThanOrEqual(0.34)
    }
  }
})

test('a real difference is found, and the worse one is not named', () => {
  const random = seeded(7)
  const seen = Array.from({ length: 100 }, () => watch(random, 60, 0.85, 0.5))
  expect(seen.filter(({ shipped }) => shipped === 'ship-a').length).toBeGreaterThan(40)
  expect(seen.filter(({ shipped }) => shipped === 'ship-b').length).toBeLessThanOrEqual(2)
})

const facts = fc.record({
  status: fc.constantFrom('offered' as const, 'offered' as const, 'failed' as const),
  kept: fc.constantFrom(0 as const, 1 as const, null),
  gates: fc.constantFrom(true, false, null),
  chosen: fc.constantFrom('taken' as const, 'left' as const, null),
  costMicros: fc.oneof(fc.integer({ min: 0, max: 5_000_000 }), fc.constant(null)),
  reviews: fc.array(
    fc.record({
      stance: fc.constantFrom('builder' as const, 'skeptic' as const, 'product' as const),
      vote: fc.constantFrom('ship' as const, 'skip' as const, 'abstain' as const),
      pShip: fc.double({ min: 0.02, max: 0.98, noNaN: true }),
    }),
    { maxLength: 3 },
  ),
})
const side = fc.array(facts, { minLength: 1, maxLength: 3 })
const manyTasks = fc.array(fc.tuple(side, side), { maxLength: 25 })

const mirror = { 'ship-a': 'ship-b', 'ship-b': 'ship-a', 'lean-a': 'lean-b', 'lean-b': 'lean-a' } as Record<
  string,
  string
>

test('swapping the sides swaps the verdict exactly', () => {
  fc.assert(
    fc.property(manyTasks, (tasks) => {
      const there = verdictOf(tallyOf(tasks))
      const back = verdictOf(tallyOf(tasks.map(([a, b]) => [b, a])))
      expect(back.label).toBe(mirror[there.label] ?? there.label)
      expect([back.rateA, back.pBetterA, back.panelA, back.eValue]).toEqual([
        there.rateB,
        there.pBetterB,
        there.panelB,
        there.eValue,
      ])
    }),
    { numRuns: 60, seed: 1 },
  )
})

test('an infrastructure failure more changes nothing at all', () => {
  fc.assert(
    fc.property(manyTasks, fc.nat(24), fc.boolean(), (tasks, at, left) => {
      const more: Tasks = tasks.map(([a, b], i) =>
        i !== at ? [a, b] : left ? [[infrastructure, ...a], b] : [a, [...b, infrastructure]],
      )
      expect(canonical(tallyOf(more))).toBe(canonical(tallyOf(tasks)))
    }),
    { numRuns: 40, seed: 2 },
  )
  expect(compareRuns([infrastructure], [run(1)])).toBeNull()
})

test('sums do not remember the order, and a cell taken away was never there', () => {
  fc.assert(
    fc.property(manyTasks, (tasks) => {
      const cells = tasks.flatMap(([a, b], i) => {
        const cell = compareRuns(a, b)
        return cell ? [{ id: `t-${i}`, cell }] : []
      })
      const sum = (list: typeof cells): Tally =>
        list.reduce((tally, { id, cell }) => withCell(tally, id, cell, 1), noTally())
      const whole = canonical(sum(cells))
      expect(canonical(sum(cells.toReversed()))).toBe(whole)
      const extra = compareRuns([run(1)], [run(0)])!
      expect(canonical(withCell(withCell(sum(cells), 't-x', extra, 1), 't-x', extra, -1))).toBe(whole)
      // Stored and read again, the same inputs give the same bytes.
      const inputs = { kind: 'contenders' as const, formula: 'v1', tally: sum(cells), calibrations: uncalibrated }
      expect(canonical(judge(JSON.parse(canonical(inputs))))).toBe(canonical(judge(inputs)))
    }),
    { numRuns: 40, seed: 3 },
  )
})

test('failed attempts are paid for, and an unknown price is never a number', () => {
  const failed = run(0, { status: 'failed', gates: false, costMicros: 3000, reviews: [] })
  const dear = verdictOf(tallyOf(Array.from({ length: 6 }, () => [[failed, run(1)], [run(1)]])))
  expect(dear.cost.a).toBe(4000)
  expect(dear.cost.b).toBe(1000)
  const unknown = verdictOf(tallyOf([...times(5, 1, 1), [[run(1, { costMicros: null })], [run(1)]]]))
  expect(unknown.cost).toMatchObject({ a: null, ratio: null })
})

test('a person’s choice between two candidates of a task counts as a win, and blames nobody', () => {
  const cell = compareRuns([run(1, { chosen: 'taken' })], [run(null, { chosen: 'left' })])!
  expect(cell).toMatchObject({ chosen: 'a', kept: null })
  expect(withCell(noTally(), 't', cell, 1).kept).toMatchObject({ wins: 1, losses: 0, tasks: 0 })
})

test('facts of a trial: reasons that speak of the candidate count, others are silence', () => {
  const at = '2026-11-01T00:00:00.000Z'
  const base = {
    id: 'r',
    state: 'ready' as const,
    failure: null,
    panel: null,
    costMicros: 1,
    outcomes: [],
    otherTaken: false,
  }
  const decided = (kind: 'accept' | 'reject', code: 'scope' | 'workflow', state: 'applied' | 'recorded' | 'undone') =>
    factsOf({ ...base, decisions: [{ id: 'd', kind, code, state, at }] }).kept
  expect(decided('reject', 'scope', 'recorded')).toBe(0)
  expect(decided('reject', 'workflow', 'recorded')).toBeNull()
  expect(decided('accept', 'workflow', 'applied')).toBe(1)
  expect(decided('accept', 'workflow', 'undone')).toBeNull()
  const accepted = [{ id: 'd', kind: 'accept' as const, code: 'unknown' as const, state: 'applied' as const, at }]
  const after = (kind: 'reverted' | 'hotfixed' | 'lost' | 'survived', on: string) =>
    factsOf({ ...base, decisions: accepted, outcomes: [{ decisionId: 'd', kind, at: on }] }).kept
  expect(after('reverted', '2026-11-10T00:00:00.000Z')).toBe(0)
  expect(after('hotfixed', '2026-12-10T00:00:00.000Z')).toBe(1)
  expect(after('lost', '2026-11-10T00:00:00.000Z')).toBeNull()
  expect(after('survived', '2026-11-16T00:00:00.000Z')).toBe(1)
  for (const kind of ['infrastructure', 'timeout', 'setup', 'budget'] as const)
    expect(factsOf({ ...base, state: 'failed', failure: { kind, sentence: '' }, decisions: [] }).status).toBe(
      'infrastructure',
    )
  expect(factsOf({ ...base, state: 'failed', failure: { kind: 'empty', sentence: '' }, decisions: [] }).kept).toBe(0)
})

test('two candidates of one task: never above LEAN without a person', () => {
  const inputs = { kind: 'candidates' as const, formula: 'v1', taskId: 't', calibrations: uncalibrated }
  const label = (a: RunFacts, b: RunFacts, selected: 'a' | 'b' | 'none' | 'other' | 'pending') =>
    judgeCandidates({ ...inputs, a, b, selected }).label
  expect(label(run(null), run(null, { gates: false }), 'a')).toBe('lean-a')
  expect(label(run(null), run(null), 'b')).toBe('lean-b')
  expect(label(run(null), run(null), 'other')).toBe('too-close')
  expect(label(run(null, { gates: false }), run(null, { gates: false }), 'none')).toBe('ship-neither')
  expect(label(run(1), run(null), 'b')).toBe('ship-a')
  expect(label(run(null), run(null), 'pending')).toBe('too-early')
})

const shipped = (name: string): string => readFileSync(new URL(`./dossiers/${name}.toml`, import.meta.url), 'utf8')

test('the built-in dossiers are sound, and dossiers alone stay an opinion', () => {
  const [a, b] = ['cursor-background-agent', 'mistral-small-3-1'].map((name) =>
    readDossier(shipped(name), name, '2026-11-23'),
  ) as [Dossier, Dossier]
  const estimate = judge({ kind: 'dossiers', formula: 'v1', a, b })
  expect(estimate).toMatchObject({ label: 'too-early', opinion: true })
  for (const dossier of [a, b])
    for (const stance of ['builder', 'skeptic', 'futurist', 'product'] as const) {
      const said = readStance(dossier, stance)
      expect(said.text.split(/\s+/).length).toBeLessThanOrEqual(61)
      for (const id of said.cites) expect(dossier.facts.map((fact) => fact.id)).toContain(id)
      if (said.vote !== 'abstain') expect(said.cites.length).toBeGreaterThan(0)
    }
})

test('a dossier with a missing source, a bad day, a day to come or a double id is refused in one sentence', () => {
  const good = shipped('mistral-small-3-1')
  const broken: [string, RegExp][] = [
    [good.replace(/source = "[^"]*mistral.ai[^"]*"\n/, ''), /fact no-agent, source/],
    [good.replace('date = 2025-03-17', 'date = "17.3.2025"'), /fact no-agent, date/],
    [good.replace('date = 2025-03-17', 'date = 2031-01-01'), /still to come/],
    [good.replace('id = "code-score"', 'id = "no-agent"'), /two facts are called no-agent/],
    [good.replace('name = ', 'name '), /line 3/],
  ]
  for (const [text, why] of broken) {
    const refusal = (() => {
      try {
        return readDossier(text, 'dossier', '2026-11-23')
      } catch (error) {
        return error
      }
    })()
    expect(refusal).toBeInstanceOf(Refusal)
    expect((refusal as Refusal).message).toMatch(why)
  }
})

test('what became of a change: merged, reverted, hot-fixed, survived, or lost under rewritten history', () => {
  const day = 86_400_000
  const start = new Date('2026-11-01T00:00:00Z')
  const at = (days: number) => new Date(start.getTime() + days * day)
  const merged = { kind: 'merged' as const, ref: 'c1', at: start }
  const sight = (more: Partial<Sight>): Sight => ({
    acceptedAt: start,
    now: at(3),
    known: [merged],
    ref: 'c1',
    reachable: true,
    tip: 'tip',
    tipAt: at(2),
    share: 1,
    later: [],
    ...more,
  })
  expect(outcomeOf(sight({ known: [], ref: null, reachable: false }))).toMatchObject({ kind: 'merged', ref: 'tip' })
  expect(outcomeOf(sight({ known: [], ref: null, reachable: false, share: 0.2 }))).toBeNull()
  expect(outcomeOf(sight({}))).toBeNull()
  expect(outcomeOf(sight({ now: at(15) }))).toMatchObject({ kind: 'survived' })
  const undo = { sha: 'c2', at: at(2), message: 'Revert "x"\n\nThis reverts commit c1.' }
  expect(outcomeOf(sight({ share: 0, later: [undo] }))).toMatchObject({ kind: 'reverted', ref: 'c2' })
  const repair = { sha: 'c3', at: at(2), message: 'Fix the sum' }
  expect(outcomeOf(sight({ share: 0.8, later: [repair] }))).toMatchObject({ kind: 'hotfixed', ref: 'c3' })
  expect(outcomeOf(sight({ share: 0.8, now: at(40), later: [{ ...repair, at: at(30) }] }))).toMatchObject({
    kind: 'survived',
  })
  expect(outcomeOf(sight({ reachable: false, share: 0 }))).toMatchObject({ kind: 'lost' })
  expect(outcomeOf(sight({ reachable: false, share: 1, now: at(15) }))).toMatchObject({ kind: 'survived' })
  expect(outcomeOf(sight({ known: [merged, { ...merged, kind: 'lost' }] }))).toBeNull()
})

test('a plan asks for more tasks where less is known', () => {
  expect(tasksToShip(0, 0)).toBeGreaterThan(6)
  expect(tasksToShip(6, 0)).toBe(1)
  expect(tasksToShip(7, 0)).toBe(0)
  expect(tasksToShip(50, 50)).toBeNull()
})

/** A small generator of our own, so that a simulation is the same everywhere (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}
