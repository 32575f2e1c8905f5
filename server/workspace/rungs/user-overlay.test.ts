// An ordinary user's workspaces: what a sandbox wrote into its own mount is what the house snapshots, restores and removes.
// As root these are skipped here and run by `tests/ordinary-user.test.ts` as somebody else.
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { ProjectSettings } from '@seatrial/protocol'
import { afterEach, expect, test } from 'vitest'
import { openSandbox } from '../../sandbox/open-sandbox.ts'
import type { Sandbox } from '../../sandbox/sandbox.ts'
import { run } from '../../sandbox/test-trial.ts'
import { makeRepo, type TestRepo, tempDir } from '../make-repo.ts'
import { openWorkspaces } from '../open.ts'
import type { BaseLayer, RunSetup, Workspace, Workspaces } from '../workspace.ts'
import { fuseOverlay } from './fuse-overlay.ts'
import { isMounted } from './mounts.ts'
import { userOverlay } from './user-overlay.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
})

const isRoot = process.getuid?.() === 0
const why = isRoot ? 'root' : await userOverlay.probe(tempDir())

interface Stage {
  room: Workspaces
  dataDir: string
  open(from?: string): Promise<Workspace>
  enter(workspace: Pick<Workspace, 'trialId' | 'tree' | 'home'>): Promise<Sandbox>
  repo: TestRepo
  /** The layer of HEAD; set-up runs in a sandbox, as ever. */
  layer(): Promise<BaseLayer>
}

async function stage(rung: string, setup: string[] = []): Promise<Stage> {
  const repo = makeRepo({
    '.gitignore': 'dist\n',
    'a.txt': 'a\n',
    'gone.txt': 'gone\n',
    'src/one.txt': 'one\n',
    'src/deep/two.txt': 'two\n',
    'old/three.txt': 'three\n',
  })
  const dataDir = tempDir()
  const room = await openWorkspaces({ dataDir, rung })
  const project = { id: 'p-test', path: repo.path, settings: ProjectSettings.parse({ setup }) }
  const runSetup: RunSetup = async (tree, commands) => {
    const sandbox = await enter({ trialId: 'set-up', tree, home: mkdtempSync(join(tempDir(), 'home-')) })
    for (const command of commands) expect(await run(sandbox, command)).toMatchObject({ err: '', code: 0 })
    await sandbox.close()
  }
  const layer = async () =>
    room.baseLayer(project, await room.resolveBase(project, { kind: 'commit', ref: 'HEAD' }), runSetup, (text) =>
      said.push(text),
    )
  cleanups.push(async () => {
    await room.close()
    rmSync(dataDir, { recursive: true, force: true })
    repo.remove()
  })
  return {
    room,
    dataDir,
    repo,
    layer,
    enter,
    open: async (from) => room.create(from ? 'r-two' : 'r-one', await layer(), from),
  }
  async function enter(workspace: Pick<Workspace, 'trialId' | 'tree' | 'home'>): Promise<Sandbox> {
    const sandbox = await openSandbox({
      name: workspace.trialId,
      level: 'standard',
      tree: workspace.tree,
      mountAt: repo.path,
      home: workspace.home,
      readOnly: [room.objects('p-test')],
      env: {},
      forwards: {},
      limits: { memoryMb: 256, cpus: 1, pids: 64, diskMb: 64 },
    })
    cleanups.push(() => sandbox.close())
    return sandbox
  }
}

const said: string[] = []

const write = `
set -e
git status --porcelain
echo more >> a.txt; rm gone.txt; mkdir -p dist new; echo x > dist/x; echo n > new/n.txt
rm -r old; mkdir old; echo 4 > old/four.txt
mv src/deep src/moved; ln -s a.txt link; chmod +x src/one.txt
`

test.skipIf(why)('a snapshot holds what the sandbox wrote, taken while it is frozen', async () => {
  const { room, open, enter } = await stage('user-overlay')
  const workspace = await open()
  expect(workspace.rung).toBe('user-overlay')
  const sandbox = await enter(workspace)
  expect(await run(sandbox, write)).toMatchObject({ out: '', err: '', code: 0 })
  const made = await sandbox.frozen(() => workspace.checkpoint('Step'))
  const paths = await room.changedPaths('p-test', workspace.base.tree, made?.tree ?? '')
  expect(paths).toEqual([
    ...['a.txt', 'gone.txt', 'link', 'new/n.txt', 'old/four.txt', 'old/three.txt'],
    ...['src/deep/two.txt', 'src/moved/two.txt', 'src/one.txt'],
  ])
  expect(made?.findings).toEqual([])
  // The sandbox goes on where it was, and sees no trace of the look.
  expect((await run(sandbox, 'cat a.txt; echo last > last.txt; mount | grep -c seatrial-look')).out).toBe(
    'a\nmore\n0\n',
  )
  expect(await sandbox.frozen(() => workspace.checkpoint('Again'))).toMatchObject({ files: 1 })
  await sandbox.close()
  expect(await room.changedPaths('p-test', await workspace.treeHash(), workspace.lastCommit)).toEqual([])
})

