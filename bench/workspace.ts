// Workspaces against git worktrees and copies, every figure a ratio of medians interleaved in one run.
// node bench/workspace.ts [--files 50000] [--rounds 5] [--in DIR] [--rung NAME] [--image btrfs|xfs]
import { execFileSync, spawn } from 'node:child_process'
import { appendFileSync, mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ProjectSettings } from '@seatrial/protocol'
import { type ImageKind, makeImage } from '../server/workspace/make-image.ts'
import { openWorkspaces } from '../server/workspace/open.ts'
import type { BaseLayer, RunSetup, Workspace, Workspaces } from '../server/workspace/workspace.ts'
import { addDependencies, generateRepo } from './workspace-repo.ts'

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '50000' },
    rounds: { type: 'string', default: '5' },
    in: { type: 'string', default: tmpdir() },
    rung: { type: 'string' },
    image: { type: 'string' },
  },
})
const rounds = Number(values.rounds)
const house = dirname(dirname(fileURLToPath(import.meta.url)))
const image = values.image ? makeImage(values.image as ImageKind, 16_384, values.in) : null
const root = realpathSync(mkdtempSync(join(image?.dir ?? values.in, 'seatrial-bench-')))
const tsc = join(house, 'node_modules/.bin/tsc')

interface Cost {
  wallMs: number
  cpuMs: number
}

/** Runs a shell line; wall time here, user and system time of it and its children as the shell counts them. */
function shell(line: string, cwd: string): Promise<Cost> {
  const started = performance.now()
  return new Promise((resolve, reject) => {
    const child = spawn('bash', ['-c', `${line}\nstatus=$?\ntimes >&3\nexit $status`], {
      cwd,
      stdio: ['ignore', 'ignore', 'pipe', 'pipe'],
      env: {
        ...process.env,
        GIT_CONFIG_GLOBAL: '/dev/null',
        GIT_CONFIG_COUNT: '1',
        GIT_CONFIG_KEY_0: 'safe.directory',
        GIT_CONFIG_VALUE_0: '*',
      },
    })
    let times = ''
    let errors = ''
    child.stdio[3]?.on('data', (chunk) => {
      times += chunk
    })
    child.stderr?.on('data', (chunk) => {
      errors += chunk
    })
    child.on('close', (code) => {
      if (code !== 0) reject(new Error(`${line}: ${code} ${errors.slice(0, 500)}`))
      const children = times.trim().split('\n').at(-1) ?? ''
      const cpuMs = [...children.matchAll(/(\d+)m([\d.]+)s/g)].reduce(
        (sum, [, m, s]) => sum + Number(m) * 60_000 + Number(s) * 1000,
        0,
      )
      resolve({ wallMs: performance.now() - started, cpuMs })
    })
  })
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const started = performance.now()
  await work()
  return performance.now() - started
}

