// The forgiving parts of the file tools: what is found, what is refused, what stays untouched.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeFolder } from '../drive.ts'
import { applyPatch } from './apply-patch.ts'
import { edit } from './edit.ts'
import { findText } from './match.ts'
import { parsePatch } from './patch.ts'
import { read } from './read.ts'
import { search } from './search.ts'
import { clip, type World } from './tool.ts'

function world(files: Record<string, string>): World & { text(path: string): string } {
  const cwd = makeFolder(files)
  const { signal } = new AbortController()
  const commandEnv = { PATH: process.env.PATH ?? '' }
  return {
    cwd,
    commandEnv,
    signal,
    maxOutput: 10_000,
    onOutput: () => undefined,
    text: (path) => readFileSync(join(cwd, path), 'utf8'),
  }
}

const code = 'function f() {\n    if (a) {\n        return "x"\n    }\n}\n'

test.each([
  ['exactly', 'return "x"', 'return "y"', code.replace('"x"', '"y"')],
  [
    'with other indentation',
    'if (a) {\n    return "x"\n}',
    'if (b) {\n    return "x"\n}',
    code.replace('if (a)', 'if (b)'),
  ],
  ['with typographic quotes', '        return “x”', '        return "y"', code.replace('"x"', '"y"')],
  [
    'with trailing space',
    '    if (a) {  \n        return "x"',
    '    if (z) {\n        return "x"',
    code.replace('(a)', '(z)'),
  ],
])('edit finds text remembered %s', async (_, old, replacement, expected) => {
  const place = world({ 'f.ts': code })
  await edit.run({ path: 'f.ts', old, new: replacement, all: false }, place)
  expect(place.text('f.ts')).toBe(expected)
})

test('edit keeps CRLF, and puts `$&` as it is', async () => {
  const place = world({ 'f.txt': 'a\r\nb\r\nc\r\n' })
  await edit.run({ path: 'f.txt', old: 'a\nb', new: 'x$&\ny', all: false }, place)
  expect(place.text('f.txt')).toBe('x$&\r\ny\r\nc\r\n')
})

test('edit refuses what is ambiguous, absent or the same, and says where to look', async () => {
  const place = world({ 'f.ts': 'let one = 1\nlet two = 2\nlet one = 1\n' })
  const attempt = (old: string, replacement = 'z') =>
    edit.run({ path: 'f.ts', old, new: replacement, all: false }, place)
  await expect(attempt('let one = 1')).rejects.toThrow('2 times in f.ts (lines 1, 3)')
  await expect(attempt('let two = 3')).rejects.toThrow('nearest line is 2: let two')
  await expect(attempt('let two = 2', 'let two = 2')).rejects.toThrow('the same')
  await edit.run({ path: 'f.ts', old: 'let one = 1', new: 'let uno = 1', all: true }, place)
  expect(place.text('f.ts')).toBe('let uno = 1\nlet two = 2\nlet uno = 1\n')
})

test('blank lines alone match nothing', () => {
  expect(findText('a\n\nb', '   ')).toEqual([])
})

test('a patch adds, updates, moves and deletes at once', async () => {
  const place = world({ 'a.ts': 'one\ntwo\nthree\n', 'b.ts': 'b\n', 'c.ts': 'c\nd\n' })
  const patch = `*** Begin Patch
*** Add File: deep/new.ts
+hello
+world
*** Update File: a.ts
@@
 one
-two
+TWO
 three
*** Update File: c.ts
*** Move to: moved/c.ts
@@
-d
+D
*** Delete File: b.ts
*** End Patch`
  await applyPatch.run({ patch }, place)
  expect(place.text('deep/new.ts')).toBe('hello\nworld\n')
  expect(place.text('a.ts')).toBe('one\nTWO\nthree\n')
  expect(place.text('moved/c.ts')).toBe('c\nD\n')
  expect(() => place.text('b.ts')).toThrow('ENOENT')
  expect(() => place.text('c.ts')).toThrow('ENOENT')
})

test('a patch that does not fit anywhere writes nothing', async () => {
  const place = world({ 'a.ts': 'one\n', 'b.ts': 'two\n' })
  const patch =
    '*** Begin Patch\n*** Update File: a.ts\n@@\n-one\n+1\n*** Update File: b.ts\n@@\n-nowhere\n+x\n*** End Patch'
  await expect(applyPatch.run({ patch }, place)).rejects.toThrow('does not fit b.ts')
  expect(place.text('a.ts')).toBe('one\n')
})

test('hunks apply in order, by their anchor, and to the end of a file', async () => {
  const place = world({ 'a.ts': 'class A {\n  x = 1\n}\nclass B {\n  x = 1\n}\n' })
  await applyPatch.run({ patch: '*** Update File: a.ts\n@@ class B {\n-  x = 1\n+  x = 2\n' }, place)
  expect(place.text('a.ts')).toBe('class A {\n  x = 1\n}\nclass B {\n  x = 2\n}\n')
  await applyPatch.run({ patch: '*** Update File: a.ts\n@@\n+// end\n' }, place)
  expect(place.text('a.ts').endsWith('}\n// end\n')).toBe(true)
})

test('a unified diff is understood', () => {
  const changes = parsePatch(
    'diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1,2 +1,2 @@ f\n a\n-b\n+c\n--- /dev/null\n+++ b/new\n@@ -0,0 +1 @@\n+n\n',
  )
  expect(changes).toMatchObject([
    { kind: 'update', path: 'x', hunks: [{ before: ['a', 'b'], after: ['a', 'c'] }] },
    { kind: 'add', path: 'new', text: 'n\n' },
  ])
  expect(() => parsePatch('nothing')).toThrow('No file in the patch')
})

test('read shows lines, folders, binaries and limits', async () => {
  const place = world({ 'a.txt': 'a\nb\nc\n', 'd/e.txt': '', bin: 'a\0b' })
  expect(await read.run({ path: 'a.txt', offset: 2, limit: 1 }, place)).toBe('2|b\n(1 more lines)')
  expect(await read.run({ path: '.' }, place)).toBe('a.txt\nbin\nd/')
  expect(await read.run({ path: 'bin' }, place)).toContain('binary file of 3 bytes')
  expect(await read.run({ path: 'd/e.txt' }, place)).toBe('(empty file)')
  await expect(read.run({ path: 'a.txt', offset: 9 }, place)).rejects.toThrow('only 3 lines')
})

test('search works without a repository, lists by glob, and says when there is nothing', async () => {
  const place = world({ 'a.ts': 'needle\n', 'd/b.js': 'needle\n' })
  const ask = { path: '.', ignoreCase: false }
  expect(await search.run({ ...ask, pattern: 'needle', glob: '*.js' }, place)).toContain('b.js:1:needle')
  expect(await search.run({ ...ask, glob: '*.ts' }, place)).toContain('a.ts')
  expect(await search.run({ ...ask, pattern: 'absent' }, place)).toBe('Nothing found.')
})

test('clip keeps both ends', () => {
  const text = clip(`start${'x'.repeat(1000)}end`, 100)
  expect(text.startsWith('start')).toBe(true)
  expect(text.endsWith('end')).toBe(true)
  expect(text).toContain('908 characters left out')
})
