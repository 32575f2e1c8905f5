// When all trials of a task have ended: choose among the candidates, or none, and wait for a person.
import { type TrialState, trialEnded } from '@seatrial/protocol'
import { eq } from 'drizzle-orm'
import type { Finish } from '../queue/queue.ts'
import type { Db } from '../store/database.ts'
import { append } from '../store/log.ts'
import { moveTask } from '../store/move.ts'
import { task, trial } from '../store/tables.ts'
import type { Rooms } from './rooms.ts'
import { selectAmong } from './select.ts'

/** Sends the settling job once the last trial of a task has ended; part of the transaction that ended it. */
export async function settleWhenEnded(rooms: Rooms, tx: Db, taskId: string): Promise<void> {
  // The task's row serialises the ends of two trials: the later one sees both.
  await tx.select({ id: task.id }).from(task).where(eq(task.id, taskId)).for('update')
  const states = await tx.select({ state: trial.state }).from(trial).where(eq(trial.taskId, taskId))
  if (states.every(({ state }) => trialEnded(state as TrialState))) await rooms.queue.send(tx, 'settle', { taskId })
}

/** When choosing failed again and again: a person looks at the candidates without a recommendation. */
export const leaveUnsettled =
  (taskId: string, sentence: string): Finish =>
  async (tx) => {
    await moveTask(tx, taskId, ['queued', 'working'], 'waiting', `${sentence} Choose among the candidates yourself.`)
  }

export async function settle(rooms: Rooms, taskId: string): Promise<Finish> {
  const [row] = await rooms.store.db.select().from(task).where(eq(task.id, taskId))
  if (!row || !['queued', 'working'].includes(row.state)) return async () => {}
  const trials = await rooms.store.db.select().from(trial).where(eq(trial.taskId, taskId))
  if (!trials.every(({ state }) => trialEnded(state as TrialState))) return async () => {}
  const ready = trials.filter(({ state }) => state === 'ready')
  if (ready.length === 0) {
    const why =
      trials
        .map((each) => each.failure?.sentence)
        .filter(Boolean)
        .at(-1) ?? 'No trial ended with a candidate.'
    return async (tx) => {
      await moveTask(tx, taskId, ['queued', 'working'], 'failed', why)
    }
  }
  const selection = await selectAmong(rooms, row, ready)
  return async (tx) => {
    await tx.update(task).set({ selection }).where(eq(task.id, taskId))
    await append(tx, { taskId }, [{ type: 'selection.made', winner: selection.winner, sentence: selection.sentence }])
    await moveTask(tx, taskId, ['queued', 'working'], 'waiting', selection.sentence)
  }
}
