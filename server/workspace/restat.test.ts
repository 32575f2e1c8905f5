// An index taught by hand against git's own: the same answer, no file read, and no edit hidden.
import { execFileSync } from 'node:child_process'
import { statSync, utimesSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { makeRepo, tempDir } from './make-repo.ts'
import { restat } from './restat.ts'

const git = (dir: string, ...args: string[]): string =>
  execFileSync('git', args, { cwd: dir, encoding: 'utf8', env: { ...process.env, GIT_OPTIONAL_LOCKS: '0' } })

/** Stat data of every entry, as git reads them out of the index. */
const entries = (dir: string): string => git(dir, 'ls-files', '--debug').replaceAll(/\tflags:.*$/gm, '')

function copyOf(path: string): string {
  const copied = join(tempDir(), 'copy')
  execFileSync('cp', ['-a', path, copied])
  return copied
}

test.each(['sha1', 'sha256'] as const)('an index over %s learns a copy, entry by entry as git would', async (hash) => {
  const path = tempDir()
  execFileSync('git', ['init', '-q', `--object-format=${hash}`, path])
  const repo = makeRepo({}, path)
  repo.commit({
    'a.ts': 'a\n',
    'päth/with "quotes"/b.ts': 'b\n',
    x: { exec: 'x\n' },
    link: { link: 'a.ts' },
    empty: '',
  })
  repo.write({ later: 'l\n' })
  repo.git('add', '-N', 'later')
  const [ours, gits] = [copyOf(path), copyOf(path)]
  const before = statSync(join(ours, '.git/index')).size
  writeFileSync(join(ours, '.git/index'), (await restat(join(ours, '.git/index'), ours, hash)) as Buffer)
  expect(statSync(join(ours, '.git/index')).size).toBe(before)
  expect(git(ours, 'diff-files', '--name-only')).toBe('later\n')
  git(ours, 'fsck')
  execFileSync('git', ['update-index', '-q', '--refresh'], { cwd: gits, stdio: 'ignore' })
  const shape = (dir: string): string => entries(dir).replaceAll(/ino: \d+|ctime: [\d:]+|dev: \d+/g, '')
  expect(shape(ours)).toBe(shape(gits))
  expect(entries(ours)).toContain(`ino: ${statSync(join(ours, 'a.ts')).ino}`)
})

test('a file that is not what the index recorded stays for git to look at', async () => {
  const { path } = makeRepo({ 'a.ts': 'a\n', 'b.ts': 'b\n', 'c/d.ts': 'd\n' })
  const copied = copyOf(path)
  const { mtime } = statSync(join(copied, 'a.ts'))
  writeFileSync(join(copied, 'a.ts'), 'longer, and the time put back\n')
  utimesSync(join(copied, 'a.ts'), mtime, mtime)
  writeFileSync(join(copied, 'b.ts'), 'B\n')
  execFileSync('rm', ['-r', join(copied, 'c')])
  writeFileSync(join(copied, 'c'), 'a file now\n')
  writeFileSync(join(copied, '.git/index'), (await restat(join(copied, '.git/index'), copied, 'sha1')) as Buffer)
  expect(git(copied, 'diff-files', '--name-only').trim().split('\n')).toEqual(['a.ts', 'b.ts', 'c/d.ts'])
})

test('an index of another version is left to git', async () => {
  const { path, git: inRepo } = makeRepo({ 'a.ts': 'a\n' })
  inRepo('update-index', '--index-version', '4')
  expect(await restat(join(path, '.git/index'), path, 'sha1')).toBeNull()
})
