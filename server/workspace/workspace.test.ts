// Workspaces on real repositories: bases, layers, views, snapshots, restore, restart, removal.
import { execFileSync, spawnSync } from 'node:child_process'
import { randomBytes } from 'node:crypto'
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { type BaseSpec, ProjectSettings } from '@seatrial/protocol'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { type Image, type ImageKind, makeImage, whyNoImage } from './make-image.ts'
import { type FileSpec, makeRepo, type TestRepo, tempDir, writeFiles } from './make-repo.ts'
import { openWorkspaces } from './open.ts'
import { copy } from './rungs/copy.ts'
import { fuseOverlay } from './rungs/fuse-overlay.ts'
import { overlay } from './rungs/overlay.ts'
import type { BaseLayer, ProjectRef, RunSetup, Workspace, Workspaces } from './workspace.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

interface Stage {
  repo: TestRepo
  room: Workspaces
  project: ProjectRef
  dataDir: string
  layer(spec?: BaseSpec, setup?: RunSetup): Promise<BaseLayer>
  open(trialId?: string, spec?: BaseSpec): Promise<Workspace>
}

const noSetup: RunSetup = async () => {}
const dirOf = (tree: Workspace['tree']): string => (tree.kind === 'directory' ? tree.dir : '')
const head: BaseSpec = { kind: 'commit', ref: 'HEAD' }
const said: string[] = []

async function stage(
  files: Record<string, FileSpec>,
  settings: object = {},
  rung?: string,
  path?: string,
  ground?: string,
): Promise<Stage> {
  const repo = makeRepo(files, path)
  const dataDir = tempDir(ground)
  said.length = 0
  const room = await openWorkspaces({ dataDir, say: (sentence) => said.push(sentence), ...(rung ? { rung } : {}) })
  const project = { id: 'p-test', path: repo.path, settings: ProjectSettings.parse(settings) }
  cleanups.push(async () => {
    for (const item of await room.garbage({ trials: new Set(), projects: new Set() })) await item.remove()
    rmSync(dataDir, { recursive: true, force: true })
    repo.remove()
  })
  const layer = async (spec = head, setup = noSetup) =>
    room.baseLayer(project, await room.resolveBase(project, spec), setup, (sentence) => said.push(sentence))
  return {
    repo,
    room,
    project,
    dataDir,
    layer,
    open: async (id = 'r-one', spec = head) => room.create(id, await layer(spec)),
  }
}

/** Rungs that work on the machine's own file system, and those that need another one, which is brought in an image. */
const rungs: { rung: string; image: ImageKind | null; why: string | null }[] = []
for (const { name, probe } of [overlay, fuseOverlay, copy])
  rungs.push({ rung: name, image: null, why: await probe(tempDir()) })
for (const [rung, image] of [
  ['snapshot', 'btrfs'],
  ['reflink', 'xfs'],
] as const)
  rungs.push({ rung, image, why: whyNoImage(image) })
for (const { rung, why } of rungs) if (why) console.warn(`Rung ${rung} is not tried here: ${why}`)

/** Git as the trial would run it, on its own `.git`. */
const inside = (workspace: Workspace, ...args: string[]): string =>
  execFileSync('git', ['-c', 'safe.directory=*', ...args], { cwd: workspace.dir, encoding: 'utf8' }).trim()

const names = async (room: Workspaces, from: string, to: string) =>
  (await room.diff('p-test', from, to)).files.map(({ path, status }) => `${status} ${path}`)

