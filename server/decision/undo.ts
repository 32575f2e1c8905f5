// Undo: gives the checkout back what an accept changed, and keeps what was edited since.
import { type ApplyResult, Refusal } from '@seatrial/protocol'
import { type Checkout, openCheckout } from '../workspace/checkout.ts'
import { line, toText } from '../workspace/git.ts'
import { carryOut, rebase } from './carry-out.ts'
import { moveHead } from './commit.ts'
import { markUndone, type Plan, readPlan, wasUndone } from './record.ts'

interface UndoInput {
  checkout: string
  decisionId: string
  /** What the accept answered; kept for callers, the record in the repository decides. */
  result?: ApplyResult | null
}

/** Takes an applied decision back; refuses, touching nothing, where later edits collide. Twice is once. */
export async function undoApplied(input: UndoInput): Promise<{ files: string[] }> {
  const checkout = await openCheckout(input.checkout)
  const plan = await readPlan(checkout, input.decisionId)
  if (!plan) {
    if (await wasUndone(checkout, input.decisionId)) return { files: [] }
    if (input.result?.outcome === 'nothing') return { files: [] }
    throw new Refusal('not_found', `${checkout.path} holds no undo record of decision ${input.decisionId}.`)
  }
  if (plan.branch) await removeBranch(checkout, plan.branch, plan.commit)
  const files = await takeBack(checkout, plan)
  await markUndone(checkout, input.decisionId)
  return { files }
}

async function takeBack(checkout: Checkout, plan: Plan): Promise<string[]> {
  const wanted = plan.steps.map(({ path, before, after }) => ({ path, from: after, to: before }))
  const { steps, stuck } = await rebase(checkout, wanted)
  if (stuck.length > 0) {
    const list = stuck.map(toText).join(', ')
    throw new Refusal(
      'conflict',
      `${list} changed since in the same lines; take them back by hand (\`git show ${plan.result.undoRef}\`).`,
    )
  }
  if (plan.commit && plan.headBefore) await stepBack(checkout, plan.headBefore, plan.commit)
  carryOut(checkout, plan.decisionId, steps)
  return steps.map(({ path }) => toText(path))
}

/** HEAD goes back only while it still is the accepted commit; later commits stay, and the change is undone in the files. */
async function stepBack(checkout: Checkout, headBefore: string, commit: string): Promise<void> {
  const head = line(await checkout.git(['rev-parse', '--verify', 'HEAD']))
  if (head === commit) await moveHead(checkout, commit, headBefore)
}

async function removeBranch(checkout: Checkout, name: string, commit: string | null): Promise<void> {
  const ref = `refs/heads/${name}`
  const there = await checkout.git(['rev-parse', '--verify', '-q', ref], { codes: [1] })
  if (there.code !== 0) return
  const current = await checkout.git(['symbolic-ref', '-q', 'HEAD'], { codes: [1] })
  if (line(current) === ref) {
    throw new Refusal('conflict', `Branch ${name} is checked out; switch to another one first.`)
  }
  if (line(there) !== commit) {
    throw new Refusal('conflict', `Branch ${name} has commits of its own by now; delete it yourself if you mean to.`)
  }
  await checkout.git(['update-ref', '-d', ref, commit])
}
