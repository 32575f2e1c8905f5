// How many independent votes k reviewers are worth: k² / (1' R 1), R being the correlation of their errors.

/** `correlations[i][j]` with ones on the diagonal; 0 reviewers are worth 0 votes. */
export function independentVotes(correlations: readonly (readonly number[])[]): number {
  const k = correlations.length
  if (k === 0) return 0
  let sum = 0
  for (const row of correlations) for (const value of row) sum += value
  return (k * k) / sum
}

/** Reviewers who all correlate alike. */
export const independentVotesOf = (k: number, correlation: number): number =>
  k === 0 ? 0 : (k * k) / (k + k * (k - 1) * correlation)