describe.each(rungs)('on rung $rung', ({ rung, image, why }) => {
  let mounted: Image | null = null
  beforeAll(() => {
    if (image && !why) mounted = makeImage(image)
  })
  afterAll(() => mounted?.remove())
  beforeEach((context) => context.skip(why !== null, why ?? ''))
  const at = (files: Record<string, FileSpec>, settings?: object) =>
    stage(files, settings, rung, undefined, mounted?.dir)

  test('a snapshot holds exactly what the trial changed', async () => {
    const { open, room } = await at({
      '.gitignore': 'node_modules\n*.log\n',
      'a.ts': 'a\n',
      'src/deep/b.ts': 'b\n',
      'src/deep/c.ts': 'c\n',
      'gone/d.ts': 'd\n',
      'kind.ts': 'k\n',
    })
    const workspace = await open()
    expect(workspace.rung).toBe(rung)
    expect(await workspace.treeHash()).toBe(workspace.base.tree)
    expect(await workspace.checkpoint('nothing')).toBeNull()
    writeFiles(workspace.dir, {
      'a.ts': 'changed\n',
      'node_modules/x/index.js': 'ignored\n',
      'out.log': 'ignored\n',
      'fresh/new.ts': { exec: 'new\n' },
      link: { link: '../anywhere' },
      'kind.ts': null,
      'kind.ts/inner.ts': 'now a folder\n',
      'kind.ts/deep/inner.ts': 'with a folder in it\n',
    })
    rmSync(join(workspace.dir, 'gone'), { recursive: true })
    if (rung !== 'fuse-overlay') renameSync(join(workspace.dir, 'src/deep'), join(workspace.dir, 'moved'))
    else execFileSync('mv', [join(workspace.dir, 'src/deep'), join(workspace.dir, 'moved')])
    const made = await workspace.checkpoint('one')
    expect(made?.findings).toEqual([])
    expect((await names(room, workspace.base.tree, made?.tree as string)).sort()).toEqual([
      'added fresh/new.ts',
      'added kind.ts/deep/inner.ts',
      'added kind.ts/inner.ts',
      'added link',
      'deleted gone/d.ts',
      'deleted kind.ts',
      'modified a.ts',
      'renamed moved/b.ts',
      'renamed moved/c.ts',
    ])
    expect(made?.files).toBe(11)
    const tree = execFileSync('git', ['--git-dir', room.storeDir('p-test'), 'ls-tree', '-r', made?.tree as string], {
      encoding: 'utf8',
    })
    expect(tree).toMatch(/100755 blob \w+\tfresh\/new\.ts/)
    expect(tree).toMatch(/120000 blob \w+\tlink/)
    expect(await workspace.checkpoint('same')).toBeNull()
  })

  test('what git itself would commit is the same tree', async () => {
    const { open } = await at({
      'a.txt': 'a\n',
      'b/c.txt': 'c\n',
      'crlf.bat': 'x\r\ny\r\n',
      '.gitattributes': '*.bat text eol=crlf\n* text=auto\n',
    })
    const workspace = await open()
    expect(readFileSync(join(workspace.dir, 'crlf.bat'), 'utf8')).toBe('x\r\ny\r\n')
    writeFiles(workspace.dir, {
      'crlf.bat': 'x\r\nz\r\n',
      'unix.txt': 'one\r\ntwo\r\n',
      'name with\nnewline "and" quotes': 'n\n',
      'ünï/cödé.txt': 'u\n',
      '-dash': 'd\n',
      ':colon': 'c\n',
      'bin.dat': Buffer.from([0, 1, 2, 255]),
      'A.txt': 'a\n',
      'a.txt': null,
    })
    const made = await workspace.checkpoint('all')
    inside(workspace, 'add', '-A')
    expect(inside(workspace, 'write-tree')).toBe(made?.tree)
  })

  test('restore puts a snapshot back and leaves ignored files', async () => {
    const { open } = await at({ '.gitignore': 'deps\n', 'a.ts': 'a\n', 'd/b.ts': 'b\n', 'x.sh': { exec: 'x\n' } })
    const workspace = await open()
    writeFiles(workspace.dir, { 'a.ts': 'one\n', 'deps/kept': 'kept\n', 'd/b.ts': null, d: 'file\n' })
    const one = await workspace.checkpoint('one')
    writeFiles(workspace.dir, { 'a.ts': { link: '/etc/passwd' }, d: null, 'd/e.ts': 'e\n', 'new.ts': 'n\n' })
    const two = await workspace.checkpoint('two')
    await workspace.restore(one?.commit as string)
    expect(await workspace.treeHash()).toBe(one?.tree)
    expect(readFileSync(join(workspace.dir, 'd'), 'utf8')).toBe('file\n')
    expect(existsSync(join(workspace.dir, 'deps/kept'))).toBe(true)
    await workspace.restore(workspace.base.commit)
    expect(await workspace.treeHash()).toBe(workspace.base.tree)
    expect(statSync(join(workspace.dir, 'x.sh')).mode & 0o100).toBe(0o100)
    await workspace.restore(two?.commit as string)
    expect(await workspace.treeHash()).toBe(two?.tree)
    expect(readFileSync('/etc/passwd', 'utf8')).toContain('root')
  })

  test('a trial can start from a snapshot of another', async () => {
    const { open, room, layer } = await at({ 'a.ts': 'a\n' })
    const first = await open()
    writeFiles(first.dir, { 'a.ts': 'one\n', 'b.ts': 'b\n' })
    const made = await first.checkpoint('one')
    await first.destroy()
    const second = await room.create('r-two', await layer(), made?.commit)
    expect(await second.treeHash()).toBe(made?.tree)
    expect(inside(second, 'status', '--porcelain')).toBe('M a.ts\n?? b.ts')
    expect(second.portBase).not.toBe(first.portBase)
  })

  test('a workspace is found again after a restart', async () => {
    const { open, dataDir, room } = await at({ 'a.ts': 'a\n' })
    const first = await open()
    writeFiles(first.dir, { 'a.ts': 'one\n' })
    const made = await first.checkpoint('one')
    if (rung.includes('overlay')) execFileSync('umount', [first.dir])
    const again = await openWorkspaces({ dataDir })
    const found = await again.reopen('r-one')
    expect(found).toMatchObject({ trialId: 'r-one', base: first.base, portBase: first.portBase, dir: first.dir })
    expect(readFileSync(join(first.dir, 'a.ts'), 'utf8')).toBe('one\n')
    expect(await found?.checkpoint('same')).toBeNull()
    writeFiles(first.dir, { 'a.ts': 'two\n' })
    const next = await found?.checkpoint('two')
    expect(await names(room, made?.tree as string, next?.tree as string)).toEqual(['modified a.ts'])
    await found?.destroy()
    expect(await again.reopen('r-one')).toBeNull()
    expect(existsSync(join(dataDir, 'trials/r-one'))).toBe(false)
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(dataDir)
  })

  test('the private git of a trial is ready and harmless', async () => {
    const { repo, open } = await at({ 'a.ts': 'a\n', 'b.ts': 'b\n' })
    repo.git('config', 'core.fsmonitor', 'touch /tmp/should-not-run')
    const workspace = await open()
    expect(inside(workspace, 'status', '--porcelain')).toBe('')
    expect(inside(workspace, 'log', '--format=%s')).toBe('first')
    expect(inside(workspace, 'branch', '--show-current')).toBe('main')
    writeFiles(workspace.dir, { 'a.ts': 'x\n' })
    inside(workspace, 'commit', '-qam', 'own commit')
    expect(repo.git('log', '--format=%s')).toBe('first')
    const made = await workspace.checkpoint('after a commit')
    expect(made?.files).toBe(1)
  })

  test('hooks, filters and monitors of the workspace never run outside', async () => {
    const { open, dataDir } = await at({ 'a.ts': 'a\n', '.gitattributes': 'x.* filter=evil diff=evil\n' })
    const workspace = await open()
    const proof = join(dataDir, 'ran')
    const script = `#!/bin/sh\ntouch ${proof}\ncat\n`
    writeFiles(workspace.dir, {
      'evil.sh': { exec: script },
      '.git/hooks/post-checkout': { exec: script },
      'a.ts': 'b\n',
      'x.ts': 'x\n',
    })
    const evil = `${workspace.dir}/evil.sh`
    for (const [key, value] of Object.entries({
      'core.fsmonitor': evil,
      'core.hooksPath': `${workspace.dir}/.git/hooks`,
      'filter.evil.clean': evil,
      'filter.evil.smudge': evil,
      'diff.evil.textconv': evil,
      'diff.external': evil,
      'core.pager': evil,
      'alias.status': `!${evil}`,
    })) {
      writeFileSync(
        join(workspace.dir, '.git/config'),
        `${readFileSync(join(workspace.dir, '.git/config'), 'utf8')}\n[${key.split('.').slice(0, -1).length > 1 ? `${key.split('.')[0]} "${key.split('.')[1]}"` : key.split('.')[0]}]\n\t${key.split('.').at(-1)} = ${value}\n`,
      )
    }
    // First shown to work where nothing protects: the same repository, looked at the usual way.
    spawnSync('git', ['-c', 'safe.directory=*', 'add', 'x.ts'], { cwd: workspace.dir })
    expect(existsSync(proof)).toBe(true)
    rmSync(proof)
    const one = await workspace.checkpoint('one')
    writeFiles(workspace.dir, { 'a.ts': 'c\n', 'x.ts': 'y\n' })
    await workspace.checkpoint('two')
    await workspace.restore(one?.commit as string)
    expect(existsSync(proof)).toBe(false)
  })

  test('nested repositories, pipes and oversized files stay out, in a sentence each', async () => {
    const { open, room } = await at({ 'a.ts': 'a\n', 'tracked/b.ts': 'b\n' })
    const workspace = await open()
    writeFiles(workspace.dir, { 'sub/file.ts': 'x\n', 'tracked/b.ts': 'b2\n', 'ok.ts': 'ok\n' })
    execFileSync('git', ['init', '-q', join(workspace.dir, 'sub')])
    execFileSync('git', [
      '-C',
      join(workspace.dir, 'sub'),
      '-c',
      'user.name=x',
      '-c',
      'user.email=x',
      'commit',
      '-q',
      '--allow-empty',
      '-m',
      'x',
    ])
    rmSync(join(workspace.dir, 'a.ts'))
    execFileSync('mkfifo', [join(workspace.dir, 'a.ts')])
    writeFileSync(join(workspace.dir, 'huge.bin'), '')
    truncateSync(join(workspace.dir, 'huge.bin'), 2 ** 40)
    const made = await workspace.checkpoint('hostile')
    expect(await names(room, workspace.base.tree, made?.tree as string)).toEqual([
      'added ok.ts',
      'modified tracked/b.ts',
    ])
    const findings = made?.findings.join('\n')
    expect(findings).toMatch(/sub.*git repository/)
    expect(findings).toMatch(/a\.ts.*neither a file nor a link/)
    expect(findings).toMatch(/huge\.bin.*MB/)
  })
})

