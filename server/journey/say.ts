// Writes a trial's events in small batches, only while its lease is held. Full buffers slow the speaker down; what comes
// after a silence is written at once.
import type { EventBody } from '@seatrial/protocol'
import { append, transact } from '../store/log.ts'
import { type Lease, stillHeld } from './lease.ts'
import type { Rooms } from './rooms.ts'

const flushEveryMs = 100
const mostWaiting = 500

export interface Speaker {
  /** Resolves at once while there is room, else when the batch is written. Never rejects: what cannot be written waits. */
  say(body: EventBody): Promise<void>
  /** Writes what is left; rejects when that fails. */
  flush(): Promise<void>
}

export function openSpeaker(rooms: Rooms, where: { taskId: string; trialId: string }, lease: Lease): Speaker {
  let waiting: EventBody[] = []
  let timer: NodeJS.Timeout | null = null
  let writing: Promise<void> = Promise.resolve()
  let flushedAt = Number.NEGATIVE_INFINITY

  const flush = (): Promise<void> => {
    if (timer) clearTimeout(timer)
    timer = null
    flushedAt = performance.now()
    writing = writing
      .catch(() => {})
      .then(async () => {
        const batch = waiting
        waiting = []
        if (batch.length === 0) return
        try {
          await transact(rooms.store.db, async (tx) => {
            if (await stillHeld(tx, where.trialId, lease.fence)) await append(tx, where, batch)
            else lease.letGo('lost')
          })
        } catch (error) {
          waiting = [...batch, ...waiting]
          throw error
        }
      })
    return writing
  }

  const tryFlush = (): Promise<void> => flush().catch((error: Error) => rooms.report(error, 'writing events'))

  return {
    async say(body) {
      waiting.push(body)
      if (waiting.length >= mostWaiting) return tryFlush()
      timer ??= setTimeout(() => void tryFlush(), Math.max(0, flushedAt + flushEveryMs - performance.now()))
    },
    flush,
  }
}
