// The event log: append inside a transaction, read "after seq N". It only grows.
import { EventEmitter } from 'node:events'
import type { EventBody, HouseEvent } from '@seatrial/protocol'
import { and, asc, eq, gt, sql } from 'drizzle-orm'
import { DrizzleQueryError } from 'drizzle-orm/errors'
import { advisory } from './advisory.ts'
import type { Db } from './database.ts'
import { event } from './tables.ts'

export interface Where {
  taskId?: string | null
  trialId?: string | null
}

/** Fires `appended` after a commit of this process. Other processes' commits are found by polling. */
export const wake = new EventEmitter({ captureRejections: false })
wake.setMaxListeners(0)

/**
 * Appends events in the caller's transaction. The advisory lock makes sequence order the commit order,
 * so that a reader "after seq N" can never miss a row that commits late.
 */
export async function append(tx: Db, where: Where, bodies: EventBody[]): Promise<void> {
  if (bodies.length === 0) return
  await tx.execute(sql`select pg_advisory_xact_lock(${advisory.log})`)
  await tx
    .insert(event)
    .values(bodies.map((body) => ({ taskId: where.taskId ?? null, trialId: where.trialId ?? null, body })))
}

/** Runs a transaction and wakes readers of the log when it committed. */
export async function transact<T>(db: Db, work: (tx: Db) => Promise<T>): Promise<T> {
  let begun = false
  const result = await db
    .transaction((tx) => {
      begun = true
      return work(tx as unknown as Db)
    })
    .catch((error: Error) => {
      // Connecting fails without the name of a query.
      throw begun || error instanceof DrizzleQueryError ? error : new DrizzleQueryError('begin', [], error)
    })
  wake.emit('appended')
  return result
}

/** Events after `after`, oldest first, at most `limit`. */
export async function readAfter(
  db: Db,
  options: { after: number; task?: string | undefined; limit: number },
): Promise<HouseEvent[]> {
  const rows = await db
    .select()
    .from(event)
    .where(and(gt(event.seq, options.after), options.task ? eq(event.taskId, options.task) : undefined))
    .orderBy(asc(event.seq))
    .limit(options.limit)
  return rows.map((row) => ({
    seq: row.seq,
    at: row.at.toISOString(),
    taskId: row.taskId,
    trialId: row.trialId,
    body: row.body,
  }))
}

/** The newest seq, 0 for an empty log. */
export async function lastSeq(db: Db, task?: string): Promise<number> {
  const rows = await db
    .select({ last: sql<number>`coalesce(max(${event.seq}), 0)`.mapWith(Number) })
    .from(event)
    .where(task ? eq(event.taskId, task) : undefined)
  return rows[0]?.last ?? 0
}
