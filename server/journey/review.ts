// Stage four: the reviewers read the evidence and say ship or skip. The task is settled after its last trial.
import { eq } from 'drizzle-orm'
import { reviewCandidate } from '../panel/review-candidate.ts'
import type { Finish } from '../queue/queue.ts'
import { append } from '../store/log.ts'
import { moveTrial } from '../store/move.ts'
import { evidence, trial } from '../store/tables.ts'
import { settleWhenEnded } from './settle.ts'
import type { Stage } from './stage.ts'

export async function review({ rooms, row, lease }: Stage): Promise<Finish> {
  const [found] = await rooms.store.db.select().from(evidence).where(eq(evidence.trialId, row.id))
  if (!found || !row.candidate) throw new Error(`Trial ${row.id} has no evidence to review`)
  const report = reviewCandidate({
    trialId: row.id,
    tree: found.tree,
    signals: found.signals,
    today: new Date().toISOString().slice(0, 10),
  })
  return async (tx) => {
    await tx.update(trial).set({ panel: report }).where(eq(trial.id, row.id))
    await append(
      tx,
      { taskId: row.taskId, trialId: row.id },
      report.reviews.map(({ stance, vote, text }) => ({ type: 'review.given' as const, stance, vote, text })),
    )
    if (await moveTrial(tx, row.id, ['reviewing'], 'ready', { fence: lease.fence })) {
      await settleWhenEnded(rooms, tx, row.taskId)
    }
  }
}
