// A reviewer's public record in one sentence.
import type { Labels } from '@seatrial/protocol'
import { labelsNeeded } from '../panel/reviewer-record.ts'
import { brier, skill } from './statistics/calibration.ts'

export function recordWords(labels: Labels | null): string {
  const score = labels ? brier(labels) : null
  if (!labels || score === null) return 'No record yet: nothing it judged was kept or turned down.'
  const better = skill(labels)
  const told = better === null ? 'skill unknown, as all outcomes were alike' : `skill ${better.toFixed(2)}`
  const doubt = labels.n < labelsNeeded ? `; uncalibrated below ${labelsNeeded}` : ''
  return `Brier ${score.toFixed(3)}, ${told}, on ${labels.n} outcome${labels.n === 1 ? '' : 's'}${doubt}.`
}
