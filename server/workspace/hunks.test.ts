// Hunks against git itself: all of them make the new text, none the old, each alone exactly its own lines.
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { commitTree } from './commit-tree.ts'
import { rawDiff, readBlob } from './diff.ts'
import { git } from './git.ts'
import { applyHunks, collision } from './hunks.ts'
import { tempDir } from './make-repo.ts'
import { hunkId, parseDiff } from './patch.ts'
import { parseTree } from './tree-reader.ts'

const root = tempDir()
const gitDir = join(root, 'store.git')
await git(['init', '-q', '--bare', gitDir])
afterAll(() => rmSync(root, { recursive: true, force: true }))

const text = fc
  .tuple(
    fc.array(
      fc.constantFrom(
        'a\n',
        'b\n',
        '\n',
        'c\r\n',
        '--- x\n',
        '+++ y\n',
        '@@ -1 +1 @@\n',
        'diff --git a b\n',
        '\xff\x00\n',
      ),
      { maxLength: 60 },
    ),
    fc.constantFrom('', 'no end'),
  )
  .map(([lines, end]) => lines.join('') + end)

async function treeOf(content: string): Promise<string> {
  const made = await commitTree({
    gitDir,
    ref: 'refs/heads/case',
    parent: null,
    baseTree: null,
    writes: [{ path: 'file.txt', kind: 'content', mode: '100644', content: Buffer.from(content, 'latin1') }],
    message: 'case',
  })
  return made.tree
}

test('every diff of git can be replayed hunk by hunk', async () => {
  await fc.assert(
    fc.asyncProperty(text, text, async (before, after) => {
      fc.pre(before !== after && !/\x00/.test(before + after))
      const [file] = await rawDiff(gitDir, await treeOf(before), await treeOf(after))
      const hunks = file?.hunks ?? []
      expect(applyHunks(before, hunks)).toBe(after)
      expect(applyHunks(before, [])).toBe(before)
      expect(new Set(hunks.map((hunk) => hunk.id)).size).toBe(hunks.length)
      let lines = 0
      for (const hunk of hunks) lines += applyHunks(before, [hunk]).split('\n').length - before.split('\n').length
      expect(lines).toBe(after.split('\n').length - before.split('\n').length)
      expect(collision([hunks, hunks])).toBeNull()
      if (file?.status === 'M') expect((await readBlob(gitDir, file.newSha)).toString('latin1')).toBe(after)
    }),
    { numRuns: 40, seed: 7 },
  )
})

test('ids name path, place and lines', () => {
  const hunk = { oldStart: 3, lines: [' a', '-b', '+c'] }
  expect(hunkId('x', hunk)).toMatch(/^[0-9a-f]{12}$/)
  expect(hunkId('x', hunk)).toBe(hunkId('x', { ...hunk, lines: [...hunk.lines] }))
  for (const other of [
    hunkId('y', hunk),
    hunkId('x', { ...hunk, oldStart: 4 }),
    hunkId('x', { ...hunk, lines: [' a'] }),
  ]) {
    expect(other).not.toBe(hunkId('x', hunk))
  }
  expect(parseDiff(Buffer.alloc(0))).toEqual([])
  expect(parseTree(Buffer.alloc(0), 20).size).toBe(0)
})
