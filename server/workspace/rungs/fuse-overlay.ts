// An overlay by fuse-overlayfs: for ordinary users, whom the kernel lets mount no overlay that others could see.
import { existsSync } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join, relative } from 'node:path'
import type { TreeMount } from '../../sandbox/sandbox.ts'
import { GitFailure, tool } from '../git.ts'
import { probePlace, type Rung, type TrialPlace } from '../rung.ts'
import { isMounted, unmount } from './mounts.ts'

export const fuseOverlay: Rung = {
  name: 'fuse-overlay',
  changes: 'upper',
  inodes: 'kept',
  makeTree: async (dir) => {
    await mkdir(dir, { recursive: true })
  },
  open: async (place) => {
    for (const name of ['upper', 'work', 'tree']) await mkdir(join(place.dir, name), { recursive: true })
    if (place.owner) await tool('chown', [`${place.owner.uid}:${place.owner.gid}`, join(place.dir, 'upper')])
    return mount(place)
  },
  reopen: async (place) => {
    if (!existsSync(join(place.dir, 'upper'))) return null
    return (await isMounted(join(place.dir, 'tree'))) ? directory(place) : mount(place)
  },
  close: (place) => fuseOverlay.release(place),
  release: (place) => unmount(join(place.dir, 'tree')),
  probe: async (dir) => {
    if (process.platform !== 'linux') return 'FUSE overlays exist only on Linux.'
    const place = await probePlace(dir)
    const trial = { dir: place, layers: [join(place, 'lower')], owner: null }
    try {
      await mkdir(join(place, 'lower'), { recursive: true })
      await writeFile(join(place, 'lower/file'), 'text')
      await fuseOverlay.open(trial)
      await writeFile(join(place, 'tree/file'), 'changed')
      return (await readFile(join(place, 'lower/file'), 'utf8')) === 'text' ? null : 'fuse-overlayfs wrote to its base.'
    } catch (error) {
      if (error instanceof GitFailure) return `fuse-overlayfs was refused here: ${error.err.trim()}`
      return 'The program `fuse-overlayfs` is not installed.'
    } finally {
      await fuseOverlay.close(trial).catch(() => {})
      await rm(place, { recursive: true, force: true })
    }
  },
}

const directory = (place: TrialPlace): TreeMount => ({ kind: 'directory', dir: join(place.dir, 'tree') })

async function mount(place: TrialPlace): Promise<TreeMount> {
  const lower = place.layers.map((dir) => relative(place.dir, dir)).join(':')
  const shared = place.owner ? ',allow_other' : ''
  const all = `lowerdir=${lower},upperdir=upper,workdir=work${shared}`
  await tool('fuse-overlayfs', ['-o', all, 'tree'], { cwd: place.dir })
  return directory(place)
}
