// Reads the event log into runs and verdicts. The cursor is a row and moves with what was counted, so that a crash
// neither loses nor doubles anything.
import type { EventBody } from '@seatrial/protocol'
import { eq } from 'drizzle-orm'
import { readAfter, wake } from '../../store/log.ts'
import { verdictCursor } from '../../store/verdict-tables.ts'
import type { Rooms } from '../rooms.ts'
import { changePages } from './changed.ts'
import { countTask } from './count.ts'

const cursorId = 'runs'
const batch = 500
/** Other processes append too; their rows are found by looking. */
const lookMs = 5_000

const tells = (body: EventBody): boolean =>
  body.type === 'trial.moved'
    ? body.to === 'ready' || body.to === 'failed'
    : ['decision.made', 'decision.applied', 'decision.undone', 'outcome.found', 'selection.made'].includes(body.type)

/** Counts everything that is in the log and not counted yet; answers whether there was anything. */
export async function catchUp(rooms: Rooms): Promise<boolean> {
  const { db } = rooms.store
  const [cursor] = await db.select().from(verdictCursor).where(eq(verdictCursor.id, cursorId))
  const events = await readAfter(db, { after: cursor?.seq ?? 0, limit: batch })
  const last = events.at(-1)
  if (!last) return false
  const touched = new Set(events.flatMap(({ taskId, body }) => (taskId && tells(body) ? [taskId] : [])))
  const write = async (tx: typeof db): Promise<void> => {
    for (const taskId of touched) await countTask(tx, taskId)
    await tx
      .insert(verdictCursor)
      .values({ id: cursorId, seq: last.seq })
      .onConflictDoUpdate({ target: verdictCursor.id, set: { seq: last.seq } })
  }
  // Nobody needs to be woken for a cursor that moved over what says nothing.
  if (touched.size > 0) await changePages(db, write)
  else await db.transaction((tx) => write(tx as unknown as typeof db))
  return true
}

/** Follows the log until stopped. */
export function followLog(rooms: Rooms): { stop(): Promise<void> } {
  let running: Promise<void> = Promise.resolve()
  let queued = false
  let stopped = false
  const drain = async (): Promise<void> => {
    try {
      while (!stopped && (await catchUp(rooms)));
    } catch (error) {
      if (!stopped) rooms.report(error as Error, 'counting verdicts')
    }
  }
  const nudge = (): void => {
    if (queued || stopped) return
    queued = true
    running = running.then(() => {
      queued = false
      return drain()
    })
  }
  wake.on('appended', nudge)
  const timer = setInterval(nudge, lookMs)
  timer.unref()
  nudge()
  return {
    async stop() {
      stopped = true
      wake.off('appended', nudge)
      clearInterval(timer)
      await running
    },
  }
}
