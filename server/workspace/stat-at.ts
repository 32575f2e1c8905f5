// What lies at a path, if anything does.
import { lstatSync, type Stats } from 'node:fs'
import { toBytes } from './git.ts'

/** Below `root` (a path with one character per byte); null when it is gone, also when a folder above it became a file. */
export function statAt(root: string, path: string): Stats | null {
  try {
    const place = Buffer.concat([Buffer.from(`${root}/`), toBytes(path)])
    return lstatSync(place, { throwIfNoEntry: false }) ?? null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return null
    throw error
  }
}
