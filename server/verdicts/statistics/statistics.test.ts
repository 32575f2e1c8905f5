// Golden vectors: figures from SciPy 1.17 (beta, gamma, Wilson by hand), and a Newton solution in NumPy for the ratings.
import { expect, test } from 'vitest'
import { betaCdf, betaInterval, betaQuantile, logGamma } from './beta.ts'
import { type Pairing, rate, studentT95 } from './bradley-terry.ts'
import { addLabel, applyCalibration, brier, calibrate, noLabels, skill } from './calibration.ts'
import { costRatio, replicates, weightsOf } from './cost-ratio.ts'
import { eValue, probabilityBetter } from './e-value.ts'
import { independentVotes, independentVotesOf } from './independent-votes.ts'
import { wilson } from './wilson.ts'

test('gamma and beta agree with the reference', () => {
  expect(logGamma(0.3)).toBeCloseTo(1.0957979948180756, 11)
  expect(logGamma(7.5)).toBeCloseTo(7.534364236758734, 11)
  expect(logGamma(123.4)).toBeCloseTo(469.3360974421906, 9)
  expect(betaCdf(0.3, 2, 5)).toBeCloseTo(0.579825, 12)
  expect(betaCdf(0.9, 30, 4)).toBeCloseTo(0.5769436641256929, 12)
  expect(betaCdf(0.5, 1.5, 1.5)).toBeCloseTo(0.5, 12)
  expect(betaQuantile(0.025, 9, 3)).toBeCloseTo(0.4822441476398273, 10)
  expect(betaQuantile(0.975, 9, 3)).toBeCloseTo(0.9397822658270933, 10)
})

test('Wilson, e-value and posterior agree with the reference', () => {
  expect(wilson(3, 4)).toEqual({ lower: expect.closeTo(0.3006418426, 9), upper: expect.closeTo(0.9544127392, 9) })
  expect(wilson(4, 4)).toEqual({ lower: expect.closeTo(0.5101091635, 9), upper: 1 })
  expect(wilson(7, 20)).toEqual({ lower: expect.closeTo(0.1811918241, 9), upper: expect.closeTo(0.5671457233, 9) })
  expect(wilson(0, 0)).toEqual({ lower: 0, upper: 1 })
  const golden: [number, number, number, number][] = [
    [7, 0, 16, 0.99609375],
    [6, 0, 9.142857142857139, 0.9921875],
    [12, 2, 12.002930402930394, 0.996307373046875],
    [5, 5, 0.36940836940836935, 0.5],
    [40, 22, 2.133214212030282, 0.9887125136633714],
  ]
  for (const [wins, losses, e, p] of golden) {
    expect(eValue(wins, losses)).toBeCloseTo(e, 9)
    expect(eValue(losses, wins)).toBe(eValue(wins, losses))
    expect(probabilityBetter(wins, losses)).toBeCloseTo(p, 10)
  }
})

test('ratings, their sandwich errors and groups agree with the reference to 1e-6', () => {
  const rows: [number, number, number, number][] = [
    [0, 1, 1, 0],
    [0, 2, 1, 0],
    [1, 2, 0.5, 0],
    [0, 1, 0, 1],
    [1, 2, 1, 1],
    [0, 3, 1, 2],
    [2, 3, 1, 2],
    [1, 3, 1, 3],
    [0, 1, 1, 4],
    [2, 3, 0, 5],
    [0, 2, 0.5, 5],
    [1, 3, 1, 6],
  ]
  const pairings: Pairing[] = rows.map(([a, b, score, task]) => ({ a, b, score, task }))
  const rated = rate(4, pairings)
  const strengths = [1.0692063225843946, 0.6405703637349316, -0.5728920136364525, -1.1368846726828736]
  const errors = [0.5972425414368076, 0.5750734105583553, 0.28229867677360254, 0.7201538760523437]
  for (const [i, { strength, error }] of rated.entries()) {
    expect(Math.abs(strength - strengths[i]!)).toBeLessThan(1e-6)
    expect(Math.abs(error - errors[i]!)).toBeLessThan(1e-6)
  }
  // The order of results says nothing.
  const again = rate(4, pairings.toReversed())
  for (const [i, { strength }] of again.entries()) expect(strength).toBeCloseTo(rated[i]!.strength, 10)
  expect(rate(2, [])).toMatchObject([
    { strength: 0, games: 0, group: 1 },
    { strength: 0, games: 0, group: 1 },
  ])
})

test('Student’s t agrees with the tables; few tasks never tell two contenders apart', () => {
  for (const [degrees, t] of [
    [1, 12.706205],
    [2, 4.302653],
    [6, 2.446912],
    [30, 2.042272],
  ] as const)
    expect(studentT95(degrees)).toBeCloseTo(t, 5)
  const wins = (tasks: number): Pairing[] =>
    Array.from({ length: tasks }, (_, task) => ({ a: 0, b: 1, score: 1, task }))
  const [one] = rate(2, wins(1))
  expect([one?.lower, one?.upper, one?.group]).toEqual([Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY, 1])
  for (const tasks of [2, 3, 5, 6]) expect(rate(2, wins(tasks)).map(({ group }) => group)).toEqual([1, 1])
  expect(rate(2, wins(60)).map(({ group }) => group)).toEqual([1, 2])
})

