// How many independent votes a panel is worth: k² / (1' R 1), R being the reviewers' error correlation.
import type { Review } from '@seatrial/protocol'
import { correlations } from './stances.ts'

function correlation(a: Review, b: Review): number {
  const models = [a, b].filter((one) => one.engine.startsWith('model:'))
  if (models.length === 0) return a.engine === b.engine || !isHuman(a, b) ? correlations.rules : 0
  if (models.length === 1) return correlations.rulesAndModel
  return a.family === b.family ? correlations.sameModel : correlations.otherFamily
}

const isHuman = (a: Review, b: Review): boolean => a.engine.startsWith('human:') || b.engine.startsWith('human:')

/** Abstentions are no votes and do not count. */
export function effectiveVotes(reviews: readonly Review[]): number {
  const votes = reviews.filter((one) => one.vote !== 'abstain' && one.excluded === null)
  const k = votes.length
  if (k === 0) return 0
  let sum = k
  for (const [at, a] of votes.entries()) {
    for (const b of votes.slice(at + 1)) sum += 2 * correlation(a, b)
  }
  return Math.round(((k * k) / sum) * 100) / 100
}
