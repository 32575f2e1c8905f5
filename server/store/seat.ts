// One house to a shared database: it has the checkouts, and two would settle and apply each other's tasks without them.
// Workers take no seat. Who sits there is a row with a beat, so that the seat of a dead house becomes free by itself.
import { hostname } from 'node:os'
import { Refusal } from '@seatrial/protocol'
import { and, eq, gt, like, ne, sql } from 'drizzle-orm'
import { advisory } from './advisory.ts'
import { chore } from './chore-tables.ts'
import type { Db } from './database.ts'

const prefix = 'house of '
const beatMs = 10_000
/** After a beat that failed: a house that was cut off must not decide for long without knowing whether it still sits. */
const soonMs = 1_000
const deadAfter = sql`interval '30 seconds'`

export interface Seat {
  leave(): Promise<void>
}

interface SeatOptions {
  /** The data folder, which together with the machine names the house. */
  dataDir: string
  report: (error: Error) => void
  /** Called once when another house took the seat while this one could not be heard; nothing is beaten after it. */
  lost: (refusal: Refusal) => void
}

/** Takes the seat; a house that was killed gets its own back at once. Throws `Refusal` when another one sits there. */
export async function takeSeat(db: Db, { dataDir, report, lost }: SeatOptions): Promise<Seat> {
  const name = `${prefix}${dataDir} on ${hostname()}`
  const sit = () =>
    db.transaction(async (tx) => {
      await tx.execute(sql`select pg_advisory_xact_lock(${advisory.seat})`)
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
  await sit()
  let left = false
  let beating: Promise<void> = Promise.resolve()
  let timer: NodeJS.Timeout
  const beatIn = (ms: number): void => {
    timer = setTimeout(() => {
      beating = sit().then(
        () => (left ? undefined : beatIn(beatMs)),
        (error: Error) => {
          if (error instanceof Refusal) return lost(error)
          report(error)
          if (!left) beatIn(soonMs)
        },
      )
    }, ms).unref()
  }
  beatIn(beatMs)
  return {
    async leave() {
      left = true
      clearTimeout(timer)
      await beating
      await db
        .delete(chore)
        .where(eq(chore.name, name))
        .then(() => {}, report)
    },
  }
}
