// Puts a file together from the candidate's text and what a person chose of each hunk. Undecided counts as not taken.
import type { FileDiff, Hunk } from '@seatrial/protocol/diff'
import type { Choice } from './draft.ts'

/** Lines of the new side, without their sign. */
export const newSide = (hunk: Hunk): string[] => sideOf(hunk, '+')

const sideOf = (hunk: Hunk, sign: '+' | '-') =>
  hunk.lines.filter((line) => line.startsWith(' ') || line.startsWith(sign)).map((line) => line.slice(1))

/** Whether the side's last line has no line break after it. */
const openEnded = (hunk: Hunk, sign: '+' | '-') =>
  hunk.lines.some((line, index) => line.startsWith('\\') && [' ', sign].includes(hunk.lines[index - 1]?.[0] ?? ''))

function linesOf(hunk: Hunk, choice: Choice | undefined): { lines: string[]; open: boolean } {
  if (choice?.kind === 'accept') return { lines: newSide(hunk), open: openEnded(hunk, '+') }
  if (choice?.kind === 'edit') {
    return { lines: choice.text === '' ? [] : choice.text.replace(/\n$/, '').split('\n'), open: openEnded(hunk, '+') }
  }
  if (choice?.kind === 'lines') {
    const left = new Set(choice.drop)
    const kept = hunk.lines.flatMap((line, index) => {
      if (line.startsWith('+')) return left.has(index) ? [] : [line.slice(1)]
      if (line.startsWith('-')) return left.has(index) ? [line.slice(1)] : []
      return line.startsWith(' ') ? [line.slice(1)] : []
    })
    return { lines: kept, open: openEnded(hunk, '+') && openEnded(hunk, '-') }
  }
  return { lines: sideOf(hunk, '-'), open: openEnded(hunk, '-') }
}

export function composeFile(candidate: string, file: FileDiff, choices: Readonly<Record<string, Choice>>): string {
  const ended = candidate.endsWith('\n') || candidate === ''
  const lines = (ended ? candidate.slice(0, -1) : candidate).split('\n')
  if (candidate === '') lines.length = 0
  let open = !ended
  for (const hunk of file.hunks.toReversed()) {
    // A hunk without new lines names the line before it.
    const start = hunk.newLines === 0 ? hunk.newStart : hunk.newStart - 1
    const atEnd = start + hunk.newLines >= lines.length
    const put = linesOf(hunk, choices[hunk.id])
    lines.splice(start, hunk.newLines, ...put.lines)
    if (atEnd && hunk === file.hunks.at(-1)) open = put.open
  }
  return lines.length === 0 ? '' : lines.join('\n') + (open ? '' : '\n')
}