const samples = new Map<string, number[]>()
const keep = (name: string, value: number): void => {
  samples.set(name, [...(samples.get(name) ?? []), value])
}
function median(name: string): number {
  const sorted = [...(samples.get(name) ?? [])].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
const diskKb = (dir: string): number => Number(execFileSync('du', ['-sk', dir], { encoding: 'utf8' }).split('\t')[0])

let missed = 0
function report(what: string, ours: string, peer: string, atMost: number | null): void {
  const ratio = median(ours) / median(peer)
  const verdict = atMost === null ? '' : ratio <= atMost ? `  <= ${atMost} ok` : `  > ${atMost} MISSED`
  if (verdict.endsWith('MISSED')) missed++
  console.log(
    `${what.padEnd(54)} ${median(ours).toFixed(1).padStart(9)} / ${median(peer).toFixed(1).padStart(9)} = ${ratio.toFixed(4)}${verdict}`,
  )
}

interface Ground {
  repo: string
  room: Workspaces
  layer: BaseLayer
  baseMs: number
}

async function prepare(name: string, files: number, dependencies: boolean): Promise<Ground> {
  const repo = join(root, name)
  generateRepo(repo, files)
  const count = dependencies ? addDependencies(repo, join(house, 'node_modules')) : 0
  const room = await openWorkspaces({
    dataDir: join(root, `${name}-data`),
    ...(values.rung ? { rung: values.rung } : {}),
  })
  const project = {
    id: 'p-bench',
    path: repo,
    settings: ProjectSettings.parse({ setup: dependencies ? ['install'] : [] }),
  }
  const base = await room.resolveBase(project, { kind: 'commit', ref: 'HEAD' })
  const install: RunSetup = async (tree) => {
    if (tree.kind === 'directory') await shell(`cp -a ${repo}/node_modules ${tree.dir}/node_modules`, repo)
  }
  const layer = await room.baseLayer(project, base, install, () => {})
  console.log(
    `${name}: ${files} files, ${count} files of dependencies; base layer once in ${layer.builtMs} ms; rung ${(await room.probe()).rung}`,
  )
  return { repo, room, layer, baseMs: layer.builtMs ?? 0 }
}

async function creation({ repo, room, layer }: Ground, small: Ground): Promise<void> {
  for (let round = 0; round < rounds; round++) {
    const tree = join(root, `wt-${round}`)
    keep('worktree ms', (await shell(`git worktree add -q --detach ${tree}`, repo)).wallMs)
    keep('worktree kb', diskKb(tree))
    keep('copy ms', median('worktree ms') + (await shell(`cp -a node_modules ${tree}/node_modules`, repo)).wallMs)
    let workspace: Workspace | undefined
    keep(
      'ours ms',
      await timed(async () => {
        workspace = await room.create(`r-${round}`, layer)
      }),
    )
    const ours = workspace as Workspace
    if (ours.rung === 'reflink') {
      const plain = join(root, `plain-${round}`)
      keep('cp --reflink ms', (await shell(`cp -a --reflink=always ${layer.dir}/tree ${plain}`, repo)).wallMs)
      await shell(`rm -rf ${plain}`, repo)
    }
    keep('ours kb', diskKb(join(ours.home, '..', 'upper')) || 1)
    let little: Workspace | undefined
    keep(
      'small ms',
      await timed(async () => {
        little = await small.room.create(`r-${round}`, small.layer)
      }),
    )
    await little?.destroy()
    keep('worktree status cpu', (await shell('git status', tree)).cpuMs)
    keep('ours status cpu', (await shell('git status', ours.dir)).cpuMs)
    keep('worktree status 2 cpu', (await shell('git status', tree)).cpuMs)
    keep('ours status 2 cpu', (await shell('git status', ours.dir)).cpuMs)
    // Who goes first changes from round to round: the second finds warmer caches.
    const sides: [string, string][] = [
      ['worktree', tree],
      ['ours', ours.dir],
    ]
    for (const [name, dir] of round % 2 ? sides.reverse() : sides) {
      keep(`${name} tsc`, (await shell(`${tsc} -p typed`, dir)).cpuMs)
      keep(
        `${name} test`,
        (await shell(`${process.execPath} --test --test-concurrency=1 typed/test/*.test.ts`, dir)).cpuMs,
      )
    }
    await steps(ours, tree, round, { repo, room, layer, baseMs: 0 })
    keep('ours remove ms', await timed(() => ours.destroy()))
    rmSync(join(tree, 'node_modules'), { recursive: true })
    keep('worktree remove ms', (await shell(`git worktree remove --force ${tree}`, repo)).wallMs)
  }
}

/** Five edits, then checkpoint, diff and rollback, on both sides. */
async function steps(ours: Workspace, tree: string, round: number, { room }: Ground): Promise<void> {
  const edit = (dir: string, step: number): void => {
    for (let number = 0; number < 5; number++) {
      const file = join(dir, 'packages', `p${number}`, 'src', 'f0', `file-${number * 1000 + round}.ts`)
      appendFileSync(file, `export const step${step} = ${step}\n`)
    }
    writeFileSync(join(dir, 'packages/p0/src/f1', `new-${step}.ts`), `export const fresh = ${step}\n`)
  }
  const base = ours.base.commit
  let last = base
  for (let step = 0; step < 3; step++) {
    edit(tree, step)
    edit(ours.dir, step)
    keep('git diff ms', (await shell('git diff HEAD', tree)).wallMs)
    keep(
      'git commit ms',
      (await shell('git add -A && git -c user.name=x -c user.email=x commit -q -m step', tree)).wallMs,
    )
    const before = last
    keep(
      'checkpoint ms',
      await timed(async () => {
        last = (await ours.checkpoint(`step ${step}`))?.commit ?? last
      }),
    )
    keep('tree diff ms', await timed(() => room.diff('p-bench', before, last)))
  }
  keep('read-tree ms', (await shell('git read-tree --reset -u HEAD~3', tree)).wallMs)
  keep('rollback ms', await timed(() => ours.restore(base)))
}

async function eight({ repo, room, layer }: Ground): Promise<void> {
  const numbers = Array.from({ length: 8 }, (_, number) => number)
  for (let round = 0; round < Math.min(2, rounds); round++) {
    const trees = numbers.map((number) => join(root, `eight-${round}-${number}`))
    keep(
      'eight worktrees ms',
      await timed(() => Promise.all(trees.map((tree) => shell(`git worktree add -q --detach ${tree}`, repo)))),
    )
    const made: Workspace[] = []
    keep(
      'eight ours ms',
      await timed(() =>
        Promise.all(numbers.map(async (number) => made.push(await room.create(`r-eight-${number}`, layer)))),
      ),
    )
    await Promise.all(made.map((workspace) => workspace.destroy()))
    for (const tree of trees) await shell(`rm -rf ${tree}`, repo)
    await shell('git worktree prune', repo)
  }
}

mkdirSync(root, { recursive: true })
try {
  const small = await prepare('small', 1000, false)
  const large = await prepare('large', Number(values.files), true)
  await creation(large, small)
  await eight(large)
  console.log(`\n${'figure (median)'.padEnd(54)} ${'ours'.padStart(9)} / ${'peer'.padStart(9)}`)
  report('ready ms / git worktree add (no dependencies)', 'ours ms', 'worktree ms', 0.05)
  report('ready ms / worktree + cp -a of dependencies', 'ours ms', 'copy ms', 0.01)
  if (samples.has('cp --reflink ms')) report('ready ms / cp -a --reflink', 'ours ms', 'cp --reflink ms', 1.1)
  report('eight at once ms / eight worktrees', 'eight ours ms', 'eight worktrees ms', 0.02)
  report('extra disk KB / worktree', 'ours kb', 'worktree kb', 0.05)
  report('ready ms, large / a 1,000-file repository', 'ours ms', 'small ms', null)
  report('first git status, CPU ms / worktree', 'ours status cpu', 'worktree status cpu', 2.5)
  report('second git status, CPU ms / worktree', 'ours status 2 cpu', 'worktree status 2 cpu', 1.6)
  report('type check, CPU ms / worktree with dependencies', 'ours tsc', 'worktree tsc', 1.15)
  report('tests, CPU ms / worktree with dependencies', 'ours test', 'worktree test', 1.15)
  report('removal ms / git worktree remove', 'ours remove ms', 'worktree remove ms', 0.25)
  report('checkpoint ms / git add -A && git commit', 'checkpoint ms', 'git commit ms', 0.25)
  report('diff of two trees ms / git diff HEAD', 'tree diff ms', 'git diff ms', 0.15)
  report('rollback ms / git read-tree --reset -u', 'rollback ms', 'read-tree ms', 0.6)
  console.log(missed === 0 ? 'All targets met.' : `${missed} targets missed.`)
} finally {
  const table = execFileSync('cat', ['/proc/self/mountinfo'], { encoding: 'utf8' })
  for (const row of table.split('\n').reverse()) {
    const at = row.split(' ')[4]
    if (at?.startsWith(root)) execFileSync('umount', ['-l', at])
  }
  execFileSync('rm', ['-rf', root])
  image?.remove()
}