/** A set-up that notes what it ran: installing makes dependencies, building copies a file. */
const noted =
  (ran: string[]): RunSetup =>
  async (tree, commands) => {
    const dir = dirOf(tree)
    for (const command of commands) {
      ran.push(command)
      if (command === 'npm ci') writeFiles(dir, { 'node_modules/x/index.js': readFileSync(join(dir, 'lock.json')) })
      if (command === 'make') writeFiles(dir, { 'built.txt': readFileSync(join(dir, 'a.ts')) })
      execFileSync('chown', ['-R', '--reference', join(dir, 'package.json'), dir])
    }
  }

describe.each(rungs)('layers upon layers on rung $rung', ({ rung, image, why }) => {
  let mounted: Image | null = null
  beforeAll(() => {
    if (image && !why) mounted = makeImage(image)
  })
  afterAll(() => mounted?.remove())
  beforeEach((context) => context.skip(why !== null, why ?? ''))
  const settings = { setup: ['npm ci', 'make'], lockfiles: ['lock.json'] }
  const manifest = (more: object = {}): string => JSON.stringify({ scripts: { prepare: 'husky' }, ...more })
  const files = {
    ...{ '.gitignore': 'node_modules\n', 'lock.json': '1\n', 'package.json': manifest(), 'a.ts': 'one\n' },
    ...{ 'src/b.ts': 'b\n', 'src/deep/c.ts': 'c\n', 'gone/d.ts': 'd\n', 'kind.ts': 'k\n' },
  }

  test('a new commit keeps the dependencies, and is what a layer from nothing would be', async () => {
    const { repo, room, layer } = await stage(files, settings, rung, undefined, mounted?.dir)
    const ran: string[] = []
    const first = await layer(head, noted(ran))
    const see = () => execFileSync('find', [first.dir, '-printf', '%P %i %T@ %C@ %s %U\n'], { encoding: 'utf8' })
    const before = see()
    repo.commit({
      'a.ts': 'two\n',
      'gone/d.ts': null,
      'fresh/new.ts': { exec: 'n\n' },
      'kind.ts': null,
      'kind.ts/x': 'x\n',
    })
    await layer(head, noted(ran))
    repo.commit({ 'a.ts': 'three\n', 'package.json': manifest({ exports: './a.ts' }) })
    const third = await layer(head, noted(ran))
    expect(ran).toEqual(['npm ci', 'make', 'make', 'make'])
    expect(see()).toBe(before)
    expect(third.below.length).toBe(rung.includes('overlay') ? 2 : 0)

    const workspace = await room.create('r-one', third)
    const tree = (dir: string) =>
      execFileSync('find', ['.', '-path', './.git', '-prune', '-o', '-printf', '%P %y %m %U\n'], {
        cwd: dir,
        encoding: 'utf8',
      })
        .split('\n')
        .sort()
    const { room: other, project } = await stage(files, settings, rung, undefined, mounted?.dir)
    const whole = await other.baseLayer(
      { ...project, path: repo.path },
      await other.resolveBase({ ...project, path: repo.path }, head),
      noted([]),
      () => {},
    )
    expect(whole.below).toEqual([])
    expect(tree(workspace.dir)).toEqual(tree(join(whole.dir, 'tree')))
    expect(inside(workspace, 'status', '--porcelain')).toBe('')
    expect(inside(workspace, 'diff-files', '--name-only')).toBe('')
    expect(readFileSync(join(workspace.dir, 'built.txt'), 'utf8')).toBe('three\n')
    expect(await workspace.treeHash()).toBe(third.base.tree)

    writeFiles(workspace.dir, { 'a.ts': 'mine\n', 'src/b.ts': 'mine\n', 'built.txt': 'mine\n', 'fresh/new.ts': null })
    if (rung !== 'fuse-overlay') renameSync(join(workspace.dir, 'src/deep'), join(workspace.dir, 'kind.ts/deep'))
    const made = await workspace.checkpoint('mine')
    expect((await names(room, third.base.tree, made?.tree as string)).sort()).toEqual([
      'deleted fresh/new.ts',
      'modified a.ts',
      'modified src/b.ts',
      ...(rung === 'fuse-overlay' ? [] : ['renamed kind.ts/deep/c.ts']),
    ])
    await workspace.restore(third.base.commit)
    expect(await workspace.treeHash()).toBe(third.base.tree)
    expect(see()).toBe(before)
  })

  test('what a layer stands on stays as long as it does', async () => {
    const { repo, room, layer, dataDir } = await stage(files, settings, rung, undefined, mounted?.dir)
    const first = await layer(head, noted([]))
    repo.commit({ 'a.ts': 'two\n' })
    const second = await layer(head, noted([]))
    await room.create('r-one', second)
    const kinds = async (projects: string[], trials: string[]) =>
      (await room.garbage({ projects: new Set(projects), trials: new Set(trials) })).map(({ kind }) => kind)
    const stacked = rung.includes('overlay')
    expect(await kinds([], ['r-one'])).toEqual(stacked ? ['store'] : ['layer', 'store'])
    expect(await kinds(['p-test'], [])).toEqual(stacked ? ['workspace'] : ['workspace', 'layer'])
    if (stacked) {
      // A layer whose ground was lost is built anew, not trusted.
      await room.close()
      rmSync(first.dir, { recursive: true })
      const again = await layer(head, noted([]))
      expect(again).toMatchObject({ dir: second.dir, below: [] })
      expect(again.builtMs).not.toBeNull()
    }
    expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(`${dataDir}/layers`)
  })
})

