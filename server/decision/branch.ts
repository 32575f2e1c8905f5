// The candidate as a branch of the user's repository, beside whatever is checked out.
import { type ApplyResult, Refusal } from '@seatrial/protocol'
import type { Checkout } from '../workspace/checkout.ts'
import { line } from '../workspace/git.ts'
import type { ApplyInput } from './apply.ts'
import { identityOf } from './author.ts'
import type { Conflict } from './merge.ts'
import { bring } from './quarantine.ts'
import { savePlan, undoRef } from './record.ts'

interface BranchInput {
  apply: ApplyInput
  checkout: Checkout
  /** The chosen change in the house's store, on top of the base. */
  commit: string
  files: string[]
  name: string | undefined
  /** Why it did not go onto the checkout, when it was meant to. */
  conflicts: Conflict[]
}

export async function makeBranch(input: BranchInput): Promise<ApplyResult> {
  const { apply, checkout } = input
  const name = input.name ?? `seatrial/${apply.taskId}`
  const checked = await checkout.git(['check-ref-format', '--branch', name], { codes: [1, 128] })
  if (checked.code !== 0 || line(checked) !== name)
    throw new Refusal('bad_request', `${name} is not a name for a branch.`)
  await bring(apply.storeDir, input.commit, apply.base, checkout.git)
  const tree = line(await checkout.git(['rev-parse', `${input.commit}^{tree}`]))
  const commit = await commitOf(input, tree)
  const ref = `refs/heads/${name}`
  const there = await checkout.git(['rev-parse', '--verify', '-q', ref], { codes: [1] })
  if (there.code === 0 && !(await isOurs(checkout, line(there), tree, apply.base.commit))) {
    throw new Refusal('conflict', `There is a branch ${name} already; name another one.`)
  }
  const result: ApplyResult = {
    outcome: 'applied',
    files: input.files,
    conflicts: input.conflicts,
    branch: name,
    commit: there.code === 0 ? line(there) : commit,
    undoRef: undoRef(apply.decisionId),
  }
  const { decisionId } = apply
  await savePlan(checkout, { decisionId, steps: [], branch: name, commit: result.commit, headBefore: null, result })
  if (there.code !== 0) await checkout.git(['update-ref', ref, commit, ''])
  return result
}

async function commitOf({ apply, checkout }: BranchInput, tree: string): Promise<string> {
  const target = apply.input.target
  const message = (target.kind === 'commit' ? target.message : undefined) ?? apply.title
  const args = ['commit-tree', tree, '-p', apply.base.commit, '-m', message]
  return line(await checkout.git(args, { env: await identityOf(checkout) }))
}

/** A branch that a crashed attempt made: the same tree on the same base. */
async function isOurs(checkout: Checkout, commit: string, tree: string, base: string): Promise<boolean> {
  const found = await checkout.git(['rev-parse', '--verify', '-q', `${commit}^{tree}`, `${commit}^`], {
    codes: [1, 128],
  })
  return found.code === 0 && line(found) === `${tree}\n${base}`
}
