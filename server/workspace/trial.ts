// One trial's workspace: made from a layer, snapshotted from outside, found again after a restart, removed without a trace.
import { existsSync } from 'node:fs'
import { chown, mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Base } from '@seatrial/protocol'
import { writeWhole } from '../whole-file.ts'
import { copyIndex } from './copy-index.ts'
import { needingSpace } from './disk-space.ts'
import { git, type Identity } from './git.ts'
import { clearHalfMade } from './half-made.ts'
import type { IgnoreRules } from './ignore.ts'
import { looking as lookAt } from './look.ts'
import { removeTree } from './remove.ts'
import { learnCopies } from './restat.ts'
import { restore } from './restore.ts'
import type { Look, Rung, TrialPlace } from './rung.ts'
import type { Scan } from './scan.ts'
import { scanIndex } from './scan-index.ts'
import { scanUpper } from './scan-upper.ts'
import { type HashCache, snapshot } from './snapshot.ts'
import type { Store } from './store.ts'
import type { Snapshot, Workspace } from './workspace.ts'

/** What is remembered of a workspace on disk. */
export interface TrialState {
  trialId: string
  projectId: string
  layerDir: string
  /** Folders of the layers that one stands on, topmost first. */
  below?: string[]
  layerKey: string
  base: Base
  rung: string
  portBase: number
  readyMs: number
  snapshots: number
  last: { commit: string; tree: string }
}

export interface TrialParts {
  dir: string
  state: TrialState
  store: Store
  rung: Rung
  owner: Identity | null
}

export const trialsOf = (root: string): string => join(root, 'trials')
const stateFile = (dir: string): string => join(dir, 'workspace.json')
export const snapshotRef = (trialId: string, name: number | string): string => `refs/seatrial/trials/${trialId}/${name}`

export const readState = (dir: string): Promise<TrialState | null> =>
  readFile(stateFile(dir), 'utf8').then(JSON.parse, () => null)

async function writeState(parts: TrialParts): Promise<void> {
  await writeWhole(stateFile(parts.dir), JSON.stringify(parts.state))
}

const layersOf = ({ state }: TrialParts): string[] =>
  [state.layerDir, ...(state.below ?? [])].map((dir) => join(dir, 'tree'))

const placeOf = (parts: TrialParts): TrialPlace => ({ dir: parts.dir, layers: layersOf(parts), owner: parts.owner })

/** Makes the view, the private home and the state file. */
export async function openTrial(parts: TrialParts, started: number): Promise<Workspace> {
  await clearHalfMade(parts.dir)
  await mkdir(parts.dir, { recursive: true })
  const home = join(parts.dir, 'home')
  await mkdir(home, { recursive: true, mode: 0o755 })
  if (parts.owner) await chown(home, parts.owner.uid, parts.owner.gid)
  const tree = await parts.rung.open(placeOf(parts))
  if (parts.rung.changes === 'index') await copyIndex(join(parts.state.layerDir, 'index'), join(parts.dir, 'index'))
  const workspace = view(parts, tree)
  if (parts.rung.inodes === 'new') await refreshCopies(parts, workspace.dir)
  parts.state.readyMs = Math.round(performance.now() - started)
  await writeState(parts)
  return workspace
}

/** Copies have new inodes and times: both indexes learn them once, so that every later look is cheap. */
async function refreshCopies(parts: TrialParts, dir: string): Promise<void> {
  const index = join(parts.dir, 'index')
  await learnCopies(parts.store.git, index, dir)
  await copyIndex(index, join(dir, '.git/index'))
}

/** The workspace after a restart, or null when its view cannot be had again. */
export async function reopenTrial(parts: TrialParts): Promise<Workspace | null> {
  const tree = await parts.rung.reopen(placeOf(parts))
  return tree ? view(parts, tree) : null
}