test.each<[string, Record<string, FileSpec>, object]>([
  ['a lockfile', { 'lock.json': '2\n' }, {}],
  ['a dependency', { 'package.json': '{"dependencies":{"x":"2"}}' }, {}],
  ['a setting of the package manager', { '.npmrc': 'save=false\n' }, {}],
  ['line endings', { '.gitattributes': '* text eol=crlf\n' }, {}],
  ['a file that set-up names', { 'tools/go.sh': 'x\n' }, { setup: ['npm ci', 'sh tools/go.sh'] }],
  [
    'a file of a project that builds while installing',
    { 'pkg/package.json': '{"scripts":{"prepare":"tsc"}}', 'a.ts': 'z\n' },
    {},
  ],
])('%s that changed calls for the whole set-up', async (_, change, more) => {
  const settings = { setup: ['npm ci'], lockfiles: ['lock.json'], ...more }
  const { repo, layer } = await stage({ 'lock.json': '1\n', 'package.json': '{}', 'a.ts': 'a\n' }, settings, 'overlay')
  const ran: string[] = []
  await layer(head, noted(ran))
  repo.commit(change)
  const { below } = await layer(head, noted(ran))
  expect(below).toEqual([])
  expect(ran).toEqual([...settings.setup, ...settings.setup])
})

