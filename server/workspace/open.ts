// Opens the room of workspaces in a data folder.
import { mkdir, readdir, readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { Refusal } from '@seatrial/protocol'
import { openTurns } from '../in-turn.ts'
import { sandboxIdentity } from '../sandbox/identity.ts'
import { writeWhole } from '../whole-file.ts'
import { resolveBase } from './base.ts'
import { compose } from './compose.ts'
import { diffTrees, measure, patchOf } from './diff.ts'
import { needingSpace } from './disk-space.ts'
import { collectGarbage } from './garbage.ts'
import { git, type Identity, records, toPath } from './git.ts'
import { clearHalfMade } from './half-made.ts'
import { type Probe, probeLadder, rungNamed } from './ladder.ts'
import { findOrBuild } from './layer.ts'
import { openLayerUse } from './layer-use.ts'
import { openPorts } from './ports.ts'
import { isProbePlace } from './rung.ts'
import { storeOf } from './store.ts'
import { openTrial, readState, releaseTrial, reopenTrial, type TrialParts, trialsOf } from './trial.ts'
import type { BaseLayer, Workspace, Workspaces } from './workspace.ts'

interface WorkspacesOptions {
  /** Everything of this room lies below this folder. */
  dataDir: string
  /** Told what a person may want to know while bases are resolved. */
  say?: (sentence: string) => void
  /** Owner of what trials may write; null means the house's own user. */
  identity?: Identity | null
  /** Forces one rung of the ladder. */
  rung?: string
  /** Versions that a layer depends on besides the commit. */
  toolchain?: string
}

/** Opens the room; rungs are probed on first use. */
export async function openWorkspaces(options: WorkspacesOptions): Promise<Workspaces> {
  const root = resolve(options.dataDir)
  const owner = options.identity === undefined ? sandboxIdentity() : options.identity
  const toolchain = options.toolchain ?? `${process.platform}-${process.arch}-node${process.versions.node}`
  const say = options.say ?? (() => {})
  await mkdir(trialsOf(root), { recursive: true, mode: 0o755 })
  await sweep(root)

  let probed: Promise<Probe> | null = null
  const probe = () => {
    probed ??= probeLadder(root, options.rung)
    return probed
  }
  const building = new Map<string, Promise<BaseLayer>>()
  const layerUse = openLayerUse()
  /** Work on one store, and on the mounts of one trial, waits for its turn. */
  const inTurn = openTurns()
  const gitOf = (projectId: string): string => storeOf(root, projectId).git
  const sensitiveOf = (projectId: string): Promise<string[]> =>
    readFile(join(storeOf(root, projectId).dir, 'sensitive.json'), 'utf8').then(JSON.parse, () => [])
  const ports = openPorts(() => keptPorts(root))

  async function partsOf(trialId: string): Promise<TrialParts | null> {
    const dir = join(trialsOf(root), named(trialId))
    const state = await readState(dir)
    if (!state) return null
    return { dir, state, store: storeOf(root, state.projectId), rung: rungNamed(state.rung), owner }
  }

  return {
    probe,
    resolveBase: (project, spec) =>
      inTurn(project.id, async () => {
        const store = storeOf(root, named(project.id))
        const base = await needingSpace(root, () => resolveBase(store, project.path, spec, say))
        await writeWhole(join(store.dir, 'sensitive.json'), JSON.stringify(project.settings.sensitive))
        return base
      }),
    baseLayer: async (project, base, runSetup, tell) => {
      const rung = rungNamed((await probe()).rung)
      const store = storeOf(root, named(project.id))
      const name = JSON.stringify([
        project.id,
        base.commit,
        base.branch,
        project.settings.setup,
        project.settings.carry,
      ])
      const running =
        building.get(name) ??
        layerUse
          .finding(project.id, () =>
            findOrBuild({ root, store, rung, owner, project, base, toolchain, runSetup, say: tell }),
          )
          .finally(() => building.delete(name))
      building.set(name, running)
      return running
    },
    create: async (trialId, layer, from) => {
      const started = performance.now()
      const dir = join(trialsOf(root), named(trialId))
      const projectId = layer.dir.split('/').at(-2) as string
      const rung = rungNamed((await probe()).rung)
      const portBase = await ports.take()
      const { base, key: layerKey, dir: layerDir, below } = layer
      const last = { commit: base.commit, tree: base.tree }
      const state = {
        trialId,
        projectId,
        layerDir,
        below,
        layerKey,
        base,
        rung: rung.name,
        portBase,
        readyMs: 0,
        snapshots: 0,
        last,
      }
      const parts: TrialParts = { dir, state, store: storeOf(root, projectId), rung, owner }
      const workspace: Workspace = await needingSpace(root, () => openTrial(parts, started)).finally(() =>
        ports.settled(portBase),
      )
      if (from) await workspace.restore(from)
      return workspace
    },
    reopen: (trialId) =>
      inTurn(trialId, async () => {
        const parts = await partsOf(trialId)
        return parts ? reopenTrial(parts) : null
      }),
    rest: (trialId) =>
      inTurn(trialId, async () => {
        const parts = await partsOf(trialId)
        if (parts) await releaseTrial(parts)
      }),
    diff: async (projectId, from, to, more) =>
      diffTrees(gitOf(projectId), from, to, { ...more, sensitive: await sensitiveOf(projectId) }),
    patch: (projectId, from, to) => patchOf(gitOf(projectId), from, to),
    readFile: async (projectId, tree, path) => {
      const name = `${tree}:${toPath(path)}`
      const found = await git(['cat-file', 'blob', Buffer.from(name, 'latin1').toString('utf8')], {
        gitDir: gitOf(projectId),
        codes: [128],
      })
      return found.code === 0 ? found.out : null
    },
    changedPaths: async (projectId, from, to) => {
      const names = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', from, to]
      return records((await git(names, { gitDir: gitOf(projectId) })).out)
    },
    listFiles: async (projectId, tree) => {
      const listed = await git(['ls-tree', '-r', '-z', '--name-only', tree], { gitDir: gitOf(projectId) })
      return records(listed.out)
    },
    candidate: (projectId, base, commit) => measure(gitOf(projectId), base.tree, commit),
    follows: async (projectId, commit, earlier) => {
      if (commit === earlier) return true
      const asked = ['merge-base', '--is-ancestor', earlier, commit]
      return (await git(asked, { gitDir: gitOf(projectId), codes: [1, 128] })).code === 0
    },
    compose: (projectId, base, picks) => compose(gitOf(projectId), base, picks),
    objects: (projectId) => join(storeOf(root, projectId).baseGit, 'objects'),
    storeDir: gitOf,
    close: async () => {
      layerUse.forget()
      for (const trial of await readdir(trialsOf(root)).catch(() => [])) {
        const parts = await partsOf(trial)
        if (parts) await releaseTrial(parts)
      }
    },
    garbage: (keep) => collectGarbage(root, keep, partsOf, layerUse),
  }
}

/** Ids become folder names. */
function named(id: string): string {
  if (!/^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/.test(id)) throw new Refusal('bad_request', `${id} is not a valid id.`)
  return id
}

/** The first ports of all workspaces there are. */
async function keptPorts(root: string): Promise<number[]> {
  const states = await Promise.all((await readdir(trialsOf(root))).map((name) => readState(join(trialsOf(root), name))))
  return states.flatMap((state) => (state ? [state.portBase] : []))
}

/** Clears what a crash left: a probe under way with its mounts, layers half built. */
async function sweep(root: string): Promise<void> {
  for (const name of await readdir(root)) if (isProbePlace(name)) await clearHalfMade(join(root, name))
  const layers = join(root, 'layers')
  for (const project of await readdir(layers).catch(() => [])) {
    for (const name of await readdir(join(layers, project))) {
      if (name.includes('.new-')) await clearHalfMade(join(layers, project, name))
    }
  }
}
