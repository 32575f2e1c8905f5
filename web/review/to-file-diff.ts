// Turns the house's diff of a file into what the diff view draws. The change itself was computed by the house, and its
// lines are already apart, so nothing is parsed here: `to-file-diff.test.ts` holds the result against the view's parser.
import type { FileDiffMetadata } from '@pierre/diffs'
import type { FileDiff, Hunk } from '@seatrial/protocol/diff'
import { visible } from '../parts/visible.ts'

type Drawn = FileDiffMetadata['hunks'][number]
type Content = Drawn['hunkContent'][number]

const types: Record<FileDiff['status'], FileDiffMetadata['type']> = {
  added: 'new',
  deleted: 'deleted',
  modified: 'change',
  typechange: 'change',
  renamed: 'rename-changed',
  copied: 'change',
}

/** Lines of the new file before the hunk. */
const linesBefore = (hunk: Hunk): number => (hunk.newLines === 0 ? hunk.newStart : hunk.newStart - 1)

type Of<Type extends Content['type']> = Extract<Content, { type: Type }>
type At = { deletionLineIndex: number; additionLineIndex: number }

/** The last stretch if it is of this kind, else a new one. */
function lastOf<Type extends Content['type']>(content: Content[], type: Type, at: At): Of<Type> {
  const last = content.at(-1)
  if (last?.type === type) return last as Of<Type>
  const made: Content =
    type === 'context' ? { type: 'context', lines: 0, ...at } : { type: 'change', deletions: 0, additions: 0, ...at }
  content.push(made)
  return made as Of<Type>
}

/** Appends the hunk's lines to both sides and says how they alternate. */
function drawHunk(hunk: Hunk, old: string[], next: string[]): Drawn {
  const content: Content[] = []
  const drawn: Drawn = {
    collapsedBefore: 0,
    additionStart: hunk.newStart,
    additionCount: hunk.newLines,
    additionLines: 0,
    additionLineIndex: next.length,
    deletionStart: hunk.oldStart,
    deletionCount: hunk.oldLines,
    deletionLines: 0,
    deletionLineIndex: old.length,
    hunkContent: content,
    hunkSpecs: `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@\n`,
    splitLineStart: 0,
    splitLineCount: 0,
    unifiedLineStart: 0,
    unifiedLineCount: 0,
    noEOFCRDeletions: false,
    noEOFCRAdditions: false,
  }
  let sign = ''
  for (const line of hunk.lines) {
    if (line[0] === '\\') {
      if (sign !== '-') {
        drawn.noEOFCRAdditions = true
        next.push(next.pop()!.slice(0, -1))
      }
      if (sign !== '+') {
        drawn.noEOFCRDeletions = true
        old.push(old.pop()!.slice(0, -1))
      }
      continue
    }
    sign = line[0] ?? ' '
    const text = `${visible(line.slice(1))}\n`
    const at = { deletionLineIndex: old.length, additionLineIndex: next.length }
    if (sign === ' ') {
      lastOf(content, 'context', at).lines++
      old.push(text)
      next.push(text)
    } else if (sign === '+') {
      lastOf(content, 'change', at).additions++
      drawn.additionLines++
      next.push(text)
    } else {
      lastOf(content, 'change', at).deletions++
      drawn.deletionLines++
      old.push(text)
    }
  }
  for (const part of content) {
    drawn.splitLineCount += part.type === 'context' ? part.lines : Math.max(part.additions, part.deletions)
    drawn.unifiedLineCount += part.type === 'context' ? part.lines : part.additions + part.deletions
  }
  return drawn
}

const characters = (lines: readonly string[]): number => lines.reduce((sum, line) => sum + line.length, 0)

/** `key` names the pair of trees, so that colours are computed once per change. */
export function toFileDiff(file: FileDiff, key: string): FileDiffMetadata {
  const deletionLines: string[] = []
  const additionLines: string[] = []
  let split = 0
  let unified = 0
  let end = 0
  const hunks = file.hunks.map((hunk) => {
    const drawn = drawHunk(hunk, deletionLines, additionLines)
    drawn.collapsedBefore = Math.max(linesBefore(hunk) - end, 0)
    drawn.splitLineStart = split + drawn.collapsedBefore
    drawn.unifiedLineStart = unified + drawn.collapsedBefore
    split = drawn.splitLineStart + drawn.splitLineCount
    unified = drawn.unifiedLineStart + drawn.unifiedLineCount
    end = linesBefore(hunk) + hunk.newLines
    return drawn
  })
  return {
    name: visible(file.path),
    ...(file.oldPath ? { prevName: visible(file.oldPath) } : {}),
    type: file.status === 'renamed' && hunks.length === 0 ? 'rename-pure' : types[file.status],
    hunks,
    splitLineCount: split,
    unifiedLineCount: unified,
    isPartial: true,
    deletionLines,
    additionLines,
    deletionCharacterCount: characters(deletionLines),
    additionCharacterCount: characters(additionLines),
    cacheKey: `${key}:${file.path}`,
  }
}
