// A file system of its own in a file, for tests and benches of what the machine's own file system cannot do.
import { execFileSync } from 'node:child_process'
import { closeSync, ftruncateSync, mkdirSync, mkdtempSync, openSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findTool } from '../sandbox/tools.ts'

/** How each is made; the smallest size is what its own program asks for. */
const kinds = {
  btrfs: { program: 'mkfs.btrfs', args: ['-q', '-f'], smallestMb: 128 },
  xfs: { program: 'mkfs.xfs', args: ['-q', '-f', '-m', 'reflink=1'], smallestMb: 320 },
} as const
export type ImageKind = keyof typeof kinds

export interface Image {
  /** Where it is mounted. */
  dir: string
  remove(): void
}

/** Null when an image of this kind can be made here, otherwise why not, in one sentence. */
export function whyNoImage(kind: ImageKind): string | null {
  const { program } = kinds[kind]
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'Mounting an image needs root on Linux.'
  if (!findTool(program)) return `The program ${program} is not installed.`
  if (!new RegExp(`\\t${kind}$`, 'm').test(readFileSync('/proc/filesystems', 'utf8')))
    return `The kernel does not know ${kind}.`
  try {
    makeImage(kind).remove()
    return null
  } catch (error) {
    return `An image of ${kind} cannot be mounted here: ${String((error as Error).message).split('\n')[1] ?? error}`
  }
}

/** Makes and mounts one; the file is sparse, so that it takes what is written. */
export function makeImage(kind: ImageKind, megabytes: number = kinds[kind].smallestMb, parent = tmpdir()): Image {
  const { program, args } = kinds[kind]
  const place = mkdtempSync(join(parent, `seatrial-${kind}-`))
  const [file, dir] = [join(place, 'image'), join(place, 'mounted')]
  const handle = openSync(file, 'w')
  ftruncateSync(handle, megabytes * 2 ** 20)
  closeSync(handle)
  mkdirSync(dir)
  try {
    execFileSync(findTool(program) ?? program, [...args, file], { stdio: 'pipe' })
    execFileSync('mount', ['-o', 'loop', file, dir], { stdio: 'pipe' })
  } catch (error) {
    rmSync(place, { recursive: true })
    throw error
  }
  return {
    dir,
    remove: () => {
      execFileSync('umount', ['-R', dir], { stdio: 'pipe' })
      rmSync(place, { recursive: true })
    },
  }
}
