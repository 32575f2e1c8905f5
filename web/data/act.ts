// Does something to the house for a person: a refusal becomes a message, success refreshes what is on screen.
import { say } from '../app/toast.tsx'
import { client, sentenceOf } from './client.ts'
import { cache } from './queries.ts'

/** Null when the house refused; the person was told why. */
export async function act<T>(request: Promise<T>, done?: string, undo?: (result: T) => (() => void) | undefined) {
  try {
    const result = await request
    void cache.invalidateQueries({ queryKey: ['tasks'] })
    void cache.invalidateQueries({ queryKey: ['task'] })
    const back = undo?.(result)
    if (done) say(done, back ? { undo: back } : {})
    return result
  } catch (error) {
    say(sentenceOf(error), { tone: 'bad' })
    return null
  }
}

/** Takes an applied decision back, with a message. */
export const undoDecision = (id: string): void =>
  void act(client.undo({ params: { id } }), 'Taken back. Your checkout is as it was before.')
