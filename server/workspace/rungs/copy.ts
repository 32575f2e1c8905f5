// Copies of the layer: by reference where the file system can share blocks, byte by byte where it cannot.
import { existsSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { GitFailure, tool } from '../git.ts'
import { probePlace, type Rung } from '../rung.ts'

const mac = process.platform === 'darwin'

function copyRung(name: string, flags: string[], probe: Rung['probe']): Rung {
  return {
    name,
    changes: 'index',
    inodes: 'new',
    probe,
    makeTree: async (dir) => {
      await mkdir(dir, { recursive: true })
    },
    open: async (place) => {
      const dir = join(place.dir, 'tree')
      await tool('cp', [...flags, '--', place.layers[0] as string, dir])
      return { kind: 'directory', dir }
    },
    reopen: async (place) => {
      const dir = join(place.dir, 'tree')
      return existsSync(dir) ? { kind: 'directory', dir } : null
    },
    release: async () => {},
    close: async () => {},
  }
}

const reflinkFlags = mac ? ['-a', '-c'] : ['-a', '--reflink=always']

export const reflink = copyRung('reflink', reflinkFlags, async (dir) => {
  const place = await probePlace(dir)
  try {
    await writeFile(join(place, 'a'), 'text'.repeat(4096))
    await tool('cp', [...reflinkFlags, '--', join(place, 'a'), join(place, 'b')])
    return null
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error
    return 'The file system cannot share blocks between copies.'
  } finally {
    await rm(place, { recursive: true, force: true })
  }
})

export const copy = copyRung('copy', ['-a'], async () => null)
