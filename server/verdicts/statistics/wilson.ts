// Wilson's interval for a share: keeps its promise at small n, where the usual one does not (E. B. Wilson, 1927).
import type { Interval } from './beta.ts'

/** Normal quantile of 95% confidence. */
const z95 = 1.959963984540054

/** The 95% interval of `hits` out of `n`; everything when n is 0. */
export function wilson(hits: number, n: number, z: number = z95): Interval {
  if (n === 0) return { lower: 0, upper: 1 }
  const p = hits / n
  const centre = (p + (z * z) / (2 * n)) / (1 + (z * z) / n)
  const half = (z / (1 + (z * z) / n)) * Math.sqrt((p * (1 - p)) / n + (z * z) / (4 * n * n))
  return { lower: Math.max(0, centre - half), upper: Math.min(1, centre + half) }
}
