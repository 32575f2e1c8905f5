// Names that came from a hostile tree, made fit to stand in a sentence: short, plain, unable to fake a citation.
import { plainText } from '@seatrial/protocol/plain-text'

/** One name for use in prose: no brackets, no sentence ends, at most `limit` characters. */
export function quoteName(name: string, limit = 48): string {
  const plain = plainText(name)
    .replace(/\s+/g, ' ')
    .replace(/\[/g, '(')
    .replace(/\]/g, ')')
    .replace(/([.!?]) /g, '$1\u00a0')
    .replace(/[.!?]+$/, '')
    .trim()
  const short = plain.length > limit ? `${plain.slice(0, limit - 1)}…` : plain
  return short === '' ? '(no name)' : short
}

/** `a, b and 3 more`. */
export function listNames(names: readonly string[], shown = 2): string {
  const first = names.slice(0, shown).map((name) => quoteName(name))
  const rest = names.length - first.length
  return rest > 0 ? `${first.join(', ')} and ${rest} more` : first.join(' and ')
}

/** `1 test`, `2 tests`. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${n} ${n === 1 ? noun : plural}`
}
