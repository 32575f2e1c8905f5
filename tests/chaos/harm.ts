// The ways in which the world is cruel, as a table: what is harmed, how often, and what must come back afterwards.
import { closeSync, openSync, rmSync, statfsSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import type { EventBody } from '@seatrial/protocol'
import { agentsOf } from '../house.ts'
import type { Postgres } from '../postgres.ts'
import type { Random } from './random.ts'

export interface World {
  dataDir: string
  random: Random
  house: {
    kill(): Promise<void>
    /** Starts a house and kills it after so many milliseconds. */
    dieAtStart(afterMs: number): Promise<void>
    restart(): Promise<void>
    answers(): Promise<boolean>
  }
  /** Remote workers, killed and started again. */
  workers: { dataDir: string; again(): Promise<void> }[]
  postgres: { server: Postgres; database: string } | null
  /** The data folder lies on a disk of its own, small enough to be filled. */
  smallDisk: boolean
}

export interface Harm {
  name: string
  /** Of all harms that are possible, how often this one. */
  weight: number
  /** How many kills it is. */
  kills?: number
  /** Strikes only when the log says this, instead of at any moment. */
  moment?: EventBody['type']
  possible(world: World): boolean
  /** False when there was nothing to harm. */
  strike(world: World): Promise<boolean>
}

/** A house that is killed at its start is so within this time: a little longer than a start takes. */
const longestStartMs = 3500

export const harms: Harm[] = [
  {
    name: 'house',
    weight: 5,
    possible: () => true,
    async strike({ house }) {
      await house.kill()
      await house.restart()
      return true
    },
  },
  {
    name: 'house twice',
    weight: 2,
    kills: 2,
    possible: () => true,
    async strike({ house, random }) {
      await house.kill()
      await house.dieAtStart(random.below(longestStartMs))
      await house.restart()
      return true
    },
  },
  {
    name: 'agent',
    weight: 6,
    moment: 'agent.started',
    possible: () => true,
    async strike({ dataDir, workers, random }) {
      const agents = agentsOf([dataDir, ...workers.map((worker) => worker.dataDir)])
      if (agents.length === 0) return false
      try {
        process.kill(random.pick(agents), 'SIGKILL')
        return true
      } catch (error) {
        // It ended by itself between the look and the kill.
        if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
        return false
      }
    },
  },
  {
    name: 'worker',
    weight: 4,
    possible: ({ workers }) => workers.length > 0,
    async strike({ workers, random }) {
      await random.pick(workers).again()
      return true
    },
  },
  {
    name: 'connections',
    weight: 2,
    possible: ({ postgres }) => postgres !== null,
    async strike({ postgres }) {
      await postgres?.server.cut(postgres.database)
      return true
    },
  },
  {
    name: 'database',
    weight: 1,
    possible: ({ postgres }) => postgres !== null,
    async strike({ postgres, random }) {
      await postgres?.server.kill()
      await sleep(random.below(2000))
      await postgres?.server.start()
      return true
    },
  },
  {
    name: 'disk',
    weight: 1,
    possible: ({ smallDisk }) => smallDisk,
    async strike({ dataDir, random, house }) {
      const free = fill(dataDir)
      await sleep(300 + random.below(1500))
      free()
      // A house that met a full disk in the middle of a write may have ended itself; its keeper starts it again.
      if (!(await house.answers())) {
        await house.kill()
        await house.restart()
      }
      return true
    },
  },
]

/** Leaves not a byte on the disk of a folder; returns what makes room again. */
function fill(dataDir: string): () => void {
  const path = join(dataDir, 'filler')
  const descriptor = openSync(path, 'w')
  try {
    for (const size of [1 << 20, 1 << 12, 1]) {
      const block = Buffer.alloc(size)
      try {
        while (statfsSync(dataDir).bfree > 0) writeSync(descriptor, block)
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      }
    }
  } finally {
    closeSync(descriptor)
  }
  return () => rmSync(path, { force: true })
}
