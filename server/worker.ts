// A worker on another machine: the rooms of a house without its API. It claims stages of trials; settling and applying stay with the house.
import { Refusal } from '@seatrial/protocol'
import type { Config } from './config.ts'
import type { Rooms } from './journey/rooms.ts'
import { startJourney } from './journey.ts'
import { openRooms } from './open-rooms.ts'

export interface Worker {
  rooms: Rooms
  /** Gives running stages back to the queue. Safe to call twice. */
  stop(): Promise<void>
  stopped: Promise<void>
}

/** Opens a worker. Refuses without a PostgreSQL to share with its house. */
export async function openWorker(config: Config): Promise<Worker> {
  if (!config.databaseUrl) {
    throw new Refusal(
      'bad_request',
      'A worker shares a PostgreSQL with its house; name it: `seatrial worker --connect postgres://USER@HOST/DATABASE`.',
    )
  }
  const { rooms, toml, close } = await openRooms(config)
  await startJourney(rooms, { workers: config.workers ?? toml.house.workers, decides: false })
  const ended = Promise.withResolvers<void>()
  let stopping: Promise<void> | null = null
  return {
    rooms,
    stopped: ended.promise,
    stop() {
      stopping ??= close().then(ended.resolve)
      return stopping
    },
  }
}
