// Btrfs: a layer is a subvolume, a trial's tree a writable snapshot of it.
import { existsSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { GitFailure, tool } from '../git.ts'
import { probePlace, type Rung } from '../rung.ts'

export const snapshotRung: Rung = {
  name: 'snapshot',
  changes: 'index',
  inodes: 'kept',
  makeTree: async (dir) => {
    await tool('btrfs', ['subvolume', 'create', dir])
  },
  open: async (place) => {
    const dir = join(place.dir, 'tree')
    await tool('btrfs', ['subvolume', 'snapshot', place.layers[0] as string, dir])
    return { kind: 'directory', dir }
  },
  reopen: async (place) => {
    const dir = join(place.dir, 'tree')
    return existsSync(dir) ? { kind: 'directory', dir } : null
  },
  release: async () => {},
  close: (place) => removeSubvolume(join(place.dir, 'tree')),
  probe: async (dir) => {
    const place = await probePlace(dir)
    const trial = { dir: place, layers: [join(place, 'layer')], owner: null }
    try {
      await snapshotRung.makeTree(join(place, 'layer'))
      await snapshotRung.open(trial)
      await snapshotRung.close(trial)
      await removeSubvolume(join(place, 'layer'))
      return null
    } catch (error) {
      if (error instanceof GitFailure) return 'The data folder is not on btrfs.'
      return 'The program `btrfs` is not installed.'
    } finally {
      await rm(place, { recursive: true, force: true })
    }
  },
}

/** A subvolume goes at once where that is allowed, and file by file where it is not. */
export async function removeSubvolume(dir: string): Promise<void> {
  if (!existsSync(dir)) return
  await tool('btrfs', ['subvolume', 'delete', dir]).catch(() => tool('rm', ['-rf', '--', dir]))
}
