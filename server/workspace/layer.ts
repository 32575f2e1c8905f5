// Base layers: tree, dependencies and a ready index, built once and immutable from then on.
import { join } from 'node:path'
import { findCarried } from './carry.ts'
import { buildUponNearest } from './layer-delta.ts'
import { type LayerInput, nameLayer, readManifest } from './layer-folder.ts'
import { buildWhole } from './layer-whole.ts'
import type { BaseLayer } from './workspace.ts'

/** Finds or builds the layer of a base: upon the nearest one that needs no other set-up, or whole. */
export async function findOrBuild(input: LayerInput): Promise<BaseLayer> {
  const { project, base } = input
  const names = await nameLayer(input, await findCarried(project.path, project.settings.carry))
  const { layers, key } = names
  const layer = (below: string[], builtMs: number | null): BaseLayer => ({
    ...{ key, base, dir: join(layers, key), below: below.map((each) => join(layers, each)), builtMs },
  })
  const known = await readManifest(layers, key)
  if (known) return layer(known.below, null)
  const started = performance.now()
  const { below } = (await buildUponNearest(input, names)) ?? (await buildWhole(input, names))
  return layer(below, Math.round(performance.now() - started))
}
