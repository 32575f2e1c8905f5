// Git objects between machines that share a database: what one makes it offers, what another needs it brings.
import { and, asc, eq, isNull, or } from 'drizzle-orm'
import { openTurns } from '../in-turn.ts'
import type { Db } from '../store/database.ts'
import { transact } from '../store/log.ts'
import { parcel, parcelPart } from '../store/parcel-tables.ts'
import type { Parcels } from '../workspace/parcel.ts'

export interface Exchange {
  /** Puts a commit where every machine finds it, before any row speaks of it. */
  offer(projectId: string, trialId: string | null, commit: string): Promise<void>
  /** Brings what others offered, unless the object is here. */
  need(projectId: string, object: string): Promise<void>
  noteSensitive(projectId: string, patterns: string[]): Promise<void>
}

const partBytes = 4 * 1024 * 1024

export function openExchange(db: Db, parcels: Parcels): Exchange {
  const here = new Set<string>()
  const inTurn = openTurns()
  const has = async (projectId: string, object: string): Promise<boolean> => {
    const name = `${projectId}:${object}`
    if (here.has(name)) return true
    const found = await parcels.has(projectId, object)
    if (found) here.add(name)
    return found
  }

  const send = async (projectId: string, trialId: string | null, commit: string): Promise<void> => {
    // A trial's parcels stand on bases and on each other alone, so that they can go together.
    const own = trialId === null ? isNull(parcel.trialId) : or(isNull(parcel.trialId), eq(parcel.trialId, trialId))
    const sent = await db
      .select()
      .from(parcel)
      .where(and(eq(parcel.projectId, projectId), own))
    const before = sent.map((each) => each.commit)
    if (before.includes(commit)) return
    const pack = await parcels.pack(projectId, commit, before)
    const shallow = trialId === null ? await parcels.shallowOf(projectId) : null
    const row = await transact(db, async (tx) => {
      const [made] = await tx.insert(parcel).values({ projectId, trialId, commit, shallow }).returning()
      if (!made) throw new Error('The parcel was not written')
      for (let at = 0, number = 0; at < pack.length; at += partBytes, number++) {
        await tx.insert(parcelPart).values({ parcelId: made.id, number, bytes: pack.subarray(at, at + partBytes) })
      }
      return made
    })
    await parcels.remember(projectId, row)
  }

  const bring = async (projectId: string): Promise<void> => {
    const listed = await db.select().from(parcel).where(eq(parcel.projectId, projectId)).orderBy(asc(parcel.id))
    for (const each of await parcels.unknown(projectId, listed)) {
      const parts = await db
        .select({ bytes: parcelPart.bytes })
        .from(parcelPart)
        .where(eq(parcelPart.parcelId, each.id))
        .orderBy(asc(parcelPart.number))
      // Retention may have taken it since it was listed.
      if (parts.length > 0) await parcels.unpack(projectId, each, Buffer.concat(parts.map(({ bytes }) => bytes)))
    }
  }

  return {
    noteSensitive: parcels.noteSensitive,
    offer: (projectId, trialId, commit) => inTurn(projectId, () => send(projectId, trialId, commit)),
    async need(projectId, object) {
      if (await has(projectId, object)) return
      await inTurn(projectId, async () => {
        if (!(await has(projectId, object))) await bring(projectId)
      })
    },
  }
}
