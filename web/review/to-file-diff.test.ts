import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processFile } from '@pierre/diffs'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { fileDiff } from '../dev/patch-text.ts'
import { toFileDiff } from './to-file-diff.ts'

function gitDiff(before: string, after: string): string | null {
  const dir = mkdtempSync(join(tmpdir(), 'drawn-'))
  try {
    writeFileSync(join(dir, 'a'), before)
    writeFileSync(join(dir, 'b'), after)
    execFileSync('git', ['diff', '--no-index', '--no-color', '-U2', 'a', 'b'], { cwd: dir })
    return null
  } catch (error) {
    const text = String((error as { stdout: Buffer }).stdout)
    return text.slice(text.indexOf('@@ '))
  } finally {
    rmSync(dir, { recursive: true })
  }
}

const plain = (drawn: ReturnType<typeof toFileDiff>) => ({
  ...drawn,
  hunks: drawn.hunks.map(({ hunkSpecs, hunkContext, ...rest }) => rest),
})
const words = fc.array(fc.constantFrom('a', 'b', 'c', ''), { maxLength: 30 })
const text = fc
  .tuple(words, fc.boolean())
  .map(([list, ended]) => list.join('\n') + (ended && list.length > 0 ? '\n' : ''))

test("is what the view's own parser makes of the same patch", () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const body = gitDiff(before, after)
      if (!body?.startsWith('@@')) return
      const patch = `diff --git a/f.ts b/f.ts\n--- a/f.ts\n+++ b/f.ts\n${body}`
      const parsed = processFile(patch, { isGitDiff: true, disableLineMatching: true, cacheKey: 'k:f.ts' })!
      delete parsed.prevName
      expect(plain(toFileDiff(fileDiff('f.ts', body), 'k'))).toEqual(plain(parsed))
    }),
    { numRuns: 60 },
  )
})

test('names that could be read as something else are spelled out', () => {
  const drawn = toFileDiff(fileDiff('a\u202egnp.ts', '@@ -1,1 +1,1 @@\n-x\n+y\u200b\n'), 'k')
  expect(drawn.name).toBe('a⟨U+202E⟩gnp.ts')
  expect(drawn.additionLines).toEqual(['y⟨U+200B⟩\n'])
})
