// Ratings of many contenders from pairwise results: Bradley-Terry with a small ridge, by Newton; intervals from the
// sandwich covariance clustered by task, because results on one task are no independent results.

import { betaQuantile } from './beta.ts'

/** One result of `a` against `b` on a task; `score` is 1, ½ or 0 for `a`. Contenders and tasks are numbered from 0. */
export interface Pairing {
  a: number
  b: number
  score: number
  task: number
}

export interface Rating {
  /** Log-strength; the mean over all contenders is 0. */
  strength: number
  /** Sandwich standard error, clustered by task. */
  error: number
  /** 95%; open while fewer than two tasks say anything. */
  lower: number
  upper: number
  games: number
  /** 1 is the best group; contenders of one group cannot be told apart. */
  group: number
}

const ridge = 0.1
const z95 = 1.959963984540054

/** Two-sided 95% of Student's t, by its tie to the Beta distribution; the tail of many degrees is the normal one. */
export const studentT95 = (degrees: number): number =>
  degrees > 1000 ? z95 : Math.sqrt(degrees * (1 / betaQuantile(0.05, degrees / 2, 0.5) - 1))

/** Ratings of `count` contenders. One without games has the mean strength and an open interval. */
export function rate(count: number, pairings: readonly Pairing[]): Rating[] {
  const { won, games, tasks } = sums(count, pairings)
  const strength = fit(count, won, games)
  const bread = inverse(count, hessian(count, games, strength))
  const { spread, clusters } = sandwich(count, bread, scores(count, tasks, pairings, strength))
  const played = Array.from({ length: count }, (_, i) => games.subarray(i * count, (i + 1) * count).reduce(add, 0))
  const rated = Array.from(strength, (value, i) => {
    const error = Math.sqrt(spread[i]!)
    // Where one side won everything, the sandwich has nothing to go by: then the model's own error counts. The ridge's word on
    // the mean, which is 0 by definition, is taken out of it.
    const own = Math.sqrt(bread[i * count + i]! - 1 / (count * ridge))
    const half = Math.max(reachOf(clusters[i]!) * error, z95 * own)
    return { strength: value, error, lower: value - half, upper: value + half, games: played[i]!, group: 0 }
  })
  group(rated)
  return rated
}

/**
 * How many standard errors reach as far as 95%. The sandwich is too sure of itself where few tasks speak, so it is widened by
 * n / (n - 1) and read with Student's t of n - 1 degrees of freedom; one task alone says nothing of how sure it is.
 */
const reachOf = (tasks: number): number =>
  tasks < 2 ? Number.POSITIVE_INFINITY : studentT95(tasks - 1) * Math.sqrt(tasks / (tasks - 1))

/** Who won how often against whom, in one pass; every pair is then written both ways. `tasks` is the highest number + 1. */
function sums(count: number, pairings: readonly Pairing[]): { won: Float64Array; games: Float64Array; tasks: number } {
  const won = new Float64Array(count * count)
  const games = new Float64Array(count * count)
  let last = -1
  for (const { a, b, score, task } of pairings) {
    const at = a * count + b
    won[at]! += score
    games[at]! += 1
    if (task > last) last = task
  }
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < i; j++) {
      const [there, back] = [i * count + j, j * count + i]
      const lost = games[back]! - won[back]!
      won[back]! += games[there]! - won[there]!
      won[there]! += lost
      games[there]! += games[back]!
      games[back] = games[there]!
    }
  }
  return { won, games, tasks: last + 1 }
}

const add = (x: number, y: number): number => x + y
const win = (gap: number): number => 1 / (1 + Math.exp(-gap))

function fit(count: number, won: Float64Array, games: Float64Array): Float64Array {
  const strength = new Float64Array(count)
  for (let step = 0; step < 50; step++) {
    const gradient = strength.map((value) => -ridge * value)
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < count; j++) {
        const n = games[i * count + j]!
        if (n) gradient[i]! += won[i * count + j]! - n * win(strength[i]! - strength[j]!)
      }
    }
    const move = solve(count, hessian(count, games, strength), gradient)
    let largest = 0
    for (let i = 0; i < count; i++) {
      strength[i]! += move[i]!
      largest = Math.max(largest, Math.abs(move[i]!))
    }
    if (largest < 1e-12) break
  }
  return strength
}

