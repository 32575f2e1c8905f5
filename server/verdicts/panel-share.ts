// The panel's word on one side: votes, the share with the number of independent votes it is worth, and the probability.
import { type PanelShare, Stance, type StanceCounts, type StanceTally, scoreUnit } from '@seatrial/protocol'
import { correlations, logit, sigmoid } from '../panel/stances.ts'
import { applyCalibration, type Calibration } from './statistics/calibration.ts'
import { independentVotesOf } from './statistics/independent-votes.ts'
import { wilson } from './statistics/wilson.ts'

export type Calibrations = Record<Stance, Calibration>

export const uncalibrated: Calibrations = Object.fromEntries(
  Stance.options.map((stance) => [stance, { a: 0, b: 1 }]),
) as Calibrations

/** Stances that abstained everywhere are no votes. The interval is Wilson's at the independent votes, not the counted. */
export function panelShare(counts: StanceCounts, calibrations: Calibrations, baseRate: number): PanelShare {
  const stances = Stance.options.map((stance): StanceTally => {
    const { ship, skip, abstain, p } = counts[stance]
    const pShip = ship + skip > 0 ? p / scoreUnit / (ship + skip) : null
    const calibrated = pShip === null ? null : applyCalibration(calibrations[stance], pShip)
    return { stance, ship, skip, abstain, pShip, calibrated }
  })
  const sum = (key: 'ship' | 'skip' | 'abstain'): number => stances.reduce((total, one) => total + one[key], 0)
  const [ship, skip] = [sum('ship'), sum('skip')]
  const voted = stances.flatMap(({ calibrated }) => (calibrated === null ? [] : [calibrated]))
  const effectiveVotes = independentVotesOf(voted.length, correlations.rules)
  const share = ship + skip > 0 ? ship / (ship + skip) : null
  const pull = voted.reduce((total, q) => total + logit(q) - logit(baseRate), 0)
  return {
    ship,
    skip,
    abstain: sum('abstain'),
    share,
    interval: share === null ? null : wilson(share * effectiveVotes, effectiveVotes),
    effectiveVotes,
    pShip: voted.length === 0 ? null : sigmoid(logit(baseRate) + (effectiveVotes / voted.length) * pull),
    stances,
  }
}
