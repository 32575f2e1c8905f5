// Applies chosen hunks to the exact text they were made against: positions only, no guessing.
import type { RawHunk } from './patch.ts'

/** Replace `count` old lines from 0-based line `at`; context is already stripped. Lines keep their line ends. */
interface Splice {
  at: number
  count: number
  lines: string[]
}

/** The changed runs of a hunk, without context. */
function splices(hunk: RawHunk): Splice[] {
  const found: Splice[] = []
  let at = hunk.oldLines === 0 ? hunk.oldStart : hunk.oldStart - 1
  let open: Splice | null = null
  hunk.lines.forEach((line, position) => {
    const kind = line[0]
    if (kind === '\\') return
    if (kind === ' ') {
      open = null
      at++
      return
    }
    if (!open) {
      open = { at, count: 0, lines: [] }
      found.push(open)
    }
    if (kind === '-') {
      open.count++
      at++
    } else open.lines.push(line.slice(1) + (hunk.lines[position + 1]?.startsWith('\\') ? '' : '\n'))
  })
  return found
}

const sameSplice = (a: Splice, b: Splice): boolean =>
  a.at === b.at && a.count === b.count && a.lines.join('') === b.lines.join('')

/** Whether two splices touch the same lines, or insert at the same place so that their order would be a guess. */
const collide = (a: Splice, b: Splice): boolean =>
  a.at === b.at ||
  (a.at < b.at + b.count && b.at < a.at + a.count) ||
  a.at + a.count === b.at ||
  b.at + b.count === a.at

/** The first pair of hunks, of different origins, that cannot both be applied; null when all fit together. */
export function collision(groups: RawHunk[][]): [RawHunk, RawHunk] | null {
  const all = groups.flatMap((hunks, group) =>
    hunks.flatMap((hunk) => splices(hunk).map((splice) => ({ group, hunk, splice }))),
  )
  for (const [position, one] of all.entries()) {
    for (const other of all.slice(position + 1)) {
      if (one.group === other.group || sameSplice(one.splice, other.splice)) continue
      if (collide(one.splice, other.splice)) return [one.hunk, other.hunk]
    }
  }
  return null
}

/** Text (bytes as characters) with the hunks applied; identical splices count once. */
export function applyHunks(text: string, hunks: RawHunk[]): string {
  const lines = text.split('\n').map((line, position, all) => (position < all.length - 1 ? `${line}\n` : line))
  if (lines.at(-1) === '') lines.pop()
  const todo = hunks.flatMap(splices).sort((a, b) => a.at - b.at || a.count - b.count)
  const done: string[] = []
  let at = 0
  let last: Splice | null = null
  for (const splice of todo) {
    if (last && sameSplice(last, splice)) continue
    if (splice.at < at) throw new Error('hunks overlap')
    done.push(...lines.slice(at, splice.at), ...splice.lines)
    at = splice.at + splice.count
    last = splice
  }
  done.push(...lines.slice(at))
  return done.join('')
}
