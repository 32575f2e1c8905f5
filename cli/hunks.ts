// Hunks by name, and hunks drawn for a terminal.
import { type Diff, type FileDiff, type Hunk, Refusal } from '@seatrial/protocol'
import type { Context } from './context.ts'

/** Whole hunk ids for shortened ones. Refuses unknown and ambiguous ones. */
export function findHunks(diff: Diff, names: string[]): string[] {
  const all = diff.files.flatMap((file) => file.hunks.map((hunk) => hunk.id))
  return names.map((name) => {
    const found = [...new Set(all.filter((id) => id.startsWith(name)))]
    if (found.length === 1 && found[0]) return found[0]
    throw new Refusal(
      found.length > 1 ? 'bad_request' : 'not_found',
      found.length > 1
        ? `More than one hunk starts with ${name}.`
        : `The candidate has no hunk ${name}; see \`seatrial diff\`.`,
    )
  })
}

const marks: Record<FileDiff['status'], string> = {
  added: 'new file',
  deleted: 'deleted',
  modified: 'changed',
  renamed: 'renamed',
  copied: 'copied',
  typechange: 'changed its type',
}

export function fileHeading(file: FileDiff, { color }: Context): string {
  const from = file.oldPath && file.oldPath !== file.path ? `${file.oldPath} → ` : ''
  const notes = [
    marks[file.status],
    file.binary ? 'binary' : '',
    file.sensitive ? color.yellow('sensitive') : '',
  ].filter(Boolean)
  return `${color.bold(`${from}${file.path}`)}  ${notes.join(', ')}  ${color.green(`+${file.added}`)} ${color.red(`-${file.removed}`)}`
}

export function drawHunk(hunk: Hunk, { color }: Context): string {
  const head = `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@ ${hunk.section}`
  const lines = hunk.lines.map((line) =>
    line[0] === '+' ? color.green(line) : line[0] === '-' ? color.red(line) : line,
  )
  return [`${color.cyan(head)} ${color.dim(hunk.id)}`, ...lines].join('\n')
}