test.skipIf(why)('a snapshot is put back, into the same workspace and into another one', async () => {
  const { open, enter } = await stage('user-overlay')
  const first = await open()
  const before = await enter(first)
  await run(before, write)
  await before.close()
  const made = await first.checkpoint('Step')
  await first.restore(first.base.commit)
  expect(await first.treeHash()).toBe(first.base.tree)
  const after = await enter(first)
  expect((await run(after, 'git status --porcelain; cat old/three.txt dist/x')).out).toBe('three\nx\n')
  await after.close()
  const second = await open(made?.commit)
  expect(await second.treeHash()).toBe(made?.tree)
  expect((await run(await enter(second), 'cat old/four.txt; ls old')).out).toBe('4\nfour.txt\n')
})

test.skipIf(why)('a layer stands upon another, and the rest of the set-up runs where a sandbox mounts it', async () => {
  const { room, repo, layer, open, enter } = await stage('user-overlay', ['echo ran >ran', 'cat a.* >built'])
  const first = await layer()
  repo.commit({ 'a.txt': 'two\n', 'old/three.txt': null, 'src/new.txt': 'n\n', '.gitignore': 'dist\nelse\n' })
  const second = await layer()
  expect(second.below, said.join('\n')).toEqual([first.dir])
  const workspace = await open()
  expect(await workspace.treeHash()).toBe(second.base.tree)
  const sandbox = await enter(workspace)
  expect(await run(sandbox, 'git status --porcelain; cat built src/new.txt src/one.txt; ls')).toMatchObject({
    out: 'two\nn\none\na.txt\nbuilt\ngone.txt\nran\nsrc\n',
    err: '',
  })
  await run(sandbox, 'echo mine > src/one.txt; mv src/deep moved')
  const made = await sandbox.frozen(() => workspace.checkpoint('Step'))
  expect(await room.changedPaths('p-test', second.base.tree, made?.tree ?? '')).toEqual([
    ...['moved/two.txt', 'src/deep/two.txt', 'src/one.txt'],
  ])
})

test.skipIf(why)('a folder of the base moves by copy only, a folder of the trial as ever', async () => {
  const { open, enter } = await stage('user-overlay')
  const sandbox = await enter(await open())
  expect((await run(sandbox, 'git mv old elsewhere')).err).toMatch(/cross-device/i)
  expect(await run(sandbox, 'mv old elsewhere && git add -A && git mv elsewhere again && ls again')).toMatchObject({
    out: 'three.txt\n',
    code: 0,
  })
})

test.skipIf(why)('a workspace outlives the house and leaves nothing when it is removed', async () => {
  const { room, dataDir, open, enter } = await stage('user-overlay')
  const sandbox = await enter(await open())
  await run(sandbox, 'echo kept > kept.txt; mkdir shut; echo s > shut/s; chmod 0 shut')
  await sandbox.close()
  await room.close()
  const again = await openWorkspaces({ dataDir, rung: 'user-overlay' })
  const workspace = await again.reopen('r-one')
  expect((await run(await enter(workspace as Workspace), 'cat kept.txt')).out).toBe('kept\n')
  for (const cleanup of cleanups.splice(1).reverse()) await cleanup()
  await workspace?.destroy()
  expect(readdirSync(join(dataDir, 'trials'))).toEqual([])
  expect(readFileSync('/proc/self/mountinfo', 'utf8')).not.toContain(dataDir)
})

test.skipIf(isRoot || (await fuseOverlay.probe(tempDir())))('a closed room lets go of FUSE mounts too', async () => {
  const { room, dataDir, open } = await stage('fuse-overlay')
  const workspace = await open()
  expect(await isMounted(workspace.dir)).toBe(true)
  await room.close()
  expect(await isMounted(workspace.dir)).toBe(false)
  expect(existsSync(join(dataDir, 'trials/r-one/upper'))).toBe(true)
  const again = await room.reopen('r-one')
  expect(readFileSync(join(again?.dir ?? '', 'a.txt'), 'utf8')).toBe('a\n')
})
