// What lies in the data folder and could go: each with its size and a way to remove it.
import { readdir, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { git, records } from './git.ts'
import { clearHalfMade } from './half-made.ts'
import { readManifest } from './layer-folder.ts'
import type { LayerUse } from './layer-use.ts'
import { removeTree, sizeOf } from './remove.ts'
import { storeOf } from './store.ts'
import { destroyTrial, readState, type TrialParts, trialsOf } from './trial.ts'
import type { Workspaces } from './workspace.ts'

type Keep = Parameters<Workspaces['garbage']>[0]
type Item = Awaited<ReturnType<Workspaces['garbage']>>[number]

const names = (dir: string): Promise<string[]> => readdir(dir).catch(() => [])

export async function collectGarbage(
  root: string,
  keep: Keep,
  partsOf: (trialId: string) => Promise<TrialParts | null>,
  layerUse: LayerUse,
): Promise<Item[]> {
  const items: Item[] = []
  for (const trial of await names(trialsOf(root))) {
    if (keep.trials.has(trial)) continue
    const dir = join(trialsOf(root), trial)
    const remove = async () => {
      const parts = await partsOf(trial)
      await (parts ? destroyTrial(parts) : clearHalfMade(dir))
      return true
    }
    items.push({ kind: 'workspace', id: trial, bytes: await sizeOf(join(dir, 'upper')), remove })
  }
  const used = await layersBelow(root, (trial) => keep.trials.has(trial))
  for (const project of await names(join(root, 'layers'))) {
    const dir = join(root, 'layers', project)
    const keepNewest = keep.projects.has(project)
    for (const layer of await idleLayers(dir, used, keepNewest)) {
      const path = join(dir, layer)
      const isIdle = async () => (await idleLayers(dir, await layersBelow(root), keepNewest)).includes(layer)
      const remove = () => layerUse.removing(project, path, isIdle, () => clearHalfMade(path))
      items.push({ kind: 'layer', id: `${project}/${layer}`, bytes: await sizeOf(path), remove })
    }
  }
  for (const project of await names(join(root, 'stores'))) {
    const store = storeOf(root, project)
    const remove = async () => {
      await removeTree(store.dir)
      return true
    }
    if (!keep.projects.has(project)) {
      items.push({ kind: 'store', id: project, bytes: await sizeOf(store.dir), remove })
    } else items.push(...(await idleSnapshots(project, store.git, keep.trials)))
  }
  return items
}

/** Folders of the layers that workspaces on disk stand on. */
async function layersBelow(root: string, counts = (_trial: string): boolean => true): Promise<Set<string>> {
  const trials = (await names(trialsOf(root))).filter(counts)
  const states = await Promise.all(trials.map((trial) => readState(join(trialsOf(root), trial))))
  return new Set(states.flatMap((state) => (state ? [state.layerDir, ...(state.below ?? [])] : [])))
}

/** Layers no kept workspace stands on; the newest of a kept project stays, so that the next task starts at once. */
async function idleLayers(dir: string, used: Set<string>, keepNewest: boolean): Promise<string[]> {
  const dated = await Promise.all(
    (await names(dir)).map(async (name) => ({ name, at: (await stat(join(dir, name))).mtimeMs })),
  )
  const newest = dated.sort((a, b) => b.at - a.at)[0]?.name
  const kept = new Set(dated.map(({ name }) => name).filter((name) => used.has(join(dir, name))))
  if (keepNewest && newest)
    for (const key of [newest, ...((await readManifest(dir, newest))?.below ?? [])]) kept.add(key)
  return dated.map(({ name }) => name).filter((name) => !kept.has(name))
}

/** Snapshots of trials that nobody needs: their refs go, git's own pruning frees the objects. */
async function idleSnapshots(project: string, gitDir: string, trials: Set<string>): Promise<Item[]> {
  const listed = await git(['for-each-ref', '--format=%(refname)%00', 'refs/seatrial/trials/'], {
    gitDir,
    codes: [128],
  })
  const byTrial = new Map<string, string[]>()
  for (const text of records(listed.out)) {
    const ref = text.trim()
    const trial = ref.split('/')[3] ?? ''
    if (!trials.has(trial)) byTrial.set(trial, [...(byTrial.get(trial) ?? []), ref])
  }
  return [...byTrial].map(([trial, refs]) => ({
    kind: 'snapshots',
    id: `${project}/${trial}`,
    bytes: 0,
    remove: async () => {
      await git(['update-ref', '--stdin'], { gitDir, input: refs.map((ref) => `delete ${ref}\n`).join('') })
      await git(['prune', '--expire=1.hour.ago'], { gitDir })
      return true
    },
  }))
}