test('a set-up that fails upon another layer runs from nothing, and leaves no mount', async () => {
  const { repo, layer, dataDir } = await stage({ 'package.json': '{}', 'a.ts': 'a\n' }, { setup: ['once'] })
  const once: RunSetup = async (tree) => {
    if (existsSync(join(dirOf(tree), 'there'))) throw new Error('already there')
    writeFiles(dirOf(tree), { there: 'x' })
  }
  await layer(head, once)
  repo.commit({ 'a.ts': 'b\n' })
  expect((await layer(head, once)).below).toEqual([])
  expect(said.join('\n')).toMatch(/cannot be built upon \(already there\)/)
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(dataDir)
  expect(execFileSync('find', [join(dataDir, 'layers'), '-name', '*.new-*'], { encoding: 'utf8' })).toBe('')
})

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

describe('layers', () => {
  test('set-up runs once, its files are there and never part of a candidate', async () => {
    const { layer, room } = await stage(
      { '.gitignore': 'node_modules\n', 'lock.json': '1\n', 'b.ts': 'b\n' },
      { setup: ['install'], lockfiles: ['lock.json'] },
    )
    let runs = 0
    const setup: RunSetup = async (tree) => {
      runs++
      writeFiles(dirOf(tree), {
        'node_modules/x/i.js': 'x\n',
        'made.txt': 'made\n',
        'lock.json': 'rewritten\n',
        '.git/hooks/pre-commit': { exec: 'x' },
      })
    }
    const [one, two] = await Promise.all([layer(head, setup), layer(head, setup)])
    expect(one.key).toBe(two.key)
    expect(runs).toBe(1)
    expect((await layer(head, setup)).builtMs).toBeNull()
    const workspace = await room.create('r-one', one)
    expect(readFileSync(join(workspace.dir, 'lock.json'), 'utf8')).toBe('1\n')
    expect(existsSync(join(workspace.dir, 'node_modules/x/i.js'))).toBe(true)
    expect(existsSync(join(workspace.dir, '.git/hooks/pre-commit'))).toBe(false)
    expect(inside(workspace, 'status', '--porcelain')).toBe('')
    writeFiles(workspace.dir, { 'made.txt': 'changed\n', 'b.ts': 'x\n' })
    const made = await workspace.checkpoint('x')
    expect(await names(room, workspace.base.tree, made?.tree as string)).toEqual(['modified b.ts'])
  })

  test('a set-up that fails leaves nothing behind', async () => {
    const { layer, dataDir } = await stage({ 'a.ts': 'a\n' }, { setup: ['boom'] })
    const fail: RunSetup = async () => {
      throw new Error('boom')
    }
    await expect(layer(head, fail)).rejects.toThrow('boom')
    expect(execFileSync('find', [join(dataDir, 'layers'), '-mindepth', '2'], { encoding: 'utf8' })).toBe('')
  })

  test('declared files are carried, never committed, and key the layer', async () => {
    const files = { '.gitignore': '.env\n', 'a.ts': 'a\n', 'pkg/a.ts': 'a\n' }
    const { repo, layer, room } = await stage(files, { carry: ['.env', '**/*.local'] })
    repo.write({ '.env': 'SECRET=1\n', 'pkg/x.local': 'local\n' })
    const first = await layer()
    const workspace = await room.create('r-one', first)
    expect(readFileSync(join(workspace.dir, '.env'), 'utf8')).toBe('SECRET=1\n')
    expect(inside(workspace, 'status', '--porcelain')).toBe('')
    writeFiles(workspace.dir, { '.env': 'SECRET=2\n', 'pkg/x.local': 'z\n' })
    expect(await workspace.checkpoint('x')).toBeNull()
    repo.write({ '.env': 'SECRET=3\n' })
    expect((await layer()).key).not.toBe(first.key)
    const { layer: outside } = await stage({ 'a.ts': 'a\n' }, { carry: ['../../etc/passwd'] })
    await expect(outside()).rejects.toThrow(/outside the project/)
  })

  test('a layer is never changed by its trials', async () => {
    const { layer, room } = await stage({ 'a.ts': 'a\n', 'd/b.ts': 'b\n' })
    const built = await layer()
    const see = () => execFileSync('find', [built.dir, '-printf', '%P %i %T@ %C@ %s %U\n'], { encoding: 'utf8' })
    const before = see()
    const workspace = await room.create('r-one', built)
    writeFiles(workspace.dir, { 'a.ts': 'x\n', 'd/b.ts': null, 'n.ts': 'n\n' })
    inside(workspace, 'add', '-A')
    const made = await workspace.checkpoint('x')
    await workspace.restore(workspace.base.commit)
    await workspace.restore(made?.commit as string)
    await workspace.destroy()
    expect(see()).toBe(before)
  })

  test('what a trial may write belongs to the sandbox user, and other trials cannot be read from its git', async () => {
    const { room, layer, open } = await stage({ 'a.ts': 'a\n' })
    const workspace = await open()
    const { uid } = statSync(join(workspace.dir, 'a.ts'))
    if (process.getuid?.() === 0) expect(uid).toBe(64_400)
    for (const path of ['.', '.git/index', '.git/HEAD']) expect(statSync(join(workspace.dir, path)).uid).toBe(uid)
    expect(statSync(workspace.home).uid).toBe(uid)
    writeFiles(workspace.dir, { 'a.ts': 'the answer\n' })
    const made = await workspace.checkpoint('x')
    const other = await room.create('r-two', await layer())
    expect(() => inside(other, 'cat-file', '-e', made?.commit as string)).toThrow()
    expect(room.objects('p-test')).toContain('base.git')
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
