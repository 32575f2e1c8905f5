// From rows to facts: what one finished trial says of its contender. Pure; the journey hands it the rows.
import type { Decision, Outcome, PanelReport, RunFacts, TrialFailure } from '@seatrial/protocol'
import { formula } from './formula.ts'

/** Failures that are not the contender's doing. Limits set by people are not either. */
const notItsDoing: readonly TrialFailure['kind'][] = ['infrastructure', 'setup', 'timeout', 'budget']
/** Reasons of a reject that speak of the candidate itself. */
const itsFault: readonly Decision['code'][] = ['agent_error', 'style', 'scope']

export interface FinishedTrial {
  id: string
  state: 'ready' | 'failed'
  failure: TrialFailure | null
  panel: PanelReport | null
  costMicros: number | null
  decisions: Pick<Decision, 'id' | 'kind' | 'state' | 'code' | 'at'>[]
  outcomes: Pick<Outcome, 'decisionId' | 'kind' | 'at'>[]
  /** A person took a candidate of another contender of the task. */
  otherTaken: boolean
}

const day = 86_400_000

function labelOf(trial: FinishedTrial): { kept: 0 | 1 | null; taken: boolean } {
  const accepted = trial.decisions.find(({ kind, state }) => kind === 'accept' && state === 'applied')
  if (accepted) {
    const soon = Date.parse(accepted.at) + formula.survivalDays * day
    const undone = trial.outcomes.some(
      ({ decisionId, kind, at }) =>
        decisionId === accepted.id && (kind === 'reverted' || kind === 'hotfixed') && Date.parse(at) <= soon,
    )
    // History was rewritten under it: nobody can say any more.
    const lost = trial.outcomes.some(({ decisionId, kind }) => decisionId === accepted.id && kind === 'lost')
    return { kept: undone ? 0 : lost ? null : 1, taken: true }
  }
  const rejected = trial.decisions.find(({ kind }) => kind === 'reject')
  return { kept: rejected && itsFault.includes(rejected.code) ? 0 : null, taken: false }
}

/** Facts of a trial that ended with a candidate or failed; a cancelled one says nothing and is not asked for. */
export function factsOf(trial: FinishedTrial): RunFacts {
  const reviews = (trial.panel?.reviews ?? [])
    .filter(({ engine, excluded }) => engine === 'rules' && excluded === null)
    .map(({ stance, vote, pShip }) => ({ stance, vote, pShip }))
  if (trial.state === 'failed') {
    const infrastructure = trial.failure === null || notItsDoing.includes(trial.failure.kind)
    return {
      status: infrastructure ? 'infrastructure' : 'failed',
      kept: infrastructure ? null : 0,
      gates: infrastructure ? null : false,
      chosen: null,
      costMicros: trial.costMicros,
      reviews: [],
    }
  }
  const { kept, taken } = labelOf(trial)
  const gates = trial.panel ? trial.panel.vetoes.length === 0 : null
  return {
    status: 'offered',
    // What broke a gate and was not taken has failed, whether or not somebody said so.
    kept: kept === null && gates === false && !taken ? 0 : kept,
    gates,
    chosen: taken ? 'taken' : trial.otherTaken && kept === null ? 'left' : null,
    costMicros: trial.costMicros,
    reviews,
  }
}
