// Notices a model that goes in circles: the same call with the same result again and again.
import { createHash } from 'node:crypto'

export interface RepeatWatch {
  /** How often this call has now given this result among the recent ones. */
  note(tool: string, input: unknown, output: string): number
}

/** From this count on the model is told; from the next on the turn ends. */
export const repeatWarning = 3
export const repeatStop = 6

export function watchRepeats(): RepeatWatch {
  const recent: string[] = []
  return {
    note(tool, input, output) {
      const key = createHash('sha1')
        .update(JSON.stringify([tool, input, output]))
        .digest('hex')
      recent.push(key)
      if (recent.length > 24) recent.shift()
      return recent.filter((other) => other === key).length
    },
  }
}
