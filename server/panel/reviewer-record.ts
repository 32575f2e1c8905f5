// How right a reviewer has been: Brier score and skill against always saying the base rate; calibration shrunk by few labels.
import { logit, sigmoid } from './stances.ts'

/** One past review with what became of the candidate: true when it was accepted and stayed. */
export interface Label {
  pShip: number
  stayed: boolean
}

export interface ReviewerRecord {
  labels: number
  brier: number | null
  /** 1 is perfect, 0 says no more than the base rate, below 0 misleads. */
  skill: number | null
  calibrated: boolean
  sentence: string
}

/** Below this many labels even a good reviewer's skill cannot be told from chance. */
export const labelsNeeded = 40

export function reviewerRecord(labels: readonly Label[]): ReviewerRecord {
  const n = labels.length
  if (n === 0) return { labels: 0, brier: null, skill: null, calibrated: false, sentence: 'No outcome is known yet.' }
  const y = (one: Label): number => (one.stayed ? 1 : 0)
  const rate = labels.reduce((sum, one) => sum + y(one), 0) / n
  const brier = labels.reduce((sum, one) => sum + (one.pShip - y(one)) ** 2, 0) / n
  const reference = rate * (1 - rate)
  // One who always says the same cannot tell good from bad: no skill, however the outcomes fell.
  const always = labels.every((one) => one.pShip >= 0.5)
    ? 'always ships'
    : labels.every((one) => one.pShip < 0.5)
      ? 'always skips'
      : null
  const skill = always !== null || reference === 0 ? 0 : 1 - brier / reference
  const calibrated = n >= labelsNeeded
  const doubt = calibrated ? '' : `; uncalibrated until ${labelsNeeded} outcomes are known`
  const told = always ? `It ${always}, so it says nothing: skill 0` : `Skill ${skill.toFixed(2)}`
  return { labels: n, brier, skill, calibrated, sentence: `${told} on ${n} outcomes${doubt}.` }
}

/** `q = sigmoid(a + b logit p)`, fitted by Newton steps with a ridge, then shrunk to `a=0, b=1` by `n / (n + 40)`. */
export function calibrate(labels: readonly Label[]): { a: number; b: number } {
  // From zero, where the curve is steepest, and never more than one per step: Newton's way overshoots elsewhere.
  let a = 0
  let b = 0
  const most = (step: number): number => Math.max(-1, Math.min(1, step))
  const ridge = 1
  for (let step = 0; step < 25; step++) {
    let [ga, gb, haa, hab, hbb] = [-ridge * a, -ridge * (b - 1), ridge, 0, ridge]
    for (const { pShip, stayed } of labels) {
      const x = logit(pShip)
      const q = sigmoid(a + b * x)
      const error = (stayed ? 1 : 0) - q
      const weight = q * (1 - q)
      ga += error
      gb += error * x
      haa += weight
      hab += weight * x
      hbb += weight * x * x
    }
    const det = haa * hbb - hab * hab
    a += most((hbb * ga - hab * gb) / det)
    b += most((haa * gb - hab * ga) / det)
  }
  const trust = labels.length / (labels.length + labelsNeeded)
  return { a: a * trust, b: 1 + (b - 1) * trust }
}
