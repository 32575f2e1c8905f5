// Workspaces of an ordinary user, whose overlay is mounted by the sandbox: until the first command can run, against
// `git worktree add` and copied dependencies. Run as any user but root.
// node bench/ordinary-user.ts [--files 5000] [--rounds 5] [--in DIR] [--dependencies DIR]
import { execFileSync } from 'node:child_process'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ProjectSettings } from '@seatrial/protocol'
import { openSandbox } from '../server/sandbox/open-sandbox.ts'
import { readAll } from '../server/sandbox/sandboxed-process.ts'
import { openWorkspaces } from '../server/workspace/open.ts'
import type { RunSetup } from '../server/workspace/workspace.ts'
import { addDependencies, generateRepo } from './workspace-repo.ts'

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '5000' },
    rounds: { type: 'string', default: '5' },
    in: { type: 'string', default: tmpdir() },
    dependencies: { type: 'string' },
  },
})
const root = realpathSync(mkdtempSync(join(values.in, 'seatrial-bench-')))
const repo = join(root, 'repo')
const house = dirname(dirname(fileURLToPath(import.meta.url)))
const figures = new Map<string, number[]>()
const shell = (line: string, cwd: string) =>
  execFileSync('bash', ['-c', line], { cwd, stdio: ['ignore', 'pipe', 'pipe'] })

async function timed<T>(name: string, work: () => T | Promise<T>): Promise<T> {
  const started = performance.now()
  const made = await work()
  figures.set(name, [...(figures.get(name) ?? []), performance.now() - started])
  return made
}
const median = (name: string): number =>
  (figures.get(name) ?? []).toSorted((a, b) => a - b)[Math.floor((figures.get(name)?.length ?? 0) / 2)] ?? 0

generateRepo(repo, Number(values.files))
const dependencies = addDependencies(repo, values.dependencies ?? join(house, 'node_modules'))
const room = await openWorkspaces({ dataDir: join(root, 'data') })
const project = { id: 'p-bench', path: repo, settings: ProjectSettings.parse({ setup: ['install'] }) }
const base = await room.resolveBase(project, { kind: 'commit', ref: 'HEAD' })
const install: RunSetup = async (tree) => {
  if (tree.kind === 'directory') await shell(`cp -a ${repo}/node_modules ${tree.dir}/node_modules`, repo)
}
const layer = await room.baseLayer(project, base, install, () => {})
console.log(
  `${values.files} files, ${dependencies} files of dependencies, uid ${process.getuid?.()}, rung ${(await room.probe()).rung}`,
)

for (let round = 0; round < Number(values.rounds); round++) {
  const tree = join(root, `wt-${round}`)
  await timed('worktree', () => shell(`git worktree add -q --detach ${tree}`, repo))
  await timed('copy', () => shell(`cp -a node_modules ${tree}/node_modules`, repo))
  const workspace = await timed('ready', () => room.create(`r-${round}`, layer))
  const sandbox = await timed('sandbox', () =>
    openSandbox({
      name: 'bench',
      level: 'standard',
      tree: workspace.tree,
      mountAt: repo,
      home: workspace.home,
      readOnly: [room.objects(project.id)],
      env: {},
      forwards: {},
      limits: { memoryMb: 1024, cpus: 2, pids: 256, diskMb: 1024 },
    }),
  )
  const run = async (script: string): Promise<string> => {
    const started = await sandbox.spawn(['/bin/sh', '-c', script])
    return (await Promise.all([readAll(started.stdout), started.exited]))[0]
  }
  await timed('first command', () => run('test -d node_modules'))
  const edit = 'for n in 1 2 3 4 5; do echo "export const more = $n" >> packages/p0/src/f0/file-$n.ts; done'
  await run(edit)
  shell(edit, tree)
  await timed('checkpoint', () => sandbox.frozen(() => workspace.checkpoint('step')))
  await timed('commit', () => shell('git add -A && git -c user.name=x -c user.email=x commit -q -m step', tree))
  await sandbox.close()
  await timed('remove', () => workspace.destroy())
  await timed('worktree remove', () => shell(`git worktree remove --force ${tree}`, repo))
}

const rows: [string, string, string][] = [
  ['workspace made', 'ready', 'worktree'],
  ['workspace made, peer copies dependencies only', 'ready', 'copy'],
  ['sandbox opened, overlay mounted', 'sandbox', 'worktree'],
  ['first command', 'first command', 'worktree'],
  ['checkpoint of five edits', 'checkpoint', 'commit'],
  ['removal', 'remove', 'worktree remove'],
]
for (const [name, ours, peer] of rows)
  console.log(
    `${name.padEnd(48)} ${median(ours).toFixed(1)} ms / ${peer} ${median(peer).toFixed(1)} ms = ${(median(ours) / median(peer)).toFixed(4)}`,
  )
await room.close()
rmSync(root, { recursive: true, force: true })
