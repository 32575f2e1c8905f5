// Kernel overlay for an ordinary user: the sandbox mounts it in a namespace of its own, and the house looks at it through
// another one that lasts as long as the look. Nothing is mounted where others could see it, so nothing is left behind.
import { existsSync } from 'node:fs'
import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { TreeMount } from '../../sandbox/sandbox.ts'
import { findTools } from '../../sandbox/tools.ts'
import { removeTree } from '../remove.ts'
import { probePlace, type Rung, type TrialPlace } from '../rung.ts'
import { openLook } from './open-look.ts'

export const userOverlay: Rung = {
  name: 'user-overlay',
  changes: 'upper',
  inodes: 'kept',
  makeTree: async (dir) => {
    await mkdir(dir, { recursive: true })
  },
  open: async (place) => {
    for (const name of ['upper', 'work', 'look', 'tree']) await mkdir(join(place.dir, name), { recursive: true })
    return mountOf(place)
  },
  reopen: async (place) => (existsSync(join(place.dir, 'upper')) ? mountOf(place) : null),
  look: openLook,
  // Nothing is mounted, but the kernel left its work folders closed to everyone, in the way of whoever removes the data folder.
  release: async ({ dir }) => {
    for (const name of ['work', 'look']) await chmod(join(dir, name, 'work'), 0o700).catch(ifThere)
  },
  close: async () => {},
  probe: async (dir) => {
    if (process.platform !== 'linux') return 'Kernel overlays exist only on Linux.'
    if (process.getuid?.() === 0) return 'Root has the kernel overlay that everyone sees.'
    if (findTools().missing.length > 0) return 'The program `bwrap` is not installed.'
    const place = await probePlace(dir)
    try {
      return await tryOut({ dir: place, layers: [join(place, 'lower')], owner: null })
    } catch (error) {
      return `The kernel refused an overlay to an ordinary user: ${error instanceof Error ? error.message : error}`
    } finally {
      await removeTree(place)
    }
  },
}

/** There is none where nothing was mounted yet. */
const ifThere = (error: NodeJS.ErrnoException): void => {
  if (error.code !== 'ENOENT') throw error
}

const mountOf = ({ dir, layers }: TrialPlace): TreeMount => ({
  kind: 'overlay',
  lower: layers,
  upper: join(dir, 'upper'),
  work: join(dir, 'work'),
})

/** A folder replaced by an empty one needs whiteouts and attributes, which not every file system keeps for a user. */
async function tryOut(place: TrialPlace): Promise<string | null> {
  const lower = place.layers[0] as string
  await mkdir(join(lower, 'folder'), { recursive: true })
  await writeFile(join(lower, 'folder/file'), 'text')
  await userOverlay.open(place)
  const writing = await openLook(place, 'write')
  try {
    await rm(join(writing.dir, 'folder'), { recursive: true })
    await mkdir(join(writing.dir, 'folder'))
  } finally {
    await writing.close()
  }
  const reading = await openLook(place, 'read')
  try {
    const isEmpty = (await readdir(join(reading.dir, 'folder'))).length === 0
    if (!isEmpty) return 'The file system forgets what an overlay removes.'
  } finally {
    await reading.close()
  }
  return (await readFile(join(lower, 'folder/file'), 'utf8')) === 'text' ? null : 'The overlay wrote to its base.'
}
