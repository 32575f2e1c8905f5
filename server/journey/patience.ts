// Work outside a trial (settling, applying) that meets a bug is tried again twice, because the cause may pass; then it
// ends with a sentence, so that no task hangs for ever.
import type { Finish } from '../queue/queue.ts'
import { databaseWasAway } from '../store/away.ts'
import type { Rooms } from './rooms.ts'

const mostFaults = 3
const restMs = 500

/** Wraps a piece of work by its id. Faults are counted in memory: a restarted house tries afresh. */
export function withPatience(
  rooms: Rooms,
  what: string,
  work: (id: string) => Promise<Finish>,
  giveUp: (id: string, sentence: string) => Finish,
): (id: string) => Promise<Finish> {
  const faults = new Map<string, number>()
  return async (id) => {
    try {
      const finish = await work(id)
      faults.delete(id)
      return finish
    } catch (error) {
      if (rooms.stopping.aborted) throw error
      rooms.report(error as Error, `${what} ${id}`)
      // A database that was away is no bug of the work.
      const count = (faults.get(id) ?? 0) + (databaseWasAway(error) ? 0 : 1)
      faults.set(id, count)
      if (count < mostFaults) {
        await new Promise((resolve) => setTimeout(resolve, restMs))
        throw error
      }
      faults.delete(id)
      return giveUp(id, `The house failed while ${what}: ${(error as Error).message.slice(0, 300)}`)
    }
  }
}
