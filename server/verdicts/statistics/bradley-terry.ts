// Ratings of many contenders from pairwise results: Bradley-Terry with a small ridge, by Newton; intervals from the
// sandwich covariance clustered by task, because results on one task are no independent results.

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
  /** 95%. */
  lower: number
  upper: number
  games: number
  /** 1 is the best group; contenders of one group cannot be told apart. */
  group: number
}

const ridge = 0.1
const z95 = 1.959963984540054

/** Ratings of `count` contenders. One without games has the mean strength and an open interval. */
export function rate(count: number, pairings: readonly Pairing[]): Rating[] {
  const won = new Float64Array(count * count)
  const games = new Float64Array(count * count)
  for (const { a, b, score } of pairings) {
    won[a * count + b]! += score
    won[b * count + a]! += 1 - score
    games[a * count + b]! += 1
    games[b * count + a]! += 1
  }
  const strength = fit(count, won, games)
  const bread = inverse(count, hessian(count, games, strength))
  const spread = sandwich(count, bread, scores(count, pairings, strength))
  const played = Array.from({ length: count }, (_, i) => games.subarray(i * count, (i + 1) * count).reduce(add, 0))
  const rated = Array.from(strength, (value, i) => {
    const half = played[i] ? z95 * Math.sqrt(spread[i]!) : Number.POSITIVE_INFINITY
    return { strength: value, lower: value - half, upper: value + half, games: played[i]!, group: 0 }
  })
  group(rated)
  return rated
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

/** One score vector per task: what its results together pull each strength by. */
function scores(count: number, pairings: readonly Pairing[], strength: Float64Array): Float64Array[] {
  const expected = new Float64Array(count * count)
  for (let i = 0; i < count; i++)
    for (let j = 0; j < count; j++) expected[i * count + j] = win(strength[i]! - strength[j]!)
  const byTask: Float64Array[] = []
  for (const { a, b, score, task } of pairings) {
    let vector = byTask[task]
    if (!vector) byTask[task] = vector = new Float64Array(count)
    const rest = score - expected[a * count + b]!
    vector[a]! += rest
    vector[b]! -= rest
  }
  return byTask.filter(Boolean)
}

/** Diagonal of H⁻¹ (Σ g g') H⁻¹, which is Σ (H⁻¹ g)². Tasks with one pairing each take the short way. */
function sandwich(count: number, bread: Float64Array, vectors: readonly Float64Array[]): Float64Array {
  const spread = new Float64Array(count)
  const meat = new Float64Array(count * count)
  for (const g of vectors) {
    const touched: number[] = []
    for (let i = 0; i < count; i++) if (g[i] !== 0) touched.push(i)
    for (const i of touched) for (const j of touched) meat[i * count + j]! += g[i]! * g[j]!
  }
  for (let i = 0; i < count; i++) {
    const row = bread.subarray(i * count, (i + 1) * count)
    let sum = 0
    for (let j = 0; j < count; j++) {
      let inner = 0
      for (let k = 0; k < count; k++) inner += meat[j * count + k]! * row[k]!
      sum += row[j]! * inner
    }
    spread[i] = sum
  }
  return spread
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
