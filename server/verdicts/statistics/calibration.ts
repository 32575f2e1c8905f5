// How right a reviewer has been, from sums that grow by one label at a time: Brier score, skill, and a logistic
// recalibration that is pulled to "believe it as it is" while labels are few.
import type { Labels } from '@seatrial/protocol'

/** Predictions by twentieths, so that a refit costs the same after ten labels and after ten thousand. */
export const binCount = 21

export const noLabels = (): Labels => ({
  n: 0,
  stayed: 0,
  squares: 0,
  bins: Array.from({ length: binCount }, () => [0, 0]),
})

/** Adds a label (`times` 1) or takes one back (`times` -1). */
export function addLabel(labels: Labels, pShip: number, stayed: boolean, times: 1 | -1): Labels {
  const y = stayed ? 1 : 0
  const bin = Math.round(pShip * (binCount - 1))
  const bins = labels.bins.map((pair): [number, number] => [...pair])
  bins[bin]![0] += times
  bins[bin]![1] += times * y
  return {
    n: labels.n + times,
    stayed: labels.stayed + times * y,
    squares: labels.squares + times * Math.round((pShip - y) ** 2 * 1e9),
    bins,
  }
}

/** Mean squared error of the probabilities; null without labels. */
export const brier = (labels: Labels): number | null => (labels.n === 0 ? null : labels.squares / 1e9 / labels.n)

/** A reviewer that was always on one side cannot tell good from bad; null when it was not, or has judged nothing. */
export function oneSided(labels: Labels): 'ships' | 'skips' | null {
  const middle = (binCount - 1) / 2
  const used = labels.bins.flatMap(([n], bin) => (n > 0 ? bin : []))
  if (used.length === 0) return null
  return used.every((bin) => bin > middle) ? 'ships' : used.every((bin) => bin < middle) ? 'skips' : null
}

/** 1 is perfect, 0 says no more than the base rate, below 0 misleads; null while the outcomes are all alike. */
export function skill(labels: Labels): number | null {
  if (oneSided(labels)) return 0
  const score = brier(labels)
  const rate = labels.stayed / labels.n
  const reference = rate * (1 - rate)
  return score === null || reference === 0 ? null : 1 - score / reference
}

export interface Calibration {
  a: number
  b: number
}

/** Labels at which the record and the prior weigh the same. */
export const halfTrust = 40
/** Strength of the pull of the fit itself to (0, 1), in labels; keeps it finite when the outcomes are separable. */
const ridge = 1

const logit = (p: number): number => Math.log(p / (1 - p))
const inside = (p: number): number => Math.min(0.98, Math.max(0.02, p))

/** q = σ(a + b·logit p) by Newton on the bins, then (a, b) shrunk to (0, 1) by n / (n + 40). */
export function calibrate(labels: Labels): Calibration {
  let a = 0
  let b = 1
  for (let step = 0; step < 25; step++) {
    let [ga, gb, haa, hab, hbb] = [-ridge * a, -ridge * (b - 1), ridge, 0, ridge]
    for (const [bin, [n, y]] of labels.bins.entries()) {
      if (n === 0) continue
      const x = logit(inside(bin / (binCount - 1)))
      const q = 1 / (1 + Math.exp(-(a + b * x)))
      const weight = n * q * (1 - q)
      ga += y - n * q
      gb += (y - n * q) * x
      haa += weight
      hab += weight * x
      hbb += weight * x * x
    }
    const det = haa * hbb - hab * hab
    const da = (ga * hbb - gb * hab) / det
    const db = (gb * haa - ga * hab) / det
    a += Math.max(-2, Math.min(2, da))
    b += Math.max(-2, Math.min(2, db))
    if (Math.abs(da) + Math.abs(db) < 1e-12) break
  }
  const trust = labels.n / (labels.n + halfTrust)
  return { a: trust * a, b: 1 + trust * (b - 1) }
}

/** The recalibrated probability. */
export const applyCalibration = ({ a, b }: Calibration, p: number): number =>
  1 / (1 + Math.exp(-(a + b * logit(inside(p)))))
