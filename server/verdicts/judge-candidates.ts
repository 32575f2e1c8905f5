// The verdict on two candidates of one task: gates, the selection among the task's candidates, and a person's choice.
// Without a person nothing rises above LEAN.
import type { Estimate, RunFacts, VerdictLabel } from '@seatrial/protocol'
import { type Calibrations, panelShare } from './panel-share.ts'
import { compareRuns, noTally, withCell } from './tally.ts'

export interface CandidatesInputs {
  kind: 'candidates'
  formula: string
  taskId: string
  a: RunFacts
  b: RunFacts
  /** Whom the selection recommends: one of the two, another candidate of the task, none, or not made yet. */
  selected: 'a' | 'b' | 'other' | 'none' | 'pending'
  calibrations: Calibrations
}

function labelOf({ a, b, selected }: CandidatesInputs): VerdictLabel {
  if (a.kept === 1 && b.kept !== 1) return 'ship-a'
  if (b.kept === 1 && a.kept !== 1) return 'ship-b'
  const bad = (facts: RunFacts): boolean => facts.gates !== true || facts.kept === 0
  if (bad(a) && bad(b)) return a.gates === null && b.gates === null ? 'too-early' : 'ship-neither'
  if (selected === 'pending') return 'too-early'
  if (selected === 'none') return 'ship-neither'
  const [badA, badB] = [bad(a), bad(b)]
  if (!badA && (badB || selected === 'a')) return 'lean-a'
  if (!badB && (badA || selected === 'b')) return 'lean-b'
  return 'too-close'
}

export function judgeCandidates(inputs: CandidatesInputs): Estimate {
  const cell = compareRuns([inputs.a], [inputs.b])
  const tally = cell ? withCell(noTally(), inputs.taskId, cell, 1) : noTally()
  const known = (facts: RunFacts): number | null => facts.costMicros
  const [costA, costB] = [known(inputs.a), known(inputs.b)]
  return {
    label: labelOf(inputs),
    provisional: inputs.a.kept === null && inputs.b.kept === null,
    opinion: false,
    tasks: cell ? 1 : 0,
    wins: tally.gates.wins,
    losses: tally.gates.losses,
    ties: tally.gates.ties,
    // One task decides nothing about the contenders, and this is no claim about them.
    eValue: 1,
    pBetterA: 0.5,
    pBetterB: 0.5,
    baseRate: 0.5,
    rateA: null,
    rateB: null,
    vetoedA: inputs.a.gates === false,
    vetoedB: inputs.b.gates === false,
    panelA: panelShare(tally.stances.a, inputs.calibrations, 0.5),
    panelB: panelShare(tally.stances.b, inputs.calibrations, 0.5),
    cost: { a: costA, b: costB, ratio: costA !== null && costB ? costA / costB : null, interval: null },
    cheaper: null,
  }
}
