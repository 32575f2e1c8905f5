// One look of the house at a tree: plainly where the tree is a directory, through the rung's own eyes where it is not.
import { join } from 'node:path'
import type { Look, Rung, TrialPlace } from './rung.ts'

export async function looking<T>(
  rung: Rung,
  place: TrialPlace,
  mode: 'read' | 'write',
  work: (look: Look) => Promise<T>,
): Promise<T> {
  const dir = join(place.dir, 'tree')
  const plain: Look = { dir, workTree: dir, via: [], close: async () => {} }
  const look = (await rung.look?.(place, mode)) ?? plain
  try {
    return await work(look)
  } finally {
    await look.close()
  }
}
