// Answers to questions: the rows and their events, in the caller's transaction.
import { and, asc, eq, inArray, isNull } from 'drizzle-orm'
import type { Db } from './database.ts'
import { append } from './log.ts'
import { ask } from './tables.ts'

export type AskRow = typeof ask.$inferSelect

/** Answers those of the questions that are still open; returns them. Rows are locked in one order, before the log is. */
export async function writeAnswer(tx: Db, ids: string[], answer: string): Promise<AskRow[]> {
  const open = and(inArray(ask.id, ids), isNull(ask.answer))
  if (ids.length === 0) return []
  await tx.select({ id: ask.id }).from(ask).where(open).orderBy(asc(ask.id)).for('update')
  const rows = await tx.update(ask).set({ answer, answeredAt: new Date() }).where(open).returning()
  for (const row of rows) await append(tx, row, [{ type: 'ask.answered', askId: row.id, answer }])
  return rows
}

/** Closes what nobody waits for any more: questions of a trial whose stage ended, or of a task that did. */
export async function withdrawAsks(
  tx: Db,
  of: { taskId: string } | { trialId: string },
  answer: string,
): Promise<void> {
  const whose = 'taskId' in of ? eq(ask.taskId, of.taskId) : eq(ask.trialId, of.trialId)
  const open = await tx
    .select({ id: ask.id })
    .from(ask)
    .where(and(whose, isNull(ask.answer)))
  await writeAnswer(
    tx,
    open.map(({ id }) => id),
    answer,
  )
}
