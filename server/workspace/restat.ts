// Teaches a git index the inodes and times of a copy, without reading one file: what git's own refresh would hash anew.
import { createHash } from 'node:crypto'
import { type BigIntStats, lstatSync } from 'node:fs'
import { readFile, writeFile } from 'node:fs/promises'
import { setImmediate as breath } from 'node:timers/promises'
import { git, line } from './git.ts'

/** Offsets in an entry, in bytes; each field but the flags takes four. */
const at = { ctime: 0, mtime: 8, dev: 16, ino: 20, uid: 28, gid: 32, size: 36, oid: 40 }
/** Entries between two breaths of the house. */
const atOnce = 2000

/** Makes an index fit a fresh copy of the tree it was made for. */
export async function learnCopies(gitDir: string, index: string, tree: string): Promise<void> {
  const hash = line(await git(['rev-parse', '--show-object-format'], { gitDir })) as 'sha1' | 'sha256'
  const learnt = await restat(index, tree, hash)
  if (learnt) await writeFile(index, learnt)
  else await git(['update-index', '-q', '--refresh'], { gitDir, workTree: tree, index, codes: [1] })
}

/**
 * The index with every entry whose file has the recorded time and size made to fit the file as it lies in `tree`; other
 * entries stay as they were, for git to look at. Null for a version this does not know: then git has to refresh it.
 */
export async function restat(indexFile: string, tree: string, hash: 'sha1' | 'sha256'): Promise<Buffer | null> {
  const index = await readFile(indexFile)
  const version = index.readUInt32BE(4)
  if (index.toString('latin1', 0, 4) !== 'DIRC' || (version !== 2 && version !== 3)) return null
  const oidBytes = hash === 'sha1' ? 20 : 32
  const root = Buffer.from(`${tree}/`)
  let start = 12
  for (let left = index.readUInt32BE(8); left > 0; left--) {
    const flags = start + at.oid + oidBytes
    const name = flags + (index.readUInt8(flags) & 0x40 ? 4 : 2)
    const end = index.indexOf(0, name)
    const stat = look(Buffer.concat([root, index.subarray(name, end)]))
    if (stat && isSame(index, start, stat)) write(index, start, stat)
    // One to eight NULs fill an entry up to a multiple of eight.
    start += ((end - start + 8) >> 3) << 3
    if (left % atOnce === 0) await breath()
  }
  const digest = createHash(hash).update(index.subarray(0, -oidBytes)).digest()
  digest.copy(index, index.length - oidBytes)
  return index
}

function look(path: Buffer): BigIntStats | null {
  try {
    return lstatSync(path, { bigint: true, throwIfNoEntry: false }) ?? null
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOTDIR') return null
    throw error
  }
}

const second = 1_000_000_000n

function isSame(index: Buffer, start: number, stat: BigIntStats): boolean {
  const seconds = Number((stat.mtimeNs / second) & 0xffffffffn)
  return (
    index.readUInt32BE(start + at.mtime) === seconds &&
    index.readUInt32BE(start + at.mtime + 4) === Number(stat.mtimeNs % second) &&
    index.readUInt32BE(start + at.size) === low(stat.size)
  )
}

function write(index: Buffer, start: number, stat: BigIntStats): void {
  index.writeUInt32BE(low(stat.ctimeNs / second), start + at.ctime)
  index.writeUInt32BE(Number(stat.ctimeNs % second), start + at.ctime + 4)
  for (const field of ['dev', 'ino', 'uid', 'gid'] as const) index.writeUInt32BE(low(stat[field]), start + at[field])
}

const low = (value: bigint): number => Number(value & 0xffffffffn)
