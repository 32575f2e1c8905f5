// Turns the house's diff of a file into what the diff view draws. The change itself was computed by the house.
import { type FileDiffMetadata, processFile } from '@pierre/diffs'
import type { FileDiff } from '@seatrial/protocol/diff'
import { visible } from '../parts/visible.ts'

const heads: Record<FileDiff['status'], (file: FileDiff) => string> = {
  added: (file) => `new file mode ${file.newMode ?? '100644'}\n--- /dev/null\n+++ b/file\n`,
  deleted: (file) => `deleted file mode ${file.oldMode ?? '100644'}\n--- a/file\n+++ /dev/null\n`,
  modified: () => '--- a/file\n+++ b/file\n',
  typechange: () => '--- a/file\n+++ b/file\n',
  renamed: () => 'similarity index 90%\nrename from old\nrename to file\n--- a/old\n+++ b/file\n',
  copied: () => '--- a/file\n+++ b/file\n',
}

const types: Record<FileDiff['status'], FileDiffMetadata['type']> = {
  added: 'new',
  deleted: 'deleted',
  modified: 'change',
  typechange: 'change',
  renamed: 'rename-changed',
  copied: 'change',
}

/** `key` names the pair of trees, so that colours are computed once per change. */
export function toFileDiff(file: FileDiff, key: string): FileDiffMetadata {
  let text = `diff --git a/file b/file\n${heads[file.status](file)}`
  for (const hunk of file.hunks) {
    text += `@@ -${hunk.oldStart},${hunk.oldLines} +${hunk.newStart},${hunk.newLines} @@ \n${hunk.lines.join('\n')}\n`
  }
  const drawn = processFile(visible(text), {
    isGitDiff: true,
    disableLineMatching: true,
    cacheKey: `${key}:${file.path}`,
  })
  if (!drawn) throw new Error(`The diff of ${file.path} cannot be drawn.`)
  drawn.name = visible(file.path)
  drawn.type = file.status === 'renamed' && file.hunks.length === 0 ? 'rename-pure' : types[file.status]
  if (file.oldPath) drawn.prevName = visible(file.oldPath)
  else delete drawn.prevName
  return drawn
}
