// Accept and undo on real checkouts: dirty, moved on, staged, colliding.
import { execFileSync } from 'node:child_process'
import {
  chmodSync,
  existsSync,
  readFileSync,
  rmSync,
  statfsSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { AcceptInput, type Base, Refusal } from '@seatrial/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import { rawDiff } from '../workspace/diff.ts'
import { type FileSpec, makeRepo, type TestRepo, tempDir, writeFiles } from '../workspace/make-repo.ts'
import { fetchCommit, makeStore, type Store, storeOf } from '../workspace/store.ts'
import { type ApplyInput, applyCandidate } from './apply.ts'
import { undoApplied } from './undo.ts'

const cleanups: (() => void)[] = []
afterEach(() => {
  for (const cleanup of cleanups.splice(0)) cleanup()
})

interface Stage {
  repo: TestRepo
  base: Base
  store: Store
  /** Makes a candidate tree in the store: the base with these files changed. */
  candidate(files: Record<string, FileSpec>): string
  apply(tree: string, input?: object, more?: Partial<ApplyInput>): ReturnType<typeof applyCandidate>
}

async function stage(
  files: Record<string, FileSpec>,
  prepare?: (repo: TestRepo) => void,
  path?: string,
): Promise<Stage> {
  const repo = makeRepo(files, path)
  prepare?.(repo)
  const root = tempDir()
  const store = storeOf(root, 'p-test')
  await makeStore(store, 'sha1')
  const head = repo.git('rev-parse', 'HEAD')
  await fetchCommit(store, repo.path, head)
  const tree = repo.git('rev-parse', 'HEAD^{tree}')
  const base: Base = { spec: { kind: 'commit', ref: 'HEAD' }, commit: head, tree, head, branch: 'main' }
  cleanups.push(() => {
    repo.remove()
    rmSync(root, { recursive: true, force: true })
  })
  return {
    repo,
    base,
    store,
    candidate(changes) {
      const dir = tempDir()
      const env = { ...process.env, GIT_DIR: store.git, GIT_WORK_TREE: dir, GIT_INDEX_FILE: join(root, 'index') }
      const run = (...args: string[]) => execFileSync('git', args, { cwd: dir, env, encoding: 'utf8' }).trim()
      run('read-tree', tree)
      run('checkout-index', '-a')
      writeFiles(dir, changes)
      run('add', '-A')
      const made = run('write-tree')
      rmSync(dir, { recursive: true, force: true })
      return made
    },
    apply: (candidateTree, input = {}, more = {}) =>
      applyCandidate({
        storeDir: store.git,
        checkout: repo.path,
        base,
        candidateTree,
        decisionId: 'd-one',
        taskId: 't-one',
        title: 'Change',
        input: AcceptInput.parse(input),
        ...more,
      }),
  }
}

const read = (repo: TestRepo, path: string): string => readFileSync(join(repo.path, path), 'utf8')
const numbered = (from: number, to: number, change: Record<number, string> = {}): string =>
  Array.from(
    { length: to - from + 1 },
    (_, position) => `${change[from + position] ?? `line ${from + position}`}\n`,
  ).join('')

/** Everything of the user's that an accept must leave alone. */
const untouched = (repo: TestRepo): string[] => [
  readFileSync(join(repo.path, '.git/index')).toString('hex'),
  repo.git('rev-parse', 'HEAD'),
  repo.git('stash', 'list'),
  repo.git('for-each-ref', 'refs/heads', 'refs/tags'),
]

describe('apply to the checkout', () => {
  test('lands on a clean checkout and is taken back', async () => {
    const { repo, candidate, apply } = await stage({ 'a.ts': numbered(1, 9), 'b.ts': 'b\n', 'gone.ts': 'g\n' })
    const before = untouched(repo)
    const tree = candidate({ 'a.ts': numbered(1, 9, { 5: 'five' }), 'deep/new.ts': 'new\n', 'gone.ts': null })
    const result = await apply(tree)
    expect(result).toMatchObject({ outcome: 'applied', conflicts: [] })
    expect(result.files.sort()).toEqual(['a.ts', 'deep/new.ts', 'gone.ts'])
    expect(read(repo, 'a.ts')).toBe(numbered(1, 9, { 5: 'five' }))
    expect(read(repo, 'deep/new.ts')).toBe('new\n')
    expect(existsSync(join(repo.path, 'gone.ts'))).toBe(false)
    expect(untouched(repo)).toEqual(before)

    await undoApplied({ checkout: repo.path, decisionId: 'd-one' })
    expect(repo.git('status', '--porcelain')).toBe('')
    expect(existsSync(join(repo.path, 'deep'))).toBe(false)
    await undoApplied({ checkout: repo.path, decisionId: 'd-one' })
  })

  test('keeps what the user committed, staged and typed meanwhile', async () => {
    const { repo, candidate, apply } = await stage({ 'a.ts': numbered(1, 40), 'b.ts': 'b\n' })
    const tree = candidate({ 'a.ts': numbered(1, 40, { 20: 'twenty' }) })
    repo.commit({ 'a.ts': numbered(1, 40, { 1: 'committed' }) })
    repo.write({ 'a.ts': numbered(1, 40, { 1: 'committed', 10: 'staged' }), 'b.ts': 'stashed\n' })
    repo.git('stash', 'push', '-q', '--', 'b.ts')
    repo.git('add', 'a.ts')
    repo.write({ 'a.ts': numbered(1, 40, { 1: 'committed', 10: 'staged', 40: 'typed' }), 'mine.txt': 'mine\n' })
    const before = untouched(repo)
    expect(await apply(tree)).toMatchObject({ outcome: 'applied', files: ['a.ts'] })
    expect(read(repo, 'a.ts')).toBe(numbered(1, 40, { 1: 'committed', 10: 'staged', 20: 'twenty', 40: 'typed' }))
    expect(read(repo, 'mine.txt')).toBe('mine\n')
    expect(untouched(repo)).toEqual(before)
    repo.write({ 'a.ts': numbered(1, 40, { 1: 'committed', 10: 'staged', 20: 'twenty', 30: 'later', 40: 'typed' }) })
    await undoApplied({ checkout: repo.path, decisionId: 'd-one' })
    expect(read(repo, 'a.ts')).toBe(numbered(1, 40, { 1: 'committed', 10: 'staged', 30: 'later', 40: 'typed' }))
    expect(untouched(repo)).toEqual(before)
  })

  test('reports colliding lines and writes nothing', async () => {
    const { repo, candidate, apply } = await stage({ 'a.ts': numbered(1, 9), 'b.ts': 'b\n' })
    const tree = candidate({ 'a.ts': numbered(1, 9, { 5: 'theirs' }), 'b.ts': 'b2\n' })
    repo.write({ 'a.ts': numbered(1, 9, { 5: 'mine' }) })
    const result = await apply(tree)
    expect(result).toMatchObject({ outcome: 'conflict', files: [], undoRef: null })
    expect(result.conflicts).toEqual([{ path: 'a.ts', sentence: expect.stringContaining('same lines') }])
    expect(read(repo, 'a.ts')).toBe(numbered(1, 9, { 5: 'mine' }))
    expect(read(repo, 'b.ts')).toBe('b\n')
  })

  test('writes markers only when asked', async () => {
    const { repo, candidate, apply } = await stage({ 'a.ts': numbered(1, 9) })
    const tree = candidate({ 'a.ts': numbered(1, 9, { 5: 'theirs' }) })
    repo.write({ 'a.ts': numbered(1, 9, { 5: 'mine' }) })
    const result = await apply(tree, { onConflict: 'markers' })
    expect(result.outcome).toBe('applied')
    expect(result.conflicts).toHaveLength(1)
    expect(read(repo, 'a.ts')).toMatch(/<<<<<<<.*mine.*=======.*theirs.*>>>>>>>/s)
    await undoApplied({ checkout: repo.path, decisionId: 'd-one' })
    expect(read(repo, 'a.ts')).toBe(numbered(1, 9, { 5: 'mine' }))
  })

  test('refuses a branch of that name that is somebody else’s', async () => {
    const { repo, candidate, apply } = await stage({ 'a.ts': numbered(1, 9) })
    repo.git('branch', 'seatrial/t-one')
    const tree = candidate({ 'a.ts': numbered(1, 9, { 5: 'theirs' }) })
    repo.write({ 'a.ts': numbered(1, 9, { 5: 'mine' }) })
    await expect(apply(tree, { onConflict: 'branch' })).rejects.toThrow(/There is a branch seatrial\/t-one already/)
    expect(read(repo, 'a.ts')).toBe(numbered(1, 9, { 5: 'mine' }))
  })

  test('puts a colliding candidate on a branch', async () => {
    const { repo, candidate, apply } = await stage({ 'a.ts': numbered(1, 9) })
    const tree = candidate({ 'a.ts': numbered(1, 9, { 5: 'theirs' }) })
    repo.write({ 'a.ts': numbered(1, 9, { 5: 'mine' }) })
    const result = await apply(tree, { onConflict: 'branch' })
    expect(result).toMatchObject({ outcome: 'applied', branch: 'seatrial/t-one', conflicts: [{ path: 'a.ts' }] })
    expect(repo.git('show', 'seatrial/t-one:a.ts')).toContain('theirs')
    expect(read(repo, 'a.ts')).toBe(numbered(1, 9, { 5: 'mine' }))
    expect(repo.git('branch', '--show-current')).toBe('main')
    await undoApplied({ checkout: repo.path, decisionId: 'd-one' })
    expect(repo.git('branch', '--list', 'seatrial/*')).toBe('')
  })

  test('takes some files and hunks', async () => {
    const { repo, candidate, apply, base, store } = await stage({
      'a.ts': numbered(1, 60),
      'b.ts': 'b\n',
      'c.ts': 'c\n',
    })
    const tree = candidate({ 'a.ts': numbered(1, 60, { 5: 'five', 50: 'fifty' }), 'b.ts': 'b2\n', 'c.ts': 'c2\n' })
    const files = await rawDiff(store.git, base.tree, tree)
    const hunk = files.find(({ path }) => path === 'a.ts')?.hunks[1]?.id
    const result = await apply(tree, { pick: { kind: 'some', files: ['b.ts'], hunks: [hunk] } })
    expect(result.files.sort()).toEqual(['a.ts', 'b.ts'])
    expect(read(repo, 'a.ts')).toBe(numbered(1, 60, { 50: 'fifty' }))
    expect(read(repo, 'c.ts')).toBe('c\n')
    await expect(
      apply(tree, { pick: { kind: 'some', hunks: ['000000000000'] } }, { decisionId: 'd-two' }),
    ).rejects.toThrow(Refusal)
  })

  test("takes a person's own edit of a file", async () => {
    const { repo, candidate, apply } = await stage({ 'a.ts': 'a\n' })
    const tree = candidate({ 'a.ts': 'agent\n' })
    await apply(tree, { edits: [{ path: 'a.ts', text: 'person\n' }] })
    expect(read(repo, 'a.ts')).toBe('person\n')
    await expect(apply(tree, { edits: [{ path: '../x', text: '' }] }, { decisionId: 'd-two' })).rejects.toThrow(
      /inside/,
    )
    await expect(apply(tree, { edits: [{ path: '.git/hooks/x', text: '' }] }, { decisionId: 'd-3' })).rejects.toThrow()
  })

  test('asks for sensitive files', async () => {
    const { repo, candidate, apply } = await stage({ 'package.json': '{"scripts":{"a":"1"}}\n', 'a.ts': 'a\n' })
    const ci = candidate({ '.github/workflows/ci.yml': 'on: push\n' })
    await expect(apply(ci)).rejects.toThrow(/\.github\/workflows\/ci\.yml/)
    const scripts = candidate({ 'package.json': '{"scripts":{"postinstall":"x"}}\n' })
    await expect(apply(scripts)).rejects.toThrow(/package\.json/)
    const link = candidate({ out: { link: '/etc/passwd' } })
    await expect(apply(link)).rejects.toThrow(/out/)
    const version = candidate({ 'package.json': '{"scripts":{"a":"1"},"version":"2"}\n' })
    expect((await apply(version, {}, { decisionId: 'd-2' })).outcome).toBe('applied')
    expect((await apply(ci, { allowSensitive: true }, { decisionId: 'd-3' })).outcome).toBe('applied')
    expect(read(repo, '.github/workflows/ci.yml')).toBe('on: push\n')
  })

  test('is one apply however often it is asked', async () => {
    const { repo, candidate, apply } = await stage({ 'a.ts': numbered(1, 9) })
    const tree = candidate({ 'a.ts': numbered(1, 9, { 5: 'five' }) })
    const first = await apply(tree)
    repo.write({ 'a.ts': numbered(1, 9) })
    expect(await apply(tree)).toEqual(first)
    expect(read(repo, 'a.ts')).toBe(numbered(1, 9))
  })

  test('finishes what a crash left half-done', async () => {
    const { repo, candidate, apply } = await stage({ 'a.ts': numbered(1, 9), 'b.ts': 'b\n', 'c.ts': numbered(1, 30) })
    const tree = candidate({ 'a.ts': 'A\n', 'b.ts': 'B\n', 'c.ts': numbered(1, 30, { 3: 'three' }) })
    const first = await apply(tree)
    // As if killed after the first file: the done mark is missing, `b.ts` was not written, `c.ts` was edited since.
    repo.git('update-ref', '-d', 'refs/seatrial/done/d-one')
    repo.write({ 'b.ts': 'b\n', 'c.ts': numbered(1, 30, { 25: 'mine' }) })
    expect(await apply(tree)).toEqual(first)
    expect(read(repo, 'b.ts')).toBe('B\n')
    expect(read(repo, 'c.ts')).toBe(numbered(1, 30, { 3: 'three', 25: 'mine' }))
  })

  test('a candidate that only deletes', async () => {
    const { repo, candidate, apply } = await stage({ 'a.ts': 'a\n', 'd/b.ts': 'b\n' })
    expect(await apply(candidate({ 'd/b.ts': null }))).toMatchObject({ outcome: 'applied', files: ['d/b.ts'] })
    expect(existsSync(join(repo.path, 'd'))).toBe(false)
    await undoApplied({ checkout: repo.path, decisionId: 'd-one' })
    expect(read(repo, 'd/b.ts')).toBe('b\n')
  })

  test('says when there is nothing to do', async () => {
    const { repo, candidate, apply, base } = await stage({ 'a.ts': 'a\n' })
    expect((await apply(base.tree)).outcome).toBe('nothing')
    const tree = candidate({ 'a.ts': 'b\n' })
    repo.write({ 'a.ts': 'b\n' })
    expect((await apply(tree)).outcome).toBe('nothing')
  })

  test('refuses in the middle of a merge', async () => {
    const { repo, candidate, apply } = await stage({ 'a.ts': 'a\n' })
    const tree = candidate({ 'a.ts': 'b\n' })
    writeFileSync(join(repo.path, '.git/MERGE_HEAD'), `${repo.git('rev-parse', 'HEAD')}\n`)
    await expect(apply(tree)).rejects.toThrow(/middle of a merge/)
  })

  test('a full disk leaves everything as it was', async () => {
    if (process.getuid?.() !== 0) return
    const small = tempDir()
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=8m', 'tmpfs', small])
    cleanups.push(() => execFileSync('umount', ['-l', small]))
    const { repo, candidate, apply } = await stage({ 'a.ts': 'a\n' }, undefined, join(small, 'repo'))
    const noise = () => Buffer.from(crypto.getRandomValues(new Uint8Array(60_000)))
    const big = Object.fromEntries(Array.from({ length: 17 }, (_, n) => [`big${n}.bin`, noise()]))
    const tree = candidate({ 'a.ts': 'b\n', ...big })
    const { bavail, bsize } = statfsSync(small)
    writeFileSync(join(small, 'filler'), Buffer.alloc(bavail * bsize - 700_000))
    const before = repo.git('status', '--porcelain')
    await expect(apply(tree)).rejects.toMatchObject({ code: 'no_space' })
    const left = execFileSync('find', [join(repo.path, '.git'), '-name', 'tmp_*', '-o', '-name', 'fast_import_crash*'])
    expect(left.toString()).toBe('')
    expect(repo.git('status', '--porcelain')).toBe(before)
    rmSync(join(small, 'filler'))
    expect((await apply(tree)).outcome).toBe('applied')
    expect(read(repo, 'a.ts')).toBe('b\n')
  })

  test('what cannot be written half-way is taken back', async () => {
    if (process.getuid?.() !== 0) return
    const { repo, candidate, apply } = await stage({ 'a.ts': 'a\n', 'ro/b.ts': 'b\n' })
    const tree = candidate({ 'a.ts': 'changed\n', 'new.ts': 'new\n', 'ro/b.ts': 'changed\n' })
    const folder = join(repo.path, 'ro')
    execFileSync('mount', ['--bind', folder, folder])
    execFileSync('mount', ['-o', 'remount,bind,ro', folder])
    try {
      await expect(apply(tree)).rejects.toThrow(/ro\/b\.ts cannot be written/)
    } finally {
      execFileSync('umount', [folder])
    }
    expect(repo.git('status', '--porcelain')).toBe('')
    expect(repo.git('for-each-ref', 'refs/seatrial')).toBe('')
    expect((await apply(tree)).outcome).toBe('applied')
  })

  test('an edit in the same second as the last git command is seen', async () => {
    const { repo, candidate, apply } = await stage({ 'a.ts': 'a\n' }, (repo) =>
      repo.git('config', 'core.trustctime', 'false'),
    )
    const file = join(repo.path, 'a.ts')
    const index = join(repo.path, '.git/index')
    utimesSync(file, 1_700_000_000, 1_700_000_000)
    repo.git('update-index', '--refresh')
    utimesSync(index, 1_700_000_000, 1_700_000_000)
    writeFileSync(file, 'b\n')
    utimesSync(file, 1_700_000_000, 1_700_000_000)
    expect(repo.git('status', '--porcelain')).toBe('M a.ts'.padStart(7))
    const result = await apply(candidate({ 'a.ts': 'c\n' }))
    expect(result).toMatchObject({ outcome: 'conflict', conflicts: [{ path: 'a.ts' }] })
    expect(read(repo, 'a.ts')).toBe('b\n')
  })

  test('refuses to undo over later edits of the same lines', async () => {
    const { repo, candidate, apply } = await stage({ 'a.ts': numbered(1, 9) })
    await apply(candidate({ 'a.ts': numbered(1, 9, { 5: 'theirs' }) }))
    repo.write({ 'a.ts': numbered(1, 9, { 5: 'theirs, mended' }) })
    await expect(undoApplied({ checkout: repo.path, decisionId: 'd-one' })).rejects.toThrow(/changed since/)
    expect(read(repo, 'a.ts')).toBe(numbered(1, 9, { 5: 'theirs, mended' }))
  })
})

describe('what stands in the way', () => {
  test('an untracked or ignored file of the user', async () => {
    const { repo, candidate, apply } = await stage({ '.gitignore': '.env\n', 'a.ts': 'a\n' })
    const tree = candidate({ 'new.ts': 'theirs\n' })
    repo.write({ 'new.ts': 'mine\n' })
    expect(await apply(tree)).toMatchObject({ outcome: 'conflict', conflicts: [{ path: 'new.ts' }] })
    expect(read(repo, 'new.ts')).toBe('mine\n')
  })

  test('a folder where a file is to be, and a file where a folder is to be', async () => {
    const { repo, candidate, apply } = await stage({ 'a/x.ts': 'x\n', b: 'b\n' })
    const tree = candidate({ a: 'file\n', 'b/y.ts': null })
    repo.write({ 'a/mine.ts': 'mine\n' })
    expect((await apply(tree)).outcome).toBe('conflict')
    expect(read(repo, 'a/mine.ts')).toBe('mine\n')
    rmSync(join(repo.path, 'a/mine.ts'))
    expect((await apply(tree, {}, { decisionId: 'd-two' })).outcome).toBe('applied')
    expect(read(repo, 'a')).toBe('file\n')
    await undoApplied({ checkout: repo.path, decisionId: 'd-two' })
    expect(repo.git('status', '--porcelain')).toBe('')
  })

  test('a link where a folder is to be is never followed', async () => {
    const { repo, candidate, apply } = await stage({ 'a.ts': 'a\n' })
    const outside = tempDir()
    cleanups.push(() => rmSync(outside, { recursive: true, force: true }))
    const tree = candidate({ 'd/x.ts': 'x\n' })
    symlinkSync(outside, join(repo.path, 'd'))
    expect((await apply(tree)).outcome).toBe('conflict')
    expect(existsSync(join(outside, 'x.ts'))).toBe(false)
  })

  test('a sparse checkout keeps its own edits', async () => {
    const { repo, candidate, apply } = await stage({ 'in/a.ts': 'a\n', 'out/b.ts': numbered(1, 20) })
    const tree = candidate({ 'out/b.ts': numbered(1, 20, { 2: 'two' }) })
    repo.git('sparse-checkout', 'set', 'in')
    expect(existsSync(join(repo.path, 'out/b.ts'))).toBe(false)
    repo.write({ 'out/b.ts': numbered(1, 20, { 18: 'mine' }) })
    const result = await apply(tree)
    expect(result.outcome).toBe('applied')
    expect(read(repo, 'out/b.ts')).toBe(numbered(1, 20, { 2: 'two', 18: 'mine' }))
  })
})

describe('bytes', () => {
  test('links, executable bits, binary files and strange names', async () => {
    const { repo, candidate, apply } = await stage({
      'run.sh': 'echo\n',
      'bin.dat': Buffer.from([0, 1, 2]),
      l: { link: 'run.sh' },
    })
    chmodSync(join(repo.path, 'run.sh'), 0o664)
    const name = 'strange\nname "quoted" \\ ü.txt'
    const tree = candidate({
      'run.sh': { exec: 'echo\n' },
      'bin.dat': Buffer.from([0, 255, 2]),
      l: { link: 'bin.dat' },
      [name]: 'x\n',
      ':(top)colon': 'y\n',
    })
    const result = await apply(tree)
    expect(result.outcome).toBe('applied')
    expect(statSync(join(repo.path, 'run.sh')).mode & 0o777).toBe(0o775)
    expect(readFileSync(join(repo.path, 'bin.dat'))).toEqual(Buffer.from([0, 255, 2]))
    expect(read(repo, name)).toBe('x\n')
    expect(read(repo, ':(top)colon')).toBe('y\n')
    await undoApplied({ checkout: repo.path, decisionId: 'd-one' })
    expect(repo.git('status', '--porcelain')).toBe('')
    expect(statSync(join(repo.path, 'run.sh')).mode & 0o777).toBe(0o664)
  })

  test('line ends of the user stay as they are, mixed ones too', async () => {
    const { repo, candidate, apply } = await stage({ 'a.txt': numbered(1, 30) }, (repo) => {
      repo.git('config', 'core.autocrlf', 'true')
    })
    const tree = candidate({ 'a.txt': numbered(1, 30, { 15: 'fifteen' }) })
    const mixed = numbered(1, 30)
      .split('\n')
      .map((text, position) => (text && position % 2 ? `${text}\r` : text))
      .join('\n')
    writeFileSync(join(repo.path, 'a.txt'), mixed)
    const result = await apply(tree)
    const expected = mixed.replace('line 15\n', 'fifteen\n').replace('line 15\r', 'fifteen\r')
    if (result.outcome === 'applied') expect(read(repo, 'a.txt')).toBe(expected)
    else expect(read(repo, 'a.txt')).toBe(mixed)
    if (result.outcome === 'applied') await undoApplied({ checkout: repo.path, decisionId: 'd-one' })
    expect(read(repo, 'a.txt')).toBe(mixed)
  })

  test('a checkout with CRLF throughout gets CRLF', async () => {
    const { repo, candidate, apply } = await stage({ 'a.txt': numbered(1, 9) }, (repo) => {
      repo.git('config', 'core.autocrlf', 'true')
    })
    const crlf = (text: string) => text.replaceAll('\n', '\r\n')
    writeFileSync(join(repo.path, 'a.txt'), crlf(numbered(1, 9, { 1: 'mine' })))
    expect((await apply(candidate({ 'a.txt': numbered(1, 9, { 7: 'seven' }) }))).outcome).toBe('applied')
    expect(read(repo, 'a.txt')).toBe(crlf(numbered(1, 9, { 1: 'mine', 7: 'seven' })))
  })

  test('a case-only rename', async () => {
    const { repo, candidate, apply } = await stage({ 'Readme.md': 'r\n' })
    expect((await apply(candidate({ 'Readme.md': null, 'README.md': 'r\n' }))).outcome).toBe('applied')
    expect(existsSync(join(repo.path, 'README.md'))).toBe(true)
    expect(existsSync(join(repo.path, 'Readme.md'))).toBe(false)
  })
})

describe('other targets', () => {
  test('a named branch, once', async () => {
    const { repo, candidate, apply } = await stage({ 'a.ts': 'a\n' })
    const tree = candidate({ 'a.ts': 'b\n' })
    const input = { target: { kind: 'branch', name: 'try/it' } }
    const first = await apply(tree, input)
    expect(first).toMatchObject({ outcome: 'applied', branch: 'try/it', files: ['a.ts'] })
    expect(repo.git('show', 'try/it:a.ts')).toBe('b')
    expect(read(repo, 'a.ts')).toBe('a\n')
    repo.git('update-ref', '-d', 'refs/seatrial/done/d-one')
    expect(await apply(tree, input)).toEqual(first)
    await expect(apply(candidate({ 'a.ts': 'c\n' }), input, { decisionId: 'd-two' })).rejects.toThrow(/already/)
    await expect(apply(tree, { target: { kind: 'branch', name: '../x' } }, { decisionId: 'd-3' })).rejects.toThrow(
      /name/,
    )
  })

  test('a commit takes only its own lines along', async () => {
    const { repo, candidate, apply } = await stage({ 'a.ts': numbered(1, 40), 'b.ts': 'b\n' })
    const tree = candidate({ 'a.ts': numbered(1, 40, { 20: 'twenty' }), 'new.ts': 'new\n' })
    repo.write({ 'b.ts': 'staged\n' })
    repo.git('add', 'b.ts')
    repo.write({ 'a.ts': numbered(1, 40, { 2: 'dirty' }) })
    const head = repo.git('rev-parse', 'HEAD')
    const result = await apply(tree, { target: { kind: 'commit', message: 'Twenty' } })
    expect(result).toMatchObject({ outcome: 'applied', branch: 'main' })
    expect(repo.git('log', '-1', '--format=%s %an')).toBe('Twenty Test')
    expect(repo.git('show', '--format=', '--name-only', 'HEAD').split('\n').sort()).toEqual(['a.ts', 'new.ts'])
    expect(repo.git('status', '--porcelain').split('\n').sort()).toEqual([' M a.ts', 'M  b.ts'])
    expect(read(repo, 'a.ts')).toBe(numbered(1, 40, { 2: 'dirty', 20: 'twenty' }))
    await undoApplied({ checkout: repo.path, decisionId: 'd-one' })
    expect(repo.git('rev-parse', 'HEAD')).toBe(head)
    expect(read(repo, 'a.ts')).toBe(numbered(1, 40, { 2: 'dirty' }))
    expect(repo.git('status', '--porcelain').split('\n').sort()).toEqual([' M a.ts', 'M  b.ts'])
  })

  test('a commit is refused over staged changes of the same file', async () => {
    const { repo, candidate, apply } = await stage({ 'a.ts': numbered(1, 40) })
    repo.write({ 'a.ts': numbered(1, 40, { 2: 'staged' }) })
    repo.git('add', 'a.ts')
    const tree = candidate({ 'a.ts': numbered(1, 40, { 20: 'twenty' }) })
    const result = await apply(tree, { target: { kind: 'commit' } })
    expect(result).toMatchObject({ outcome: 'conflict', conflicts: [{ path: 'a.ts' }] })
    expect(repo.git('log', '--format=%s')).toBe('first')
  })

  test('a moved file follows a rename the user committed', async () => {
    const { repo, candidate, apply } = await stage({ 'old.ts': numbered(1, 40) })
    const tree = candidate({ 'old.ts': numbered(1, 40, { 20: 'twenty' }) })
    repo.commit({ 'old.ts': null, 'new.ts': numbered(1, 40) })
    expect((await apply(tree)).outcome).toBe('applied')
    expect(read(repo, 'new.ts')).toBe(numbered(1, 40, { 20: 'twenty' }))
    expect(existsSync(join(repo.path, 'old.ts'))).toBe(false)
  })
})