function view(parts: TrialParts, tree: Workspace['tree']): Workspace {
  const { state, store } = parts
  const dir = tree.kind === 'directory' ? tree.dir : join(parts.dir, 'tree')
  const looking = <T>(mode: 'read' | 'write', work: (look: Look) => Promise<T>): Promise<T> =>
    lookAt(parts.rung, placeOf(parts), mode, work)
  const cache: HashCache = new Map()
  let leftOut: string[] = []
  let last: Promise<unknown> = Promise.resolve()
  /** One look at a time: a snapshot, a hash and a restore never overlap. */
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    const turn = last.then(work)
    last = turn.catch(() => {})
    return turn
  }

  const scan = ({ dir: merged, workTree, via }: Look): Promise<Scan> => {
    const rules: IgnoreRules = { gitDir: store.git, workTree, via, excludes: join(state.layerDir, 'exclude') }
    if (parts.rung.changes === 'index') return scanIndex({ rules, index: join(parts.dir, 'index') })
    const [upper, lower] = [join(parts.dir, 'upper'), layersOf(parts)]
    return scanUpper({ upper, lower, merged, baseTree: state.base.tree, rules })
  }

  const take = async (look: Look, ref: string, message: string) => {
    const found = await scan(look)
    leftOut = found.findings
    if (found.changes.length === 0)
      return { commit: state.base.commit, tree: state.base.tree, findings: found.findings }
    const { baseTree, parent } = { baseTree: state.base.tree, parent: state.last.commit }
    const made = await snapshot({ gitDir: store.git, look, scan: found, cache, ref, parent, baseTree, message })
    return { ...made, findings: found.findings }
  }

  const checkpoint = async (message: string): Promise<Snapshot | null> => {
    const ref = snapshotRef(state.trialId, state.snapshots + 1)
    const made = await looking('read', (look) => take(look, ref, message))
    if (made.tree === state.last.tree) return null
    const names = ['diff-tree', '-r', '-z', '--name-only', state.last.tree, made.tree]
    const files = (await git(names, { gitDir: store.git })).out.toString('latin1').split('\0').length - 1
    state.snapshots++
    state.last = { commit: made.commit, tree: made.tree }
    await writeState(parts)
    return { commit: made.commit, tree: made.tree, files, findings: made.findings }
  }

  const treeOf = async (commit: string): Promise<string> =>
    (await git(['rev-parse', `${commit}^{tree}`], { gitDir: store.git })).out.toString('latin1').trim()

  const hash = async (look: Look): Promise<string> =>
    (await take(look, snapshotRef(state.trialId, 'scratch'), 'Look')).tree

  return {
    trialId: state.trialId,
    projectId: state.projectId,
    base: state.base,
    get lastCommit() {
      return state.last.commit
    },
    rung: state.rung,
    get readyMs() {
      return state.readyMs
    },
    tree,
    dir,
    home: join(parts.dir, 'home'),
    portBase: state.portBase,
    checkpoint: (message) => inTurn(() => needingSpace(store.dir, () => checkpoint(message))),
    leftOut: () => leftOut,
    treeHash: () => inTurn(() => looking('read', hash)),
    standOn: (commit) =>
      inTurn(async () => {
        if (commit === state.last.commit) return
        state.last = { commit, tree: await treeOf(commit) }
        await writeState(parts)
      }),
    restore: (commit) =>
      inTurn(async () => {
        const to = await treeOf(commit)
        await looking('write', async (look) =>
          restore({ gitDir: store.git, dir: look.dir, owner: parts.owner, from: await hash(look), to }),
        )
        state.last = { commit, tree: to }
        await writeState(parts)
      }),
    destroy: () => inTurn(() => destroyTrial(parts)),
  }
}

/** Lets go of the view's mounts. */
export const releaseTrial = (parts: TrialParts): Promise<void> => parts.rung.release(placeOf(parts))

/** Releases the view and removes the folder; snapshots stay in the store. */
export async function destroyTrial(parts: TrialParts): Promise<void> {
  if (!existsSync(parts.dir)) return
  await parts.rung.close(placeOf(parts))
  await removeTree(parts.dir)
}
