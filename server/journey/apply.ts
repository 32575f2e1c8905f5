// Carries an accept out: the picked changes land on the user's checkout, or nothing is touched and the collision is told.
import type { ApplyResult } from '@seatrial/protocol'
import { Refusal } from '@seatrial/protocol'
import { eq } from 'drizzle-orm'
import { applyCandidate } from '../decision/apply.ts'
import type { Finish } from '../queue/queue.ts'
import { append } from '../store/log.ts'
import { moveTask } from '../store/move.ts'
import { decision, project, task, trial } from '../store/tables.ts'
import { carriedOut } from './decide.ts'
import type { Rooms } from './rooms.ts'

/** Applying twice with one decision id is applying once: the second finds what the first left. */
export async function apply(rooms: Rooms, decisionId: string): Promise<Finish> {
  const [row] = await rooms.store.db
    .select()
    .from(decision)
    .innerJoin(task, eq(decision.taskId, task.id))
    .innerJoin(project, eq(task.projectId, project.id))
    .innerJoin(trial, eq(decision.trialId, trial.id))
    .where(eq(decision.id, decisionId))
  if (row?.decision.state !== 'pending' || !row.decision.input) return async () => {}
  const { base } = row.task
  const { candidate } = row.trial
  const { input } = row.decision
  if (!base || !candidate) throw new Error(`Decision ${decisionId} has no candidate`)
  const result = await applyCandidate({
    storeDir: rooms.workspaces.storeDir(row.project.id),
    checkout: row.project.path,
    base,
    candidateTree: candidate.tree,
    decisionId,
    taskId: row.task.id,
    title: row.task.title,
    input,
    sensitive: row.task.settings.sensitive,
  }).catch((error: unknown): ApplyResult => {
    // A refusal (merge under way, sensitive file not allowed) is an answer to the person, not a bug.
    if (!(error instanceof Refusal)) throw error
    return {
      outcome: 'conflict',
      files: [],
      conflicts: [{ path: '', sentence: error.message }],
      branch: null,
      commit: null,
      undoRef: null,
    }
  })
  return async (tx) => {
    const applied = result.outcome !== 'conflict'
    await tx
      .update(decision)
      .set({ state: applied ? 'applied' : 'conflict', result })
      .where(eq(decision.id, decisionId))
    await append(tx, { taskId: row.task.id, trialId: row.trial.id }, [{ type: 'decision.applied', decisionId, result }])
    const note = applied ? null : (result.conflicts[0]?.sentence ?? 'The change collides with the checkout.')
    await moveTask(tx, row.task.id, ['applying'], applied ? 'done' : 'waiting', note)
    // After the commit, in the next turn of the event loop.
    setTimeout(() => carriedOut.emit(decisionId), 0)
  }
}
