// Follow-ups of people: a row each, handed to every trial they are meant for, one when each turn ends.
import { Refusal } from '@seatrial/protocol'
import { and, asc, eq, isNull, or, sql } from 'drizzle-orm'
import type { Db } from '../store/database.ts'
import { append, transact } from '../store/log.ts'
import { message, trial } from '../store/tables.ts'
import { wholeTaskId } from '../store/views.ts'
import type { TrialRow } from './lease.ts'
import type { Rooms } from './rooms.ts'

/** Keeps a follow-up for the trials whose agents still listen; refuses when there is none. */
export async function sendMessage(
  rooms: Rooms,
  id: string,
  input: { text: string; trialId?: string | undefined },
  by: string | null,
): Promise<void> {
  const taskId = await wholeTaskId(rooms.store.db, id)
  await transact(rooms.store.db, async (tx) => {
    // Locked, so that an agent whose last turn ends right now either gets this or is seen to have gone.
    const rows = await tx
      .select({ id: trial.id, state: trial.state, listening: trial.listening })
      .from(trial)
      .where(eq(trial.taskId, taskId))
      .for('update')
    const trialId = input.trialId ?? null
    const meant = rows.filter((row) => trialId === null || row.id === trialId)
    const open = meant.some((row) => row.listening && ['queued', 'preparing', 'running'].includes(row.state))
    if (!open)
      throw new Refusal(
        'conflict',
        `No agent is working on ${taskId} any more; use \`seatrial rework ${taskId} "..."\`.`,
      )
    await tx.insert(message).values({ taskId, trialId, text: input.text, by })
    await append(tx, { taskId, trialId }, [{ type: 'message.sent', text: input.text, by }])
  })
}

export interface Mailbox {
  /** The next follow-up, which also says that the turn with the one before has ended; null closes the box. */
  next(): Promise<string | null>
}

/**
 * Opens a running trial's mailbox. A follow-up counts as delivered when its turn has ended: an agent killed in the
 * middle is told it once more.
 */
export async function openMailbox(rooms: Rooms, row: TrialRow, fence: number): Promise<Mailbox> {
  const listen = (tx: Db, listening: boolean) =>
    tx
      .update(trial)
      .set({ listening })
      .where(and(eq(trial.id, row.id), eq(trial.fence, fence)))
  await listen(rooms.store.db, true)
  let handed: number | null = null
  return {
    next: () =>
      transact(rooms.store.db, async (tx) => {
        await tx.select({ id: trial.id }).from(trial).where(eq(trial.id, row.id)).for('update')
        if (handed !== null) {
          const deliveredTo = sql`${message.deliveredTo} || ${JSON.stringify([row.id])}::jsonb`
          await tx.update(message).set({ deliveredTo }).where(eq(message.id, handed))
        }
        const [found] = await tx
          .select({ id: message.id, text: message.text })
          .from(message)
          .where(
            and(
              eq(message.taskId, row.taskId),
              or(isNull(message.trialId), eq(message.trialId, row.id)),
              sql`not (${message.deliveredTo} ? ${row.id})`,
            ),
          )
          .orderBy(asc(message.id))
          .limit(1)
        handed = found?.id ?? null
        if (!found) await listen(tx, false)
        return found?.text ?? null
      }),
  }
}
