// Work that comes back after a while. Whose turn it is says a row, so that a timer that never fired is not forgotten.
import { lt, sql } from 'drizzle-orm'
import { chore } from '../store/chore-tables.ts'
import type { Db } from '../store/database.ts'

/** True for one caller once the last time is longer ago than `everyMs`, or there was none. */
export async function takeTurn(db: Db, name: string, everyMs: number): Promise<boolean> {
  const now = new Date()
  const [taken] = await db
    .insert(chore)
    .values({ name, doneAt: now })
    .onConflictDoUpdate({
      target: chore.name,
      set: { doneAt: now },
      setWhere: lt(chore.doneAt, sql`${new Date(now.getTime() - everyMs).toISOString()}::timestamptz`),
    })
    .returning({ name: chore.name })
  return taken !== undefined
}
