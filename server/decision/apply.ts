// Accept: brings a person's choice onto their checkout, a branch or a commit, and never loses a line of theirs on the way.
import type { AcceptInput, ApplyResult, Base } from '@seatrial/protocol'
import { type Checkout, openCheckout, refuseUnfinished } from '../workspace/checkout.ts'
import { needingSpace } from '../workspace/disk-space.ts'
import { toText } from '../workspace/git.ts'
import { makeBranch } from './branch.ts'
import { chosenCommit } from './candidate.ts'
import { carryOut, rebase } from './carry-out.ts'
import { commitOnHead, finishCommit } from './commit.ts'
import { type Conflict, mergeTrees } from './merge.ts'
import { bring, openQuarantine } from './quarantine.ts'
import { dropPlan, type Plan, readDone, readPlan, saveDone, savePlan, undoRef } from './record.ts'
import { stepsTo } from './steps.ts'
import { workingTree } from './working-tree.ts'

export interface ApplyInput {
  /** The house's git dir of the project. */
  storeDir: string
  /** The user's checkout. */
  checkout: string
  base: Base
  candidateTree: string
  /** The same id twice is the same apply once. */
  decisionId: string
  taskId: string
  /** First line of a commit, unless the person gave another. */
  title: string
  input: AcceptInput
  sensitive?: readonly string[]
}

const nothing: ApplyResult = { outcome: 'nothing', files: [], conflicts: [], branch: null, commit: null, undoRef: null }
const collided = (conflicts: Conflict[]): ApplyResult => ({ ...nothing, outcome: 'conflict', conflicts })

/** Applies a candidate. Index, HEAD, stash and staging stay byte for byte, unless a commit was asked for. */
export async function applyCandidate(apply: ApplyInput): Promise<ApplyResult> {
  const checkout = await openCheckout(apply.checkout)
  const done = await readDone(checkout, apply.decisionId)
  if (done) return done
  const begun = await readPlan(checkout, apply.decisionId)
  const result = await needingSpace(checkout.path, () => (begun ? resume(checkout, begun) : begin(apply, checkout)))
  if (result.outcome === 'applied') await saveDone(checkout, apply.decisionId, result)
  return result
}

/** After a crash: what is not there yet is written, what was edited since is merged or left alone. */
async function resume(checkout: Checkout, plan: Plan): Promise<ApplyResult> {
  const wanted = plan.steps.map(({ path, before, after }) => ({ path, from: before, to: after }))
  const { steps } = await rebase(checkout, wanted)
  carryOut(checkout, plan.decisionId, steps)
  await finishCommit(checkout, plan)
  return plan.result
}

/** Something refused half-way (a full disk, a file written to meanwhile): what was done is taken back. */
async function giveUp(checkout: Checkout, plan: Plan): Promise<void> {
  const { steps } = await rebase(
    checkout,
    plan.steps.map(({ path, before, after }) => ({ path, from: after, to: before })),
  )
  carryOut(checkout, plan.decisionId, steps)
  await dropPlan(checkout, plan.decisionId)
}

async function begin(apply: ApplyInput, checkout: Checkout): Promise<ApplyResult> {
  const { input, base, storeDir } = apply
  const { target } = input
  const chosen = await chosenCommit({ ...apply, sensitive: apply.sensitive ?? [] })
  if (!chosen) return nothing
  const toBranch = (name: string | undefined, conflicts: Conflict[]) =>
    makeBranch({ apply, checkout, commit: chosen.commit, files: chosen.paths.map(toText), name, conflicts })
  if (target.kind === 'branch') return toBranch(target.name, [])

  await refuseUnfinished(checkout)
  const quarantine = await openQuarantine(checkout)
  try {
    await bring(storeDir, chosen.commit, base, quarantine.git)
    const ours = await workingTree(checkout, quarantine, chosen.paths)
    const merged = await mergeTrees(quarantine, { base: base.commit, ours, theirs: chosen.commit })
    const withMarkers = input.onConflict === 'markers' && merged.linesOnly && target.kind === 'checkout'
    const found = await stepsTo(checkout, quarantine, ours, merged.tree)
    const blocking = [...(withMarkers ? [] : merged.conflicts), ...found.conflicts]
    // Awaited here: a refusal that is not yet looked at while the quarantine closes would end the house.
    if (blocking.length > 0)
      return input.onConflict === 'branch' ? await toBranch(undefined, blocking) : collided(blocking)

    const commit =
      target.kind === 'commit'
        ? await commitOnHead({ apply, checkout, quarantine, theirs: chosen.commit, message: target.message })
        : null
    if (commit && 'conflicts' in commit) {
      return input.onConflict === 'branch' ? await toBranch(undefined, commit.conflicts) : collided(commit.conflicts)
    }
    if (found.steps.length === 0 && !commit) return nothing
    const result: ApplyResult = {
      outcome: 'applied',
      files: found.steps.map(({ path }) => toText(path)),
      conflicts: merged.conflicts,
      branch: commit ? (checkout.head?.branch ?? null) : null,
      commit: commit?.commit ?? null,
      undoRef: undoRef(apply.decisionId),
    }
    const { decisionId } = apply
    const plan: Plan = {
      decisionId,
      steps: found.steps,
      branch: null,
      commit: result.commit,
      headBefore: commit?.head ?? null,
      result,
    }
    await savePlan(checkout, plan)
    try {
      carryOut(checkout, decisionId, found.steps)
      await finishCommit(checkout, plan)
    } catch (error) {
      await giveUp(checkout, plan)
      throw error
    }
    return result
  } finally {
    await quarantine.close()
  }
}
