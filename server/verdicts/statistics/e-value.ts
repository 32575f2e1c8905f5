// Wins against losses under "both are equally good": an e-value that may be watched after every task, and a posterior.
import { logBeta } from './beta.ts'

/**
 * E = B(1 + wins, 1 + losses) · 2^(wins + losses): how often the record is likelier under some unequal strength
 * (all weighted alike) than under equal strength. Under equal strength it ever reaches x with probability ≤ 1/x.
 */
export function eValue(wins: number, losses: number): number {
  return Math.exp(logBeta(1 + wins, 1 + losses) + (wins + losses) * Math.LN2)
}

/** P(θ > ½) for θ ~ Beta(1 + wins, 1 + losses): the exact binomial sum, no approximation. */
export function probabilityBetter(wins: number, losses: number): number {
  const n = wins + losses + 1
  let term = -n * Math.LN2
  let sum = Math.exp(term)
  for (let k = 1; k <= wins; k++) {
    term += Math.log(n - k + 1) - Math.log(k)
    sum += Math.exp(term)
  }
  return Math.min(1, sum)
}
