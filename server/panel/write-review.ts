// Puts a reviewer's signals into words: at most 60, each sentence ending in the signal it rests on.
import type { Signal } from '@seatrial/protocol'

const mostWords = 60
export const countWords = (text: string): number => text.split(/\s+/).filter((word) => word !== '').length

/** One sentence per signal, the weightiest first, as many as fit. */
export function writeText(signals: readonly Signal[]): { text: string; cites: string[] } {
  const sentences: string[] = []
  const cites: string[] = []
  let words = 0
  for (const signal of signals) {
    const sentence = `${shorten(signal.sentence, mostWords - 2)} [${signal.id}].`
    if (words + countWords(sentence) > mostWords) continue
    sentences.push(sentence)
    cites.push(signal.id)
    words += countWords(sentence)
  }
  return { text: sentences.join(' '), cites }
}

/** A signal's sentence without its full stop, cut to so many words. */
function shorten(sentence: string, words: number): string {
  const parts = sentence.replace(/[.!?]+\s*$/, '').split(/\s+/)
  return parts.length > words ? `${parts.slice(0, words).join(' ')}…` : parts.join(' ')
}
