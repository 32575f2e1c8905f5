// What selection needs to know of one candidate.
import type { Diff, PanelReport, Signal } from '@seatrial/protocol'

export interface CandidateInput {
  trialId: string
  tree: string
  diff: Diff
  signals: readonly Signal[]
  /** Null when no panel was asked. */
  panel: PanelReport | null
  /** Names of the tests it added; an empty list means it has no row in the matrix. */
  addedTests: string[]
  /** Null while the price is unknown. */
  costMicros: number | null
}
