// A line in front of one model: so many at a time, the rest wait in order, and nobody waits past a deadline.
import { Refusal } from '@seatrial/protocol'

export interface Line {
  /** Resolves to a function that leaves the line. Throws `Refusal('too_many')` past the deadline or a full line. */
  enter(signal: AbortSignal): Promise<() => void>
  waiting(): number
  running(): number
}

export function line(options: { atOnce: number; mostWaiting: number; deadlineMs: number }): Line {
  let running = 0
  const waiting: (() => void)[] = []

  const leave = () => {
    let left = false
    return () => {
      if (left) return
      left = true
      const next = waiting.shift()
      if (next) next()
      else running--
    }
  }

  return {
    waiting: () => waiting.length,
    running: () => running,
    async enter(signal) {
      signal.throwIfAborted()
      if (running < options.atOnce) {
        running++
        return leave()
      }
      if (waiting.length >= options.mostWaiting) {
        throw new Refusal('too_many', `${waiting.length} requests wait for this model already; try again later.`)
      }
      await new Promise<void>((resolve, reject) => {
        const out = (error: unknown) => {
          const at = waiting.indexOf(turn)
          if (at >= 0) waiting.splice(at, 1)
          clearTimeout(timer)
          signal.removeEventListener('abort', gone)
          reject(error)
        }
        const turn = () => {
          clearTimeout(timer)
          signal.removeEventListener('abort', gone)
          resolve()
        }
        const gone = () => out(signal.reason)
        const late = () =>
          out(new Refusal('too_many', `The model was busy for ${options.deadlineMs / 1000} s; try again later.`))
        const timer = setTimeout(late, options.deadlineMs)
        signal.addEventListener('abort', gone, { once: true })
        waiting.push(turn)
      })
      return leave()
    },
  }
}
