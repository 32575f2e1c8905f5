// The one place where a task or a trial changes its state: row and event in one transaction.
import {
  type TaskState,
  type TrialFailure,
  type TrialState,
  taskMoves,
  trialEnded,
  trialMoves,
} from '@seatrial/protocol'
import { and, eq } from 'drizzle-orm'
import { withdrawAsks } from './answers.ts'
import type { Db } from './database.ts'
import { append } from './log.ts'
import { task, trial, usage } from './tables.ts'

/** Moves a task if it is in one of `from`; false when it is not (another hand was faster). */
export async function moveTask(
  tx: Db,
  taskId: string,
  from: TaskState[],
  to: TaskState,
  note: string | null = null,
): Promise<boolean> {
  const [row] = await tx.select({ state: task.state }).from(task).where(eq(task.id, taskId)).for('update')
  const state = row?.state as TaskState | undefined
  if (!state || !from.includes(state)) return false
  if (!taskMoves[state].includes(to)) throw new Error(`A task cannot move from ${state} to ${to}`)
  await tx.update(task).set({ state: to, note, updatedAt: new Date() }).where(eq(task.id, taskId))
  if (state === 'working') await withdrawAsks(tx, { taskId }, to === 'cancelled' ? 'cancelled' : 'withdrawn')
  await append(tx, { taskId }, [{ type: 'task.moved', from: state, to, note }])
  return true
}

/** Moves a trial if it is in `from` and, when a fence is given, still held by it. */
export async function moveTrial(
  tx: Db,
  trialId: string,
  from: TrialState[],
  to: TrialState,
  options: { fence?: number; failure?: TrialFailure } = {},
): Promise<boolean> {
  const [row] = await tx
    .select({ state: trial.state, fence: trial.fence, taskId: trial.taskId })
    .from(trial)
    .where(eq(trial.id, trialId))
    .for('update')
  const state = row?.state as TrialState | undefined
  if (!row || !state || !from.includes(state)) return false
  if (options.fence !== undefined && row.fence !== options.fence) return false
  if (!trialMoves[state].includes(to)) throw new Error(`A trial cannot move from ${state} to ${to}`)
  const failure = options.failure ?? null
  await tx
    .update(trial)
    .set({
      state: to,
      ...(failure ? { failure } : {}),
      ...(state === 'queued' ? { startedAt: new Date() } : {}),
      ...(trialEnded(to) ? { endedAt: new Date(), worker: null } : {}),
    })
    .where(and(eq(trial.id, trialId)))
  if (trialEnded(to)) await releaseHeld(tx, trialId)
  // Whoever asked was part of the stage that ended.
  await withdrawAsks(tx, { trialId }, 'withdrawn')
  await append(tx, { taskId: row.taskId, trialId }, [{ type: 'trial.moved', from: state, to, failure }])
  return true
}

/**
 * Gives back what calls nobody waits for any more had reserved for their answers. Their input was very likely read,
 * and stays counted; one that still settles writes its real cost.
 */
export async function releaseHeld(tx: Db, trialId: string): Promise<void> {
  await tx
    .update(usage)
    .set({ heldTokens: 0, heldMicros: 0, settled: true })
    .where(and(eq(usage.trialId, trialId), eq(usage.settled, false)))
}
