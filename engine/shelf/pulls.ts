// Downloads of this process: started in the background, watched, stopped; the last word of each is kept.
import { type Pull, Refusal } from '@seatrial/protocol'
import { entryOf } from '../catalogue/entries.ts'
import type { Entry } from '../catalogue/entry.ts'
import { type PullOptions, pullModel } from './pull.ts'
import type { Installed, Shelf } from './shelf.ts'

export interface Pulls {
  /** Starts or resumes. Resolves when the first word is known; `finished` when it is over. */
  start(input: PullInput): { pull: Pull; finished: Promise<Installed> }
  list(): Pull[]
  cancel(name: string): Promise<void>
  close(): Promise<void>
}

export interface PullInput {
  name: string
  /** The licence the person accepted, by name. */
  licence: string
  contextTokens: number
  /** Set when a person asked for this context: it is then served with no more. */
  servedTokens: number | null
  evenIfTooBig: boolean
}

export function openPulls(
  shelf: Shelf,
  settings: Pick<PullOptions, 'mirror' | 'memory'> & { waitsMs?: number[]; find?: (name: string) => Entry | null },
): Pulls {
  const state = new Map<string, Pull>()
  const stops = new Map<string, AbortController>()
  const running = new Map<string, Promise<unknown>>()

  return {
    list: () => [...state.values()],
    start(input) {
      const entry = (settings.find ?? entryOf)(input.name)
      if (!entry)
        throw new Refusal(
          'not_found',
          `The catalogue has no "${input.name}"; \`seatrial models list\` shows what it has.`,
        )
      if (input.licence !== entry.licence) {
        throw new Refusal(
          'bad_request',
          `"${entry.name}" is under ${entry.licence} (${entry.licenceUrl}); accept it by name.`,
        )
      }
      if (running.has(entry.name)) throw new Refusal('conflict', `"${entry.name}" is being pulled already.`)
      const stop = new AbortController()
      stops.set(entry.name, stop)
      state.set(entry.name, starting(entry.name))
      const finished = pullModel(shelf, entry, {
        ...settings,
        contextTokens: input.contextTokens,
        servedTokens: input.servedTokens,
        evenIfTooBig: input.evenIfTooBig,
        signal: stop.signal,
        progress: (pull) => state.set(entry.name, pull),
      }).catch((error) => {
        const was = state.get(entry.name) ?? starting(entry.name)
        const sentence = stop.signal.aborted ? 'Stopped; pull again to go on.' : (error as Error).message
        state.set(entry.name, {
          ...was,
          state: stop.signal.aborted ? 'cancelled' : 'failed',
          sentence,
          secondsLeft: null,
        })
        throw error
      })
      const over = finished.catch(() => undefined).finally(() => running.delete(entry.name))
      running.set(entry.name, over)
      return { pull: state.get(entry.name)!, finished }
    },
    async cancel(name) {
      if (!running.has(name)) throw new Refusal('not_found', `"${name}" is not being pulled.`)
      stops.get(name)?.abort()
      await running.get(name)
    },
    async close() {
      for (const stop of stops.values()) stop.abort()
      await Promise.all(running.values())
    },
  }
}

function starting(name: string): Pull {
  return {
    name,
    state: 'checking',
    file: null,
    doneBytes: 0,
    totalBytes: null,
    bytesPerSecond: 0,
    secondsLeft: null,
    sentence: null,
  }
}
