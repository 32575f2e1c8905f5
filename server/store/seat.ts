// One house to a shared database: it has the checkouts, and two would settle and apply each other's tasks without them.
// Workers take no seat. Who sits there is a row with a beat, so that the seat of a dead house becomes free by itself.
import { hostname } from 'node:os'
import { Refusal } from '@seatrial/protocol'
import { and, eq, gt, like, ne, sql } from 'drizzle-orm'
import { chore } from './chore-tables.ts'
import type { Db } from './database.ts'

const prefix = 'house of '
const beatMs = 10_000
const deadAfter = sql`interval '30 seconds'`

export interface Seat {
  leave(): Promise<void>
}

/** Takes the seat; a house that was killed gets its own back at once. Throws `Refusal` when another one sits there. */
export async function takeSeat(db: Db, dataDir: string, report: (error: Error) => void): Promise<Seat> {
  const name = `${prefix}${dataDir} on ${hostname()}`
  await db.transaction(async (tx) => {
    await tx.execute(sql`select pg_advisory_xact_lock(742003)`)
    const [other] = await tx
      .select({ name: chore.name })
      .from(chore)
      .where(and(like(chore.name, `${prefix}%`), ne(chore.name, name), gt(chore.doneAt, sql`now() - ${deadAfter}`)))
    if (other)
      throw new Refusal(
        'conflict',
        `The ${other.name} uses this database; stop it, or add this machine to it with \`seatrial worker --connect\`.`,
      )
    await tx
      .insert(chore)
      .values({ name, doneAt: sql`now()` })
      .onConflictDoUpdate({ target: chore.name, set: { doneAt: sql`now()` } })
  })
  const beat = () => db.update(chore).set({ doneAt: sql`now()` }).where(eq(chore.name, name))
  const timer = setInterval(() => void beat().then(() => {}, report), beatMs)
  timer.unref()
  return {
    async leave() {
      clearInterval(timer)
      await db
        .delete(chore)
        .where(eq(chore.name, name))
        .then(() => {}, report)
    },
  }
}
