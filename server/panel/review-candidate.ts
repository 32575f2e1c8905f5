// The panel: four rule reviewers, any further reviews that were asked for, and gates that no vote can outweigh.
import { type PanelReport, type Review, type Signal, type SignalKind, Stance, type Usage } from '@seatrial/protocol'
import { effectiveVotes } from './effective-votes.ts'
import { reviewByRules } from './review-by-rules.ts'
import { logit, severities, sigmoid, vetoes } from './stances.ts'

export interface ReviewInput {
  trialId: string
  /** The candidate's tree; signals of another tree count as not measured. */
  tree: string
  signals: readonly Signal[]
  /** Day the review is written, `YYYY-MM-DD`; forecasts come due relative to it. */
  today: string
  /** Reviews by models or people, counted beside the rules. */
  further?: readonly Review[]
  /** What further reviews have spent. */
  usage?: Usage | null
  /** Share of candidates of this project that were accepted and stayed; a half when unknown. */
  baseRate?: number
}

/** What a vetoed candidate is worth at most. */
const vetoedAt = 0.05

export function reviewCandidate(input: ReviewInput): PanelReport {
  const rules = Stance.options.map((stance) => reviewByRules(stance, input.signals, input.tree, input.today))
  const reviews = [...rules, ...(input.further ?? [])]
  const counted = reviews.filter((one) => one.excluded === null)
  const effective = effectiveVotes(reviews)
  const forbidden = vetoesOf(input.signals, input.tree)
  const pShip = poolVotes(counted, effective, input.baseRate ?? 0.5)
  return {
    trialId: input.trialId,
    tree: input.tree,
    reviews,
    ship: counted.filter((one) => one.vote === 'ship').length,
    skip: counted.filter((one) => one.vote === 'skip').length,
    abstain: counted.filter((one) => one.vote === 'abstain').length,
    effectiveVotes: effective,
    pShip: Math.round((forbidden.length > 0 ? Math.min(vetoedAt, pShip) : pShip) * 1000) / 1000,
    vetoes: forbidden,
    usage: input.usage ?? null,
  }
}

/** Log-odds of the votes added to the base rate's, shrunk by how few independent votes they are. */
function poolVotes(reviews: readonly Review[], effective: number, baseRate: number): number {
  const votes = reviews.filter((one) => one.vote !== 'abstain')
  if (votes.length === 0) return baseRate
  const prior = logit(baseRate)
  const sum = votes.reduce((total, one) => total + logit(one.pShip) - prior, 0)
  return sigmoid(prior + (effective / votes.length) * sum)
}

/** Gates in one sentence each, from the table of vetoes. */
export function vetoesOf(signals: readonly Signal[], tree: string): string[] {
  return signals
    .filter((signal) => {
      const from = vetoes[signal.kind as SignalKind]
      const measured = signal.tree === tree && signal.state === 'measured' && signal.verdict === 'bad'
      return from !== undefined && measured && severities.indexOf(signal.severity) >= severities.indexOf(from)
    })
    .map((signal) => `${signal.sentence} [${signal.id}].`)
}
