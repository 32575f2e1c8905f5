// Follow-ups of people: a row each, handed to each trial once, when its turn ends.
import { and, asc, eq, isNull, or, sql } from 'drizzle-orm'
import { message } from '../store/tables.ts'
import type { TrialRow } from './lease.ts'
import type { Rooms } from './rooms.ts'

/** The oldest message this trial has not had, marked as delivered; null when there is none. */
export async function takeMessage(rooms: Rooms, row: TrialRow): Promise<string | null> {
  const [next] = await rooms.store.db
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
  if (!next) return null
  await rooms.store.db
    .update(message)
    .set({ deliveredTo: sql`${message.deliveredTo} || ${JSON.stringify([row.id])}::jsonb` })
    .where(eq(message.id, next.id))
  return next.text
}
