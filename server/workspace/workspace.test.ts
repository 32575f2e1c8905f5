// Workspaces on real repositories: bases, odd kinds of repository, candidates, garbage, a full disk.
import { execFileSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import { chmodSync, existsSync, mkdirSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { ProjectSettings } from '@seatrial/protocol'
import { afterEach, describe, expect, test } from 'vitest'
import { type FileSpec, makeRepo, tempDir, writeFiles } from './make-repo.ts'
import { cleanUp, cleanups, head, inside, names, noSetup, said, stage } from './make-stage.ts'
import { openWorkspaces } from './open.ts'

afterEach(cleanUp)

describe('bases', () => {
  test('the working tree as it stands, and the checkout never notices', async () => {
    const { repo, room, project, open } = await stage({
      '.gitignore': 'ignored\n',
      'a.ts': 'a\n',
      'gone.ts': 'g\n',
      'r.sh': 'r\n',
    })
    repo.write({ 'a.ts': 'stashed\n' })
    repo.git('stash', '-q')
    repo.write({ 'staged.ts': 'staged\n', 'a.ts': 'staged then edited\n' })
    repo.git('add', '-A')
    repo.write({ 'huge.bin': '' })
    truncateSync(join(repo.path, 'huge.bin'), 2 ** 30)
    repo.write({ 'a.ts': 'dirty\n', 'gone.ts': null, 'fresh.ts': 'fresh\n', ignored: 'ignored\n', 'sub/x.ts': 'x\n' })
    chmodSync(join(repo.path, 'r.sh'), 0o755)
    execFileSync('git', ['init', '-q', join(repo.path, 'sub')])
    const see = () => [
      readFileSync(join(repo.path, '.git/index')).toString('hex'),
      repo.git('for-each-ref'),
      repo.git('stash', 'list'),
      repo.git('count-objects', '-v'),
      execFileSync('find', [repo.path, '-path', '*/.git/objects/*', '-o', '-printf', '%p %T@ %s\n'], {
        encoding: 'utf8',
      }),
    ]
    const before = see()
    const base = await room.resolveBase(project, { kind: 'working-tree' })
    expect(see()).toEqual(before)
    expect(base).toMatchObject({ head: repo.git('rev-parse', 'HEAD'), branch: 'main', spec: { kind: 'working-tree' } })
    expect(await room.resolveBase(project, { kind: 'working-tree' })).toEqual(base)
    expect((await names(room, `${base.commit}^`, base.commit)).sort()).toEqual([
      'added fresh.ts',
      'added staged.ts',
      'deleted gone.ts',
      'modified a.ts',
      'modified r.sh',
    ])
    expect(said.join('\n')).toMatch(/sub\/: it is a git repository/)
    expect(said.join('\n')).toMatch(/huge\.bin: untracked and larger than 256 MB/)
    const workspace = await open('r-one', { kind: 'working-tree' })
    expect(readFileSync(join(workspace.dir, 'a.ts'), 'utf8')).toBe('dirty\n')
    expect(existsSync(join(workspace.dir, 'ignored'))).toBe(false)
  })

  test('objects are copied: the user may prune and rewrite', async () => {
    const { repo, open } = await stage({ 'a.ts': 'a\n' })
    repo.write({ 'b.ts': 'b\n' })
    const workspace = await open('r-one', { kind: 'working-tree' })
    rmSync(join(repo.path, '.git'), { recursive: true })
    expect(inside(workspace, 'fsck', '--full')).not.toMatch(/missing|broken/)
    writeFiles(workspace.dir, { 'a.ts': 'z\n' })
    expect((await workspace.checkpoint('on its own'))?.files).toBe(1)
  })

  test('branch, tag, detached HEAD and shallow clone', async () => {
    const { repo, room, project, open } = await stage({ 'a.ts': 'a\n' })
    const first = repo.git('rev-parse', 'HEAD')
    repo.git('tag', 'v1')
    repo.commit({ 'a.ts': 'b\n' })
    expect((await room.resolveBase(project, { kind: 'commit', ref: 'v1' })).commit).toBe(first)
    repo.git('checkout', '-q', '--detach')
    expect((await room.resolveBase(project, head)).branch).toBeNull()
    const detached = await open('r-detached')
    expect(inside(detached, 'status', '--porcelain')).toBe('')
    const shallow = tempDir()
    cleanups.push(() => rmSync(shallow, { recursive: true, force: true }))
    execFileSync('git', ['clone', '-q', '--depth=1', `file://${repo.path}`, shallow])
    const other = { ...project, id: 'p-shallow', path: shallow }
    const base = await room.resolveBase(other, { kind: 'working-tree' })
    const workspace = await room.create('r-shallow', await room.baseLayer(other, base, noSetup, () => {}))
    expect(inside(workspace, 'log', '--format=%s')).toBe('change')
  })

  test('a linked worktree, spaces and unicode in the path', async () => {
    const { repo, room, project } = await stage(
      { 'a.ts': 'a\n' },
      {},
      undefined,
      join(tempDir(), 'päth with "spaces", ünd: more'),
    )
    const linked = join(tempDir(), "it's linked, too")
    repo.git('worktree', 'add', '-q', '-b', 'side', linked)
    writeFileSync(join(linked, 'new.ts'), 'n\n')
    const other = { ...project, id: 'p-linked', path: linked }
    const base = await room.resolveBase(other, { kind: 'working-tree' })
    expect(base.branch).toBe('side')
    const workspace = await room.create('r-linked', await room.baseLayer(other, base, noSetup, () => {}))
    expect(readFileSync(join(workspace.dir, 'new.ts'), 'utf8')).toBe('n\n')
    await room.resolveBase(project, { kind: 'working-tree' })
  })

  test.each<[string, (dir: string) => void, RegExp]>([
    ['no folder', (dir) => rmSync(dir, { recursive: true }), /no folder/],
    ['no repository', () => {}, /not a git repository/],
    ['a bare repository', (dir) => execFileSync('git', ['init', '-q', '--bare', dir]), /bare repository/],
    ['an empty repository', (dir) => execFileSync('git', ['init', '-q', dir]), /no commit yet/],
    [
      'an unborn branch',
      (dir) => {
        makeRepo({ 'a.ts': 'a\n' }, dir).git('checkout', '-q', '--orphan', 'fresh')
      },
      /no commit yet/,
    ],
    [
      'a merge under way',
      (dir) => {
        const repo = makeRepo({ 'a.ts': 'a\n' }, dir)
        writeFileSync(join(dir, '.git/MERGE_HEAD'), `${repo.git('rev-parse', 'HEAD')}\n`)
      },
      /middle of a merge/,
    ],
  ])('%s is refused in one sentence', async (_, prepare, sentence) => {
    const { room, project } = await stage({ 'a.ts': 'a\n' })
    const dir = tempDir()
    cleanups.push(() => rmSync(dir, { recursive: true, force: true }))
    prepare(dir)
    const other = { ...project, id: 'p-other', path: dir }
    await expect(room.resolveBase(other, { kind: 'working-tree' })).rejects.toThrow(sentence)
  })

  test('a folder inside a repository, an unknown ref', async () => {
    const { repo, room, project } = await stage({ 'd/a.ts': 'a\n' })
    await expect(room.resolveBase({ ...project, path: join(repo.path, 'd') }, head)).rejects.toThrow(
      /inside the repository/,
    )
    await expect(room.resolveBase(project, { kind: 'commit', ref: 'nope' })).rejects.toThrow(/nope/)
    await expect(room.resolveBase(project, { kind: 'commit', ref: '--help' })).rejects.toThrow(/--help/)
  })
})

describe('repositories of other kinds', () => {
  test('submodules and LFS pointers are told, and survive a snapshot', async () => {
    const inner = makeRepo({ 'i.ts': 'i\n' })
    cleanups.push(() => inner.remove())
    const pointer = `version https://git-lfs.github.com/spec/v1\noid sha256:${'a'.repeat(64)}\nsize 12\n`
    const { repo, room, layer } = await stage({
      'a.ts': 'a\n',
      '.gitattributes': '*.psd filter=lfs diff=lfs merge=lfs -text\n',
    })
    repo.git(
      '-c',
      'filter.lfs.clean=cat',
      '-c',
      'protocol.file.allow=always',
      'submodule',
      'add',
      '-q',
      inner.path,
      'sub',
    )
    repo.write({ 'art.psd': pointer })
    repo.git('-c', 'filter.lfs.clean=cat', 'commit', '-qm', 'sub')
    repo.git('-c', 'filter.lfs.clean=cat', 'add', 'art.psd')
    repo.git('commit', '-qm', 'art')
    const workspace = await room.create('r-one', await layer())
    expect(said.join('\n')).toMatch(/Submodules are empty folders.*sub/)
    expect(said.join('\n')).toMatch(/Git LFS files are pointers.*art\.psd/)
    expect(readFileSync(join(workspace.dir, 'art.psd'), 'utf8')).toBe(pointer)
    expect(inside(workspace, 'status', '--porcelain')).toBe('')
    writeFiles(workspace.dir, { 'a.ts': 'b\n', 'sub/planted.ts': 'x\n' })
    const made = await workspace.checkpoint('x')
    expect(await names(room, workspace.base.tree, made?.tree as string)).toEqual(['modified a.ts'])
    if (workspace.rung === 'overlay') expect(made?.findings.join()).toMatch(/sub: it is a submodule/)
  })
})

describe('candidates', () => {
  test('size, file, patch and composition', async () => {
    const lines = (change: Record<number, string> = {}) =>
      Array.from({ length: 40 }, (_, i) => `${change[i] ?? i}\n`).join('')
    const { room, layer } = await stage({ 'a.ts': lines(), 'b.ts': 'b\n' })
    const built = await layer()
    const trees: string[] = []
    for (const [id, files] of Object.entries<Record<string, FileSpec>>({
      'r-one': { 'a.ts': lines({ 3: 'one' }), 'new.ts': 'one\n' },
      'r-two': { 'a.ts': lines({ 3: 'clash', 30: 'two' }), 'b.ts': 'two\n', 'bin.dat': Buffer.from([0, 1]) },
    })) {
      const workspace = await room.create(id, built)
      writeFiles(workspace.dir, files)
      const made = await workspace.checkpoint(id)
      trees.push(made?.tree as string)
      if (id === 'r-one') {
        expect(await room.candidate('p-test', built.base, made?.commit as string)).toEqual({
          ...{ commit: made?.commit, tree: made?.tree, files: 2, added: 2, removed: 1 },
        })
      }
    }
    const [one = '', two = ''] = trees
    const hunksOf = async (tree: string, path: string) =>
      (await room.diff('p-test', built.base.tree, tree, { path })).files.flatMap(({ hunks }) =>
        hunks.map(({ id }) => id),
      )
    const [, thirty] = await hunksOf(two, 'a.ts')
    const made = await room.compose('p-test', built.base, [
      { tree: one, hunks: [...(await hunksOf(one, 'a.ts')), ...(await hunksOf(one, 'new.ts'))], files: [] },
      { tree: two, hunks: [thirty as string], files: ['bin.dat'] },
    ])
    const text = await room.readFile('p-test', made.tree, 'a.ts')
    expect(Buffer.from(text as Uint8Array).toString()).toBe(lines({ 3: 'one', 30: 'two' }))
    expect(await room.readFile('p-test', made.tree, 'new.ts')).toEqual(Buffer.from('one\n'))
    expect(await room.readFile('p-test', made.tree, 'bin.dat')).toEqual(Buffer.from([0, 1]))
    expect(await room.readFile('p-test', made.tree, 'b.ts')).toEqual(Buffer.from('b\n'))
    expect(await room.readFile('p-test', made.tree, 'none.ts')).toBeNull()
    const [clash] = await hunksOf(two, 'a.ts')
    await expect(
      room.compose('p-test', built.base, [
        { tree: one, hunks: await hunksOf(one, 'a.ts'), files: [] },
        { tree: two, hunks: [clash as string], files: [] },
      ]),
    ).rejects.toThrow(/same lines/)
    const patch = await room.patch('p-test', built.base.tree, two)
    expect(patch).toContain('GIT binary patch')
  })

  test('garbage names what may go, and keeps what must stay', async () => {
    const { room, open, dataDir } = await stage({ 'a.ts': 'a\n' })
    const one = await open('r-one')
    const two = await open('r-two')
    writeFiles(one.dir, { 'a.ts': 'x\n' })
    await one.checkpoint('x')
    const items = await room.garbage({ trials: new Set(['r-two']), projects: new Set(['p-test']) })
    expect(items.map(({ kind, id }) => `${kind} ${id}`).sort()).toEqual(['snapshots p-test/r-one', 'workspace r-one'])
    for (const item of items) await item.remove()
    expect(existsSync(join(dataDir, 'trials/r-one'))).toBe(false)
    expect(await two.treeHash()).toBe(two.base.tree)
  })
})

test('a full disk is one sentence and leaves no half layer', async () => {
  if (process.getuid?.() !== 0) return
  const small = tempDir()
  execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=3m', 'tmpfs', small])
  cleanups.push(() => execFileSync('umount', ['-R', small]))
  const repo = makeRepo({ 'a.bin': randomBytes(1_700_000) })
  const room = await openWorkspaces({ dataDir: join(small, 'data') })
  const project = { id: 'p-test', path: repo.path, settings: ProjectSettings.parse({}) }
  mkdirSync(join(small, 'data'), { recursive: true })
  const base = await room.resolveBase(project, head)
  await expect(room.baseLayer(project, base, noSetup, () => {})).rejects.toMatchObject({ code: 'no_space' })
  expect(execFileSync('find', [join(small, 'data/layers'), '-mindepth', '2'], { encoding: 'utf8' })).toBe('')
  repo.remove()
})
