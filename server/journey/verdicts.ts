// What goes on by itself around verdicts: the built-in example, runs counted as they end, outcomes watched, weeks closed.
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import { eq } from 'drizzle-orm'
import { comparison, dossier } from '../store/verdict-tables.ts'
import { canonical } from '../verdicts/canonical.ts'
import { readDossier } from '../verdicts/dossier.ts'
import type { Rooms } from './rooms.ts'
import { changePages } from './verdicts/changed.ts'
import { judgeNow, newestVerdict, openComparison } from './verdicts/count.ts'
import { closeDueWeek, deliver, type Mailroom } from './verdicts/digest.ts'
import { followLog } from './verdicts/follow.ts'
import { watchOutcomes } from './verdicts/outcomes.ts'

const dossiersDir = fileURLToPath(new URL('../verdicts/dossiers/', import.meta.url))
/** How often the rows are looked at. What is due is in them; a look more or less changes nothing. */
const lookMs = 10 * 60_000

/** The dossiers that come with the house, and the page that compares them; a newer house brings newer facts. */
export async function addExamples(rooms: Rooms): Promise<void> {
  const names = (await readdir(dossiersDir)).filter((name) => name.endsWith('.toml')).sort()
  const bodies = await Promise.all(
    // Their days were checked when they were written: a clock that stands in the past must not keep the house from starting.
    names.map(async (name) => readDossier(await readFile(dossiersDir + name, 'utf8'), name, '9999-12-31')),
  )
  await changePages(rooms.store.db, async (tx) => {
    for (const body of bodies) {
      const [old] = await tx.select().from(dossier).where(eq(dossier.slug, body.slug))
      if (old && (old.ownerId !== null || canonical(old.body) === canonical(body))) continue
      await tx
        .insert(dossier)
        .values({ slug: body.slug, body })
        .onConflictDoUpdate({ target: dossier.slug, set: { body, updatedAt: new Date() } })
    }
    for (const [i, a] of bodies.entries()) {
      for (const b of bodies.slice(i + 1)) {
        const row = await openComparison(tx, 'dossiers', a.slug, b.slug, null)
        // Ours to publish, once: an admin who takes it back is not overruled at the next start.
        if (!(await newestVerdict(tx, row.id)))
          await tx.update(comparison).set({ published: true }).where(eq(comparison.id, row.id))
        await judgeNow(tx, row)
      }
    }
  })
}

/** Starts it all; stops when asked, after what is under way. */
export async function startVerdicts(
  rooms: Rooms,
  mailroom: () => Promise<Mailroom>,
): Promise<{ stop(): Promise<void> }> {
  await addExamples(rooms)
  const follower = followLog(rooms)
  let stopped = false
  let looking: Promise<void> = Promise.resolve()
  const look = async (): Promise<void> => {
    if (stopped) return
    try {
      await watchOutcomes(rooms)
      await closeDueWeek(rooms.store.db, new Date())
      await deliver(rooms.store.db, await mailroom())
    } catch (error) {
      if (!stopped) rooms.report(error as Error, 'outcomes and digest')
    }
  }
  const tick = (): void => {
    looking = looking.then(look)
  }
  const timer = setInterval(tick, lookMs)
  timer.unref()
  tick()
  return {
    async stop() {
      clearInterval(timer)
      stopped = true
      await follower.stop()
      // A mail server that does not answer must not keep the house from stopping.
      await Promise.race([looking, sleep(3_000, undefined, { ref: false })])
    },
  }
}