test('intervals of the ratings cover the truth', () => {
  const random = seeded(11)
  const truth = [0.8, 0.3, -0.2, -0.9]
  let [covered, asked] = [0, 0]
  for (let round = 0; round < 150; round++) {
    const pairings: Pairing[] = []
    for (let task = 0; task < 60; task++)
      for (const [a, b] of [
        [0, 1],
        [2, 3],
        [0, 2],
        [1, 3],
      ] as const)
        pairings.push({ a, b, task, score: random() < 1 / (1 + Math.exp(truth[b]! - truth[a]!)) ? 1 : 0 })
    for (const [i, { lower, upper }] of rate(4, pairings).entries()) {
      asked += 1
      if (lower <= truth[i]! && truth[i]! <= upper) covered += 1
    }
  }
  expect(covered / asked).toBeGreaterThan(0.92)
})

test('independent votes: alike reviewers are worth one, unrelated ones their number', () => {
  expect(independentVotesOf(4, 0.2)).toBeCloseTo(2.5, 12)
  expect(independentVotesOf(4, 1)).toBe(1)
  expect(independentVotesOf(9, 0)).toBe(9)
  expect(independentVotesOf(0, 0.2)).toBe(0)
  const matrix = [
    [1, 0.8, 0.2],
    [0.8, 1, 0.2],
    [0.2, 0.2, 1],
  ]
  expect(independentVotes(matrix)).toBeCloseTo(9 / 5.4, 12)
})

test('a record grows and shrinks exactly, and a few labels barely move a reviewer', () => {
  let labels = noLabels()
  for (const [p, stayed] of [
    [0.9, true],
    [0.8, true],
    [0.7, false],
    [0.2, false],
  ] as const)
    labels = addLabel(labels, p, stayed, 1)
  expect(brier(labels)).toBeCloseTo((0.01 + 0.04 + 0.49 + 0.04) / 4, 9)
  expect(skill(labels)).toBeCloseTo(1 - 0.145 / 0.25, 9)
  expect(addLabel(addLabel(labels, 0.3, true, 1), 0.3, true, -1)).toEqual(labels)
  expect(brier(noLabels())).toBeNull()
  const few = calibrate(labels)
  expect(Math.abs(applyCalibration(few, 0.9) - 0.9)).toBeLessThan(0.05)
  // One who always says 90% and is right half the time is believed less with every label.
  let boaster = noLabels()
  for (let i = 0; i < 200; i++) boaster = addLabel(boaster, 0.9, i % 2 === 0, 1)
  expect(applyCalibration(calibrate(boaster), 0.9)).toBeLessThan(0.65)
  expect(applyCalibration(calibrate(noLabels()), 0.9)).toBeCloseTo(0.9, 12)
})

test('the cost bootstrap is a fair draw, the same for ever, and turns over with the sides', () => {
  const weights = Array.from({ length: 200 }, (_, i) => weightsOf(`t-${i}`))
  expect(weightsOf('t-7')).toEqual(weights[7])
  const mean = weights.flat().reduce((sum, one) => sum + one, 0) / (200 * replicates)
  expect(mean).toBeGreaterThan(0.97)
  expect(mean).toBeLessThan(1.03)
  const drawn = Array.from({ length: replicates }, (_, i) => ({
    costA: 1000 + i,
    costB: 2000 - i,
    shippedA: 5,
    shippedB: 4,
  }))
  const whole = { costA: 1050, costB: 1950, shippedA: 5, shippedB: 4 }
  const swap = (one: typeof whole) => ({
    costA: one.costB,
    costB: one.costA,
    shippedA: one.shippedB,
    shippedB: one.shippedA,
  })
  const there = costRatio(whole, drawn, { a: true, b: true })
  const back = costRatio(swap(whole), drawn.map(swap), { a: true, b: true })
  expect(back.interval!.lower).toBeCloseTo(1 / there.interval!.upper, 12)
  expect(costRatio(whole, drawn, { a: true, b: false })).toMatchObject({ b: null, ratio: null, interval: null })
  expect(costRatio({ ...whole, shippedA: 0 }, drawn, { a: true, b: true }).a).toBeNull()
})

test('Wilson and Beta cover the truth at 4, 10 and 20 tries', () => {
  for (const n of [4, 10, 20]) {
    const reach = Array.from({ length: n + 1 }, (_, hits) => [
      wilson(hits, n),
      betaInterval(1 + hits, 1 + n - hits, 0.95),
    ])
    const covered = [0, 0]
    const steps = 400
    for (let step = 0; step < steps; step++) {
      const p = (step + 0.5) / steps
      let mass = (1 - p) ** n
      for (let hits = 0; hits <= n; hits++) {
        for (const [i, { lower, upper }] of reach[hits]!.entries())
          if (lower <= p && p <= upper) covered[i]! += mass / steps
        mass *= ((n - hits) / (hits + 1)) * (p / (1 - p))
      }
    }
    expect(covered[0]).toBeGreaterThanOrEqual(0.93)
    expect(covered[1]).toBeGreaterThanOrEqual(0.93)
  }
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
