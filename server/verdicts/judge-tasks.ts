// The verdict on two contenders over their shared tasks: the formula, from sums to a label. Pure and symmetric: swapping
// the sides swaps the label and nothing else.
import { type Estimate, type Rate, scoreUnit, type Tally, type Track, type VerdictLabel } from '@seatrial/protocol'
import { formula } from './formula.ts'
import { type Calibrations, panelShare } from './panel-share.ts'
import { betaInterval } from './statistics/beta.ts'
import { type CostSums, costRatio } from './statistics/cost-ratio.ts'
import { eValue, probabilityBetter } from './statistics/e-value.ts'

export interface TasksInputs {
  kind: 'contenders'
  formula: string
  tally: Tally
  calibrations: Calibrations
}

/** How often either side's work was kept on the shared tasks, pulled to a half. */
function baseRateOf({ tasks, score }: Track): number {
  const { startRate, startTasks } = formula
  return ((score.a + score.b) / scoreUnit + startRate * startTasks) / (2 * tasks + startTasks)
}

function rateOf(score: number, tasks: number, baseRate: number): Rate | null {
  if (tasks === 0) return null
  const kept = score / scoreUnit
  const a = formula.priorTasks * baseRate + kept
  const b = formula.priorTasks * (1 - baseRate) + tasks - kept
  return { mean: a / (a + b), ...betaInterval(a, b, formula.intervalLevel) }
}

const sumsOf = ({ cost, shipped }: Track): CostSums => ({
  costA: cost.a,
  costB: cost.b,
  shippedA: shipped.a,
  shippedB: shipped.b,
})

function replicatesOf({ drawn }: Track): CostSums[] {
  const sums: CostSums[] = []
  for (let i = 0; i < drawn.length; i += 4)
    sums.push({ costA: drawn[i]!, costB: drawn[i + 1]!, shippedA: drawn[i + 2]!, shippedB: drawn[i + 3]! })
  return sums
}

interface Side {
  wins: number
  losses: number
  better: number
  rate: Rate | null
  vetoed: boolean
}

/** May this side be shipped, or leaned to, by its own figures? */
function claimOf(side: Side, e: number, provisional: boolean): 'ship' | 'lean' | null {
  if (side.wins <= side.losses || side.vetoed || !side.rate) return null
  if (e >= formula.shipE && side.rate.lower >= formula.shipRate && !provisional) return 'ship'
  return side.better >= formula.leanP && e >= formula.leanE ? 'lean' : null
}

const hopeless = (side: Side): boolean => side.rate !== null && side.rate.upper < formula.shipRate

export function judgeTasks({ tally, calibrations }: TasksInputs): Estimate {
  const provisional = tally.kept.tasks < formula.leastTasks
  const track = provisional ? tally.gates : tally.kept
  const { tasks, wins, losses, ties } = track
  const baseRate = baseRateOf(track)
  const vetoed = (vetoes: number, candidates: number): boolean =>
    candidates > 0 && vetoes > formula.vetoShare * candidates
  const a: Side = {
    wins,
    losses,
    better: probabilityBetter(wins, losses),
    rate: rateOf(track.score.a, tasks, baseRate),
    vetoed: vetoed(tally.vetoed.a, tally.candidates.a),
  }
  const b: Side = {
    wins: losses,
    losses: wins,
    better: probabilityBetter(losses, wins),
    rate: rateOf(track.score.b, tasks, baseRate),
    vetoed: vetoed(tally.vetoed.b, tally.candidates.b),
  }
  const e = eValue(wins, losses)
  const cost = costRatio(sumsOf(track), replicatesOf(track), {
    a: track.unpriced.a === 0,
    b: track.unpriced.b === 0,
  })
  return {
    label: labelOf(a, b, e, { tasks, provisional }),
    provisional,
    opinion: false,
    tasks,
    wins,
    losses,
    ties,
    eValue: e,
    pBetterA: a.better,
    pBetterB: b.better,
    baseRate,
    rateA: a.rate,
    rateB: b.rate,
    vetoedA: a.vetoed,
    vetoedB: b.vetoed,
    panelA: panelShare(tally.stances.a, calibrations, baseRate),
    panelB: panelShare(tally.stances.b, calibrations, baseRate),
    cost,
    cheaper: cost.interval ? (cost.interval.upper < 1 ? 'a' : cost.interval.lower > 1 ? 'b' : null) : null,
  }
}

function labelOf(a: Side, b: Side, e: number, seen: { tasks: number; provisional: boolean }): VerdictLabel {
  if (seen.tasks > 0 && ((a.vetoed && b.vetoed) || (hopeless(a) && hopeless(b)))) return 'ship-neither'
  const [forA, forB] = [claimOf(a, e, seen.provisional), claimOf(b, e, seen.provisional)]
  if (forA) return `${forA}-a`
  if (forB) return `${forB}-b`
  const early = seen.tasks < formula.leastTasks || a.wins + a.losses < formula.leastDecided
  return early ? 'too-early' : 'too-close'
}
