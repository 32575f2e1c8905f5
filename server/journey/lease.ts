// Who holds a trial. A worker writes only while its fence is the newest; cancel and loss reach it as one signal.
import { EventEmitter } from 'node:events'
import type { TrialState } from '@seatrial/protocol'
import { and, eq, sql } from 'drizzle-orm'
import type { Db } from '../store/database.ts'
import { trial } from '../store/tables.ts'
import type { Rooms } from './rooms.ts'

const beatEveryMs = 2_000
/** Without a word from the database for this long, a worker counts itself as cut off and lets go. */
const cutOffAfterMs = 20_000

/** Why a stage must let go. `lost` and `stopping` leave the trial to the next attempt. */
export type LetGo = 'cancelled' | 'lost' | 'stopping' | 'timeout'

export interface Lease {
  readonly fence: number
  readonly signal: AbortSignal
  /** Set once the signal fired. */
  readonly why: () => LetGo | null
  letGo(why: LetGo): void
  release(): Promise<void>
}

/** Cancels of this process reach running stages at once; those of other processes with the next beat. */
export const cancels = new EventEmitter()
cancels.setMaxListeners(0)

export type TrialRow = typeof trial.$inferSelect

/** Takes a trial for this worker, or null when it is in none of the states (then there is nothing to do). */
export async function takeLease(
  rooms: Rooms,
  trialId: string,
  states: TrialState[],
): Promise<{ row: TrialRow; lease: Lease; takenOver: boolean } | null> {
  const before = await rooms.store.db.select({ worker: trial.worker }).from(trial).where(eq(trial.id, trialId))
  const [row] = await rooms.store.db
    .update(trial)
    .set({ fence: sql`${trial.fence} + 1`, worker: rooms.worker, beatAt: new Date() })
    .where(and(eq(trial.id, trialId), sql`${trial.state} in ${states}`))
    .returning()
  if (!row) return null
  const control = new AbortController()
  let why: LetGo | null = null
  const letGo = (reason: LetGo): void => {
    why ??= reason
    control.abort()
  }
  let heardAt = performance.now()
  let asking = false
  const beat = async (): Promise<void> => {
    const [held] = await rooms.store.db
      .update(trial)
      .set({ beatAt: new Date() })
      .where(and(eq(trial.id, trialId), eq(trial.fence, row.fence)))
      .returning({ cancelRequested: trial.cancelRequested })
    heardAt = performance.now()
    if (!held) letGo('lost')
    else if (held.cancelRequested) letGo('cancelled')
  }
  // A database that is away for a moment is not a lost lease; after a while somebody else surely has the trial.
  const timer = setInterval(() => {
    if (rooms.store.kind === 'postgres' && performance.now() - heardAt > cutOffAfterMs) letGo('lost')
    if (asking) return
    asking = true
    void beat()
      .catch(() => {})
      .finally(() => {
        asking = false
      })
  }, beatEveryMs)
  const onCancel = (id: string): void => {
    if (id === trialId) letGo('cancelled')
  }
  const onStop = (): void => letGo('stopping')
  cancels.on('cancel', onCancel)
  rooms.stopping.addEventListener('abort', onStop, { once: true })
  if (row.cancelRequested) letGo('cancelled')
  if (rooms.stopping.aborted) letGo('stopping')
  return {
    row,
    takenOver: (before[0]?.worker ?? null) !== null,
    lease: {
      fence: row.fence,
      signal: control.signal,
      why: () => why,
      letGo,
      async release() {
        clearInterval(timer)
        cancels.off('cancel', onCancel)
        rooms.stopping.removeEventListener('abort', onStop)
        // One that lost the trial leaves the row alone: whoever comes next is to see that it was held.
        if (why === 'lost') return
        await rooms.store.db
          .update(trial)
          .set({ worker: null })
          .where(and(eq(trial.id, trialId), eq(trial.fence, row.fence)))
      },
    },
  }
}

/** True while the fence is the newest; locks the row until the transaction ends. */
export async function stillHeld(tx: Db, trialId: string, fence: number): Promise<boolean> {
  const [row] = await tx.select({ fence: trial.fence }).from(trial).where(eq(trial.id, trialId)).for('update')
  return row?.fence === fence
}
