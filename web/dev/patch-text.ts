// A unified patch as text, read into the house's diff; used by example data only.
import { createHash } from 'node:crypto'
import type { FileDiff, Hunk } from '@seatrial/protocol/diff'

/** Reads `@@` blocks of one file. */
export function fileDiff(path: string, body: string, more: Partial<FileDiff> = {}): FileDiff {
  const hunks: Hunk[] = []
  for (const block of body.replace(/^\n+/, '').split(/^(?=@@ )/m)) {
    const [head = '', ...lines] = block.replace(/\n$/, '').split('\n')
    const [, oldStart, , newStart, , section] = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/.exec(head)!
    const id = createHash('sha256')
      .update(`${path}\n${oldStart}\n${lines.join('\n')}`)
      .digest('hex')
      .slice(0, 12)
    hunks.push({
      id,
      oldStart: Number(oldStart),
      oldLines: lines.filter((line) => !/^[+\\]/.test(line)).length,
      newStart: Number(newStart),
      newLines: lines.filter((line) => !/^[-\\]/.test(line)).length,
      section: section ?? '',
      lines,
    })
  }
  const all = hunks.flatMap(({ lines }) => lines)
  return {
    path,
    oldPath: null,
    status: 'modified',
    oldMode: '100644',
    newMode: '100644',
    binary: false,
    added: all.filter((line) => line.startsWith('+')).length,
    removed: all.filter((line) => line.startsWith('-')).length,
    hunks,
    collapsed: false,
    sensitive: false,
    ...more,
  }
}
