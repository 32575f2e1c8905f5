// What is on disk at a path of a checkout, byte for byte, and whether a change may be written there.
import { lstatSync, readdirSync, readFileSync, readlinkSync, type Stats } from 'node:fs'
import { toBytes } from '../workspace/git.ts'

/** A file, a link, or nothing; `stamp` changes whenever it is written to. */
export type OnDisk =
  | { kind: 'file'; content: Buffer; mode: number; stamp: string }
  | { kind: 'link'; target: Buffer; stamp: string }
  | { kind: 'gone' }
  /** A folder, a device, or a path below something that is no folder. */
  | { kind: 'other'; what: 'folder' | 'special' | 'blocked' }

const at = (root: string, path: string): Buffer => Buffer.concat([Buffer.from(`${root}/`), toBytes(path)])
const stampOf = (stat: Stats): string => [stat.ino, stat.size, stat.mtimeMs, stat.ctimeMs, stat.mode].join(':')

/** Reads a path without following links, not even in the folders above it. */
export function readDisk(root: string, path: string): OnDisk {
  const names = path.split('/')
  for (let depth = 1; depth < names.length; depth++) {
    const stat = lstatSync(at(root, names.slice(0, depth).join('/')), { throwIfNoEntry: false })
    if (!stat) return { kind: 'gone' }
    if (!stat.isDirectory()) return { kind: 'other', what: 'blocked' }
  }
  const place = at(root, path)
  const stat = lstatSync(place, { throwIfNoEntry: false })
  if (!stat) return { kind: 'gone' }
  if (stat.isSymbolicLink()) return { kind: 'link', target: readlinkSync(place, 'buffer'), stamp: stampOf(stat) }
  if (stat.isFile()) {
    return { kind: 'file', content: readFileSync(place), mode: stat.mode & 0o7777, stamp: stampOf(stat) }
  }
  return { kind: 'other', what: stat.isDirectory() ? 'folder' : 'special' }
}

/** Whether two things on disk are the same to a reader: kind, bytes and the executable bit. */
export function same(a: OnDisk, b: OnDisk): boolean {
  if (a.kind === 'file' && b.kind === 'file') {
    return a.content.equals(b.content) && (a.mode & 0o100) === (b.mode & 0o100)
  }
  if (a.kind === 'link' && b.kind === 'link') return a.target.equals(b.target)
  return a.kind === 'gone' && b.kind === 'gone'
}

/** Every file, link or other thing below a folder. */
export function below(root: string, path: string): string[] {
  return readdirSync(at(root, path), { encoding: 'latin1' }).flatMap((name) => {
    const child = `${path}/${name}`
    return lstatSync(at(root, child)).isDirectory() ? below(root, child) : [child]
  })
}
