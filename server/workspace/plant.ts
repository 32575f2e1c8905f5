// Writes into a tree that somebody else may have filled: no link is ever followed, every file appears whole or not at all.
import {
  constants as C,
  closeSync,
  fchmodSync,
  fchownSync,
  lchownSync,
  lstatSync,
  mkdirSync,
  openSync,
  readdirSync,
  renameSync,
  rmdirSync,
  rmSync,
  symlinkSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { type Identity, toBytes } from './git.ts'

/** What should be at a path (bytes as characters). */
export type Planting =
  | { path: string; kind: 'file'; content: Uint8Array; mode: number }
  | { path: string; kind: 'link'; target: Uint8Array }
  | { path: string; kind: 'gone' }

interface Bed {
  root: string
  owner: Identity | null
  /** Clears what stands in the way of a folder or file (a link, a folder); without it that is an error. */
  force: boolean
  /** Distinguishes temporary names of concurrent writers. */
  tag: string
}

const linux = process.platform === 'linux'
const folderFlags = C.O_RDONLY | C.O_DIRECTORY | C.O_NOFOLLOW

/** An open folder: names below it are reached through its descriptor, so that no swapped parent can redirect a write. */
interface Folder {
  fd: number
  path: Buffer
}

const below = (folder: Folder, name: string): Buffer =>
  Buffer.concat([
    linux ? Buffer.from(`/proc/self/fd/${folder.fd}/`) : Buffer.concat([folder.path, Buffer.from('/')]),
    toBytes(name),
  ])

const codeOf = (error: unknown): string => (error as NodeJS.ErrnoException).code ?? ''

/** Carries out plantings, deletions first. */
export function plant(bed: Bed, plantings: Planting[]): void {
  const ordered = [...plantings].sort((a, b) => Number(b.kind === 'gone') - Number(a.kind === 'gone'))
  for (const planting of ordered) {
    if (planting.kind === 'gone') remove(bed, planting.path)
    else put(bed, planting)
  }
}

/** Opens the folders down to a path's parent; null when one is missing or no folder and none may be made. */
function openParent(bed: Bed, path: string, make: boolean): Folder | null {
  let folder: Folder = { fd: openSync(bed.root, folderFlags), path: Buffer.from(bed.root) }
  for (const name of path.split('/').slice(0, -1)) {
    const next = openFolder(bed, folder, name, make)
    closeSync(folder.fd)
    if (!next) return null
    folder = next
  }
  return folder
}

function openFolder(bed: Bed, parent: Folder, name: string, make: boolean): Folder | null {
  const place = below(parent, name)
  const open = (): Folder => ({
    fd: openSync(place, folderFlags),
    path: Buffer.concat([parent.path, Buffer.from('/'), toBytes(name)]),
  })
  try {
    return open()
  } catch (error) {
    if (!make) {
      if (['ENOENT', 'ENOTDIR', 'ELOOP'].includes(codeOf(error))) return null
      throw error
    }
    if (['ENOTDIR', 'ELOOP'].includes(codeOf(error)) && bed.force) unlinkSync(place)
    else if (codeOf(error) !== 'ENOENT') throw error
  }
  mkdirSync(place, 0o755)
  if (bed.owner) lchownSync(place, bed.owner.uid, bed.owner.gid)
  return open()
}

function put(bed: Bed, planting: Exclude<Planting, { kind: 'gone' }>): void {
  const folder = openParent(bed, planting.path, true) as Folder
  try {
    const name = planting.path.split('/').at(-1) as string
    const place = below(folder, name)
    const temp = below(folder, `.seatrial-${bed.tag}.tmp`)
    rmSync(temp, { force: true })
    try {
      if (planting.kind === 'link') {
        symlinkSync(planting.target as Buffer, temp)
        if (bed.owner) lchownSync(temp, bed.owner.uid, bed.owner.gid)
      } else writeWhole(temp, planting.content, planting.mode, bed.owner)
      clearFolder(bed, place)
      renameSync(temp, place)
    } finally {
      rmSync(temp, { force: true })
    }
  } finally {
    closeSync(folder.fd)
  }
}

function writeWhole(temp: Buffer, content: Uint8Array, mode: number, owner: Identity | null): void {
  const fd = openSync(temp, C.O_WRONLY | C.O_CREAT | C.O_EXCL | C.O_NOFOLLOW, mode)
  try {
    writeFileSync(fd, content)
    fchmodSync(fd, mode)
    if (owner) fchownSync(fd, owner.uid, owner.gid)
  } finally {
    closeSync(fd)
  }
}

/** A folder where a file belongs: an empty one goes, a filled one only by force. */
function clearFolder(bed: Bed, place: Buffer): void {
  const stat = lstatSync(place, { throwIfNoEntry: false })
  if (!stat?.isDirectory()) return
  if (bed.force) rmSync(place, { recursive: true })
  else rmdirSync(place)
}

/** Removes a file or link, and the folders it leaves empty. */
function remove(bed: Bed, path: string): void {
  const folder = openParent(bed, path, false)
  if (!folder) return
  try {
    const place = below(folder, path.split('/').at(-1) as string)
    const stat = lstatSync(place, { throwIfNoEntry: false })
    if (stat?.isDirectory()) {
      if (bed.force) rmSync(place, { recursive: true })
    } else if (stat) unlinkSync(place)
  } finally {
    closeSync(folder.fd)
  }
  pruneParents(bed, path)
}

function pruneParents(bed: Bed, path: string): void {
  const names = path.split('/').slice(0, -1)
  while (names.length > 0) {
    const folder = openParent(bed, names.join('/'), false)
    if (!folder) return
    try {
      const place = below(folder, names.at(-1) as string)
      if (lstatSync(place, { throwIfNoEntry: false })?.isDirectory() !== true || readdirSync(place).length > 0) return
      rmdirSync(place)
    } finally {
      closeSync(folder.fd)
    }
    names.pop()
  }
}