/** Of the negative log-likelihood with the ridge: positive definite. */
function hessian(count: number, games: Float64Array, strength: Float64Array): Float64Array {
  const h = new Float64Array(count * count)
  for (let i = 0; i < count; i++) {
    h[i * count + i]! += ridge
    for (let j = i + 1; j < count; j++) {
      const n = games[i * count + j]!
      if (!n) continue
      const p = win(strength[i]! - strength[j]!)
      const w = n * p * (1 - p)
      h[i * count + i]! += w
      h[j * count + j]! += w
      h[i * count + j]! -= w
      h[j * count + i]! -= w
    }
  }
  return h
}

/** Lower triangle L with L L' = h. */
function cholesky(count: number, h: Float64Array): Float64Array {
  const l = new Float64Array(count * count)
  for (let i = 0; i < count; i++) {
    for (let j = 0; j <= i; j++) {
      let sum = h[i * count + j]!
      for (let k = 0; k < j; k++) sum -= l[i * count + k]! * l[j * count + k]!
      l[i * count + j] = i === j ? Math.sqrt(sum) : sum / l[j * count + j]!
    }
  }
  return l
}

function backSolve(count: number, l: Float64Array, right: Float64Array): Float64Array {
  const x = right.slice()
  for (let i = 0; i < count; i++) {
    for (let k = 0; k < i; k++) x[i]! -= l[i * count + k]! * x[k]!
    x[i]! /= l[i * count + i]!
  }
  for (let i = count - 1; i >= 0; i--) {
    for (let k = i + 1; k < count; k++) x[i]! -= l[k * count + i]! * x[k]!
    x[i]! /= l[i * count + i]!
  }
  return x
}

const solve = (count: number, h: Float64Array, right: Float64Array): Float64Array =>
  backSolve(count, cholesky(count, h), right)

function inverse(count: number, h: Float64Array): Float64Array {
  const l = cholesky(count, h)
  const result = new Float64Array(count * count)
  for (let i = 0; i < count; i++) {
    const unit = new Float64Array(count)
    unit[i] = 1
    result.set(backSolve(count, l, unit), i * count)
  }
  return result
}

/** One score vector per task, row after row: what its results together pull each strength by. */
function scores(count: number, tasks: number, pairings: readonly Pairing[], strength: Float64Array): Float64Array {
  const expected = new Float64Array(count * count)
  for (let i = 0; i < count; i++)
    for (let j = 0; j < count; j++) expected[i * count + j] = win(strength[i]! - strength[j]!)
  const vectors = new Float64Array(tasks * count)
  for (const { a, b, score, task } of pairings) {
    const rest = score - expected[a * count + b]!
    const row = task * count
    vectors[row + a]! += rest
    vectors[row + b]! -= rest
  }
  return vectors
}

/** Diagonal of H⁻¹ (Σ g g') H⁻¹, and how many tasks say anything of each. The inner sum is symmetric, so that half of it is added up; zeros are passed over. */
function sandwich(
  count: number,
  bread: Float64Array,
  vectors: Float64Array,
): { spread: Float64Array; clusters: Int32Array } {
  const clusters = new Int32Array(count)
  const meat = new Float64Array(count * count)
  const [touched, pulls] = [new Int32Array(count), new Float64Array(count)]
  for (let row = 0; row < vectors.length; row += count) {
    let n = 0
    for (let i = 0; i < count; i++) {
      const pull = vectors[row + i]!
      if (pull === 0) continue
      clusters[i]! += 1
      touched[n] = i
      pulls[n++] = pull
    }
    for (let x = 0; x < n; x++) {
      const [at, pull] = [touched[x]! * count, pulls[x]!]
      for (let y = 0; y <= x; y++) meat[at + touched[y]!]! += pull * pulls[y]!
    }
  }
  const spread = new Float64Array(count)
  for (let i = 0; i < count; i++) {
    const row = bread.subarray(i * count, (i + 1) * count)
    let sum = 0
    for (let j = 0; j < count; j++) {
      let inner = meat[j * count + j]! * row[j]!
      for (let k = 0; k < j; k++) inner += 2 * meat[j * count + k]! * row[k]!
      sum += row[j]! * inner
    }
    spread[i] = sum
  }
  return { spread, clusters }
}

/** Walks down from the best; a new group starts where an interval lies wholly below the group's best. */
function group(rated: Rating[]): void {
  let number = 0
  let best: Rating | null = null
  for (const one of rated.toSorted((x, y) => y.strength - x.strength)) {
    if (!best || one.upper < best.lower) {
      number += 1
      best = one
    }
    one.group = number
  }
}
