// Base layers: built once, upon one another, never changed by a trial.
import { execFileSync } from 'node:child_process'
import { existsSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { afterEach, describe, expect, test } from 'vitest'
import { type FileSpec, writeFiles } from './make-repo.ts'
import { cleanUp, dirOf, head, inside, names, onGround, rungs, said, stage } from './make-stage.ts'
import type { RunSetup } from './workspace.ts'

afterEach(cleanUp)

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

describe.each(rungs)('layers upon layers on rung $rung', (each) => {
  const { rung } = each
  const ground = onGround(each)
  const settings = { setup: ['npm ci', 'make'], lockfiles: ['lock.json'] }
  const manifest = (more: object = {}): string => JSON.stringify({ scripts: { prepare: 'husky' }, ...more })
  const files = {
    ...{ '.gitignore': 'node_modules\n', 'lock.json': '1\n', 'package.json': manifest(), 'a.ts': 'one\n' },
    ...{ 'src/b.ts': 'b\n', 'src/deep/c.ts': 'c\n', 'gone/d.ts': 'd\n', 'kind.ts': 'k\n' },
  }

  test('a new commit keeps the dependencies, and is what a layer from nothing would be', async () => {
    const { repo, room, layer } = await stage(files, settings, rung, undefined, ground())
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
    const { room: other, project } = await stage(files, settings, rung, undefined, ground())
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

  test('a layer that was idle when garbage was listed stays when somebody needs it by now', async () => {
    const { repo, room, project, layer } = await stage(files, settings, rung, undefined, ground())
    const old = (await room.resolveBase(project, head)).commit
    await layer(head, noted([]))
    repo.commit({ 'lock.json': '2\n' })
    await layer(head, noted([]))
    await room.close()
    const listed = async () =>
      (await room.garbage({ projects: new Set(['p-test']), trials: new Set() })).filter(({ kind }) => kind === 'layer')
    const [idle] = await listed()
    const workspace = await room.create('r-one', await layer({ kind: 'commit', ref: old }, noted([])))
    expect(await idle?.remove()).toBe(false)
    expect(readFileSync(join(workspace.dir, 'a.ts'), 'utf8')).toBe('one\n')
    await workspace.destroy()
    // Found, and not stood on yet.
    await layer({ kind: 'commit', ref: old }, noted([]))
    expect(await (await listed())[0]?.remove()).toBe(false)
    // Being built upon it.
    await room.close()
    const [again] = await listed()
    let removed: Promise<boolean> | undefined
    repo.commit({ 'lock.json': '3\n' })
    await layer(head, async () => {
      removed = again?.remove()
      expect(await removed).toBe(false)
    })
    expect(removed).toBeDefined()
    await room.close()
    expect(await (await listed())[0]?.remove()).toBe(true)
  })

  test('what a layer stands on stays as long as it does', async () => {
    const { repo, room, layer, dataDir } = await stage(files, settings, rung, undefined, ground())
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
