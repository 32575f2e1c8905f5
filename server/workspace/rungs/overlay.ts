// Kernel overlay mounted by root: milliseconds for any repository, folders can be renamed, no copy of anything.
import { existsSync } from 'node:fs'
import { chown, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { TreeMount } from '../../sandbox/sandbox.ts'
import { GitFailure, tool } from '../git.ts'
import { probePlace, type Rung, type TrialPlace } from '../rung.ts'
import { isMounted, unmount } from './mounts.ts'

const options = ['redirect_dir=on', 'index=off', 'metacopy=off']

export const overlay: Rung = {
  name: 'overlay',
  changes: 'upper',
  inodes: 'kept',
  makeTree: async (dir) => {
    await mkdir(dir, { recursive: true })
  },
  open: async (place) => {
    for (const name of ['upper', 'work', 'tree']) await mkdir(join(place.dir, name), { recursive: true })
    if (place.owner) await chown(join(place.dir, 'upper'), place.owner.uid, place.owner.gid)
    return mount(place)
  },
  reopen: async (place) => {
    if (!existsSync(join(place.dir, 'upper'))) return null
    return (await isMounted(join(place.dir, 'tree'))) ? directory(place) : mount(place)
  },
  release: (place) => unmount(join(place.dir, 'tree')),
  close: (place) => overlay.release(place),
  probe: async (dir) => {
    if (process.platform !== 'linux') return 'Kernel overlays exist only on Linux.'
    if (process.getuid?.() !== 0) return 'Mounting an overlay for everyone needs root.'
    const place = await probePlace(dir)
    const trial = { dir: place, layers: [join(place, 'lower')], owner: null }
    try {
      await mkdir(join(place, 'lower/folder'), { recursive: true })
      await writeFile(join(place, 'lower/folder/file'), 'text')
      await overlay.open(trial)
      await rename(join(place, 'tree/folder'), join(place, 'tree/renamed'))
      return (await readFile(join(place, 'tree/renamed/file'), 'utf8')) === 'text' ? null : 'The overlay lost a file.'
    } catch (error) {
      return `The kernel refused an overlay here: ${error instanceof GitFailure ? error.err.trim() : String(error)}`
    } finally {
      await overlay.close(trial)
      await rm(place, { recursive: true, force: true })
    }
  },
}

const directory = (place: TrialPlace): TreeMount => ({ kind: 'directory', dir: join(place.dir, 'tree') })

/** Paths are given relative to the trial's folder, so that no character of the data folder's path needs escaping. */
async function mount(place: TrialPlace): Promise<TreeMount> {
  const lower = place.layers.map((dir) => relative(place.dir, dir)).join(':')
  const all = [`lowerdir=${lower}`, 'upperdir=upper', 'workdir=work', ...options, 'nosuid', 'nodev'].join(',')
  await tool('mount', ['-t', 'overlay', 'overlay', '-o', all, join(place.dir, 'tree')], { cwd: place.dir })
  return directory(place)
}
