// What a new commit costs: its layer built upon an older one against one from nothing, and what a workspace on top costs.
// node bench/layer.ts [--files 50000] [--changed 300] [--commits 5] [--in DIR] [--rung NAME]
import { execFileSync } from 'node:child_process'
import { appendFileSync, mkdtempSync, realpathSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import { ProjectSettings } from '@seatrial/protocol'
import { openWorkspaces } from '../server/workspace/open.ts'
import type { BaseLayer, RunSetup } from '../server/workspace/workspace.ts'
import { addDependencies, generateRepo } from './workspace-repo.ts'

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '50000' },
    changed: { type: 'string', default: '300' },
    commits: { type: 'string', default: '5' },
    in: { type: 'string', default: tmpdir() },
    rung: { type: 'string' },
  },
})
const root = realpathSync(mkdtempSync(join(values.in, 'seatrial-layer-')))
const repo = join(root, 'repo')
const median = (all: number[]): number => all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN
const git = (...args: string[]): string => execFileSync('git', args, { cwd: repo, encoding: 'utf8' })

let installs = 0
const install: RunSetup = async (tree) => {
  installs++
  if (tree.kind === 'directory') execFileSync('cp', ['-a', join(repo, 'node_modules'), join(tree.dir, 'node_modules')])
}

const room = await openWorkspaces({ dataDir: join(root, 'data'), ...(values.rung ? { rung: values.rung } : {}) })
try {
  generateRepo(repo, Number(values.files))
  const house = dirname(dirname(fileURLToPath(import.meta.url)))
  const dependencies = addDependencies(repo, join(house, 'node_modules'))
  const project = { id: 'p-bench', path: repo, settings: ProjectSettings.parse({ setup: ['npm ci'] }) }
  const layerOfHead = async (): Promise<BaseLayer> =>
    room.baseLayer(project, await room.resolveBase(project, { kind: 'commit', ref: 'HEAD' }), install, () => {})
  const whole = await layerOfHead()
  const upon: number[] = []
  const ready: number[] = []
  let depth = 0
  for (let commit = 0; commit < Number(values.commits); commit++) {
    for (let number = 0; number < Number(values.changed); number++) {
      const at = (number * 97 + commit * 7919) % Number(values.files)
      const folder = join(repo, 'packages', `p${Math.floor(at / 1000)}`, 'src', `f${Math.floor(at / 50) % 20}`)
      appendFileSync(join(folder, `file-${at}.ts`), `export const more${commit} = ${number}\n`)
    }
    git('commit', '-qam', `Change ${commit}`)
    const layer = await layerOfHead()
    upon.push(layer.builtMs ?? Number.NaN)
    depth = layer.below.length
    const workspace = await room.create(`r-${commit}`, layer)
    ready.push(workspace.readyMs)
    if (commit === Number(values.commits) - 1) {
      const status = execFileSync('git', ['-c', 'safe.directory=*', 'status', '--porcelain'], { cwd: workspace.dir })
      if (status.length > 0) throw new Error(`The workspace is not clean: ${status}`)
    }
    await workspace.destroy()
  }
  console.log(
    `${values.files} files, ${dependencies} of dependencies, ${values.changed} changed per commit, rung ${(await room.probe()).rung}`,
  )
  console.log(`layer from nothing   ${whole.builtMs} ms, once; set-up ran ${installs} time`)
  console.log(
    `layer upon another   ${upon.join(', ')} ms; median ${median(upon)} = ${(median(upon) / (whole.builtMs ?? 1)).toFixed(3)} of it`,
  )
  console.log(`workspace on top     ${ready.join(', ')} ms, standing on ${depth + 1} layers at the end`)
} finally {
  await room.close()
  for (const item of await room.garbage({ trials: new Set(), projects: new Set() })) await item.remove()
  execFileSync('rm', ['-rf', root])
}
