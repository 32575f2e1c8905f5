// Lines of a hunk by their numbers on either side, and back.
import type { FileDiff, Hunk } from '@seatrial/protocol/diff'
import type { Lines, Side } from './review-diff.tsx'

export interface Place {
  side: Side
  line: number
}

/** Where each line of a hunk stands; null for the remark about a missing line break. */
export function placesOf(hunk: Hunk): (Place | null)[] {
  let before = hunk.oldStart
  let after = hunk.newStart
  return hunk.lines.map((line) => {
    if (line.startsWith('\\')) return null
    if (line.startsWith('-')) return { side: 'old', line: before++ }
    if (!line.startsWith('+')) before++
    return { side: 'new', line: after++ }
  })
}

/** The line under which a hunk's bar is drawn: its last. */
export const endOf = (hunk: Hunk): Place =>
  placesOf(hunk).findLast((place) => place !== null) ?? { side: 'new', line: 0 }

/** The first changed line. */
export const startOf = (hunk: Hunk): Place =>
  placesOf(hunk)[hunk.lines.findIndex((line) => /^[+-]/.test(line))] ?? endOf(hunk)

const same = (hunk: Hunk, place: Place, places: readonly (Place | null)[]) =>
  places.findIndex(
    (own, index) =>
      own !== null &&
      ((own.side === place.side && own.line === place.line) ||
        // Context lines may be named by their old number too.
        (place.side === 'old' && hunk.lines[index]?.startsWith(' ') && oldLine(hunk, index) === place.line)),
  )

const oldLine = (hunk: Hunk, index: number) =>
  hunk.oldStart + hunk.lines.slice(0, index).filter((line) => !/^[+\\]/.test(line)).length

/** The hunk and the indices of its lines that a selection covers. */
export function linesIn(file: FileDiff, lines: Lines): { hunk: Hunk; indices: number[] } | null {
  for (const hunk of file.hunks) {
    const places = placesOf(hunk)
    const ends = [same(hunk, lines.start, places), same(hunk, lines.end, places)].sort((a, b) => a - b)
    const [from = -1, to = -1] = ends
    if (to < 0) continue
    const first = from < 0 ? to : from
    return { hunk, indices: Array.from({ length: to - first + 1 }, (_, step) => first + step) }
  }
  return null
}
