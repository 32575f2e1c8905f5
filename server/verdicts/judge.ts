// From inputs to estimate, whatever is compared. The one function that `explain` calls again.
import type { ComparisonKind, Estimate } from '@seatrial/protocol'
import { type CandidatesInputs, judgeCandidates } from './judge-candidates.ts'
import { type DossiersInputs, judgeDossiers } from './judge-dossiers.ts'
import { judgeTasks, type TasksInputs } from './judge-tasks.ts'

export type VerdictInputs = TasksInputs | CandidatesInputs | DossiersInputs

const judges: { [Kind in ComparisonKind]: (inputs: Extract<VerdictInputs, { kind: Kind }>) => Estimate } = {
  contenders: judgeTasks,
  candidates: judgeCandidates,
  dossiers: judgeDossiers,
}

export const judge = (inputs: VerdictInputs): Estimate =>
  (judges[inputs.kind] as (inputs: VerdictInputs) => Estimate)(inputs)
