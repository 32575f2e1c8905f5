// Paths that may not become part of a tree, and writes that no link can lead astray.
import { existsSync, mkdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { tempDir } from './make-repo.ts'
import { plant } from './plant.ts'
import { isSafePath, leadsOutside } from './safe-path.ts'

const dirs: string[] = []
const fresh = (): string => {
  const dir = tempDir()
  dirs.push(dir)
  return dir
}
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true, force: true })
})

test.each([
  '.git',
  'a/.git/config',
  '.GIT/hooks/x',
  '.Git',
  'git~1/x',
  '.git ',
  '.git.',
  '.git::$INDEX_ALLOCATION',
  '.g\u00e2\u0080\u008cit',
  '../x',
  'a/../b',
  './x',
  '/etc/passwd',
  'a//b',
  '',
])('%j is not a safe path', (path) => expect(isSafePath(path)).toBe(false))

test.each(['a', '.gitignore', '.github/x', 'git', 'a b/ü', '...', '-rf', ':(top)x', 'new\nline'])(
  '%j is a safe path',
  (path) => expect(isSafePath(path)).toBe(true),
)

test.each<[string, string, boolean]>([
  ['a', '/etc/passwd', true],
  ['a', '../x', true],
  ['d/a', '../x', false],
  ['d/a', '../../x', true],
  ['d/a', 'b/../../../x', true],
  ['a', 'b/c', false],
])('link %s -> %s leads outside: %s', (path, target, outside) => expect(leadsOutside(path, target)).toBe(outside))

const file = (path: string) => ({ path, kind: 'file' as const, content: Buffer.from('planted'), mode: 0o644 })

test('a folder that became a link is not followed, for writes and for deletions', () => {
  const [root, outside] = [fresh(), fresh()]
  writeFileSync(join(outside, 'kept'), 'kept')
  symlinkSync(outside, join(root, 'd'))
  expect(() => plant({ root, owner: null, force: false, tag: 't' }, [file('d/x')])).toThrow()
  plant({ root, owner: null, force: false, tag: 't' }, [{ path: 'd/kept', kind: 'gone' }])
  expect(readFileSync(join(outside, 'kept'), 'utf8')).toBe('kept')
  plant({ root, owner: null, force: true, tag: 't' }, [file('d/x')])
  expect(existsSync(join(outside, 'x'))).toBe(false)
  expect(readFileSync(join(root, 'd/x'), 'utf8')).toBe('planted')
})

test('a file that became a link is replaced, not written through', () => {
  const [root, outside] = [fresh(), fresh()]
  writeFileSync(join(outside, 'target'), 'kept')
  symlinkSync(join(outside, 'target'), join(root, 'f'))
  plant({ root, owner: null, force: true, tag: 't' }, [file('f')])
  expect(readFileSync(join(outside, 'target'), 'utf8')).toBe('kept')
  expect(readFileSync(join(root, 'f'), 'utf8')).toBe('planted')
})

test('a filled folder is only cleared by force', () => {
  const root = fresh()
  mkdirSync(join(root, 'f'))
  writeFileSync(join(root, 'f/mine'), 'mine')
  expect(() => plant({ root, owner: null, force: false, tag: 't' }, [file('f')])).toThrow()
  expect(readFileSync(join(root, 'f/mine'), 'utf8')).toBe('mine')
  plant({ root, owner: null, force: true, tag: 't' }, [file('f')])
  expect(readFileSync(join(root, 'f'), 'utf8')).toBe('planted')
})
