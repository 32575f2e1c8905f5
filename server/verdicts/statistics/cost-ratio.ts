// Dollars per shipped change of two contenders, and how sure the ratio is: a bootstrap over tasks whose weights are
// drawn from the task's name. It needs no order and no memory of the tasks, so one more task is one more addition.
import { createHash } from 'node:crypto'

export const replicates = 100

/** Sums over tasks, one entry per replicate; integers, so that adding and taking away are exact. */
export interface CostSums {
  costA: number
  costB: number
  shippedA: number
  shippedB: number
}

/** Poisson(1) from a number in [0, 1). */
function poisson(u: number): number {
  let k = 0
  let p = Math.exp(-1)
  let sum = p
  while (u >= sum && k < 8) {
    k += 1
    p /= k
    sum += p
  }
  return k
}

/** How often each replicate draws this task. The same for ever: the seed is the task. */
export function weightsOf(taskId: string): number[] {
  const weights: number[] = []
  for (let block = 0; weights.length < replicates; block++) {
    const bytes = createHash('sha256').update(`formula-1:${block}:${taskId}`).digest()
    for (let at = 0; at + 4 <= bytes.length && weights.length < replicates; at += 4)
      weights.push(poisson(bytes.readUInt32BE(at) / 2 ** 32))
  }
  return weights
}

export interface CostRatio {
  /** Micro-dollars per shipped change; null when nothing shipped or a price is unknown. */
  a: number | null
  b: number | null
  /** a over b. */
  ratio: number | null
  /** 90% of the replicates lie between; null when too few replicates shipped on both sides. */
  interval: { lower: number; upper: number } | null
}

const per = (cost: number, shipped: number): number | null => (shipped > 0 ? cost / shipped : null)

/** `whole` is the real sums, `drawn` the replicates. */
export function costRatio(whole: CostSums, drawn: readonly CostSums[], known: { a: boolean; b: boolean }): CostRatio {
  const a = known.a ? per(whole.costA, whole.shippedA) : null
  const b = known.b ? per(whole.costB, whole.shippedB) : null
  const ratio = a !== null && b !== null && a > 0 && b > 0 ? a / b : null
  if (ratio === null) return { a, b, ratio: null, interval: null }
  const logs = drawn
    .filter((one) => one.shippedA > 0 && one.shippedB > 0 && one.costA > 0 && one.costB > 0)
    .map((one) => Math.log(one.costA / one.shippedA) - Math.log(one.costB / one.shippedB))
    .sort((x, y) => x - y)
  if (logs.length < 0.9 * replicates) return { a, b, ratio, interval: null }
  const cut = Math.floor(logs.length * 0.05)
  return { a, b, ratio, interval: { lower: Math.exp(logs[cut]!), upper: Math.exp(logs[logs.length - 1 - cut]!) } }
}
