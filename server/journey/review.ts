// Stage four: the reviewers read the evidence and say ship or skip. The task is settled after its last trial.
import { type EventBody, type Review, wordsOf } from '@seatrial/protocol'
import { eq } from 'drizzle-orm'
import { reviewCandidate } from '../panel/review-candidate.ts'
import type { Finish } from '../queue/queue.ts'
import { append, transact } from '../store/log.ts'
import { moveTrial } from '../store/move.ts'
import { evidence, trial } from '../store/tables.ts'
import { usageOf } from '../store/views.ts'
import { stillHeld } from './lease.ts'
import { askModels, panelSpender } from './review-models.ts'
import { settleWhenEnded } from './settle.ts'
import type { Stage } from './stage.ts'

export async function review(stage: Stage): Promise<Finish> {
  const { rooms, row, lease, speaker } = stage
  const { db } = rooms.store
  const [found] = await db.select().from(evidence).where(eq(evidence.trialId, row.id))
  if (!found || !row.candidate) throw new Error(`Trial ${row.id} has no evidence to review`)
  const { tree, signals } = found
  const today = new Date().toISOString().slice(0, 10)
  const spender = panelSpender(row.id)
  const report = async (further: Review[]) => {
    const usage = (await usageOf(db, [spender])).get(spender) ?? null
    return reviewCandidate({ trialId: row.id, tree, signals, today, further, usage })
  }
  const where = { taskId: row.taskId, trialId: row.id }
  // What a model has said is kept at once, and told: a crash does not pay for it twice.
  const earlier = row.panel?.tree === tree ? row.panel.reviews.filter((one) => one.engine !== 'rules') : []
  const kept = new Set(earlier)
  const keep = async (said: Review, all: Review[]): Promise<void> => {
    const panel = await report(all)
    const held = await transact(db, async (tx) => {
      if (!(await stillHeld(tx, row.id, lease.fence))) return false
      await tx.update(trial).set({ panel }).where(eq(trial.id, row.id))
      await append(tx, where, [given(said)])
      return true
    })
    if (held) kept.add(said)
    else lease.letGo('lost')
  }
  const panel = await report(await askModels(stage, signals, earlier, keep))
  await speaker.flush()
  return async (tx) => {
    await tx.update(trial).set({ panel }).where(eq(trial.id, row.id))
    await append(tx, where, panel.reviews.filter((one) => !kept.has(one)).map(given))
    if (await moveTrial(tx, row.id, ['reviewing'], 'ready', { fence: lease.fence })) {
      await settleWhenEnded(rooms, tx, row.taskId)
    }
  }
}

const given = (review: Review): EventBody => {
  const { stance, engine, vote } = review
  return { type: 'review.given', stance, engine, vote, text: wordsOf(review) }
}
