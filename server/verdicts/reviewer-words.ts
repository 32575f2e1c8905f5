// A reviewer's public record in one sentence.
import type { Labels } from '@seatrial/protocol'
import { brier, halfTrust, oneSided, skill } from './statistics/calibration.ts'

export function recordWords(labels: Labels | null): string {
  const score = labels ? brier(labels) : null
  if (!labels || score === null) return 'No record yet: nothing it judged was kept or turned down.'
  const better = skill(labels)
  const side = oneSided(labels)
  if (side) return `It always ${side}, so it says nothing: skill 0, on ${labels.n} outcome${labels.n === 1 ? '' : 's'}.`
  const told = better === null ? 'skill unknown, as all outcomes were alike' : `skill ${better.toFixed(2)}`
  const doubt = labels.n < halfTrust ? `; uncalibrated below ${halfTrust}` : ''
  return `Brier ${score.toFixed(3)}, ${told}, on ${labels.n} outcome${labels.n === 1 ? '' : 's'}${doubt}.`
}
