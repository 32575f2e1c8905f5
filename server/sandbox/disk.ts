// Watches what a trial has written: its home, and the tree beyond what it started with. A watch is no wall: what is
// written between two looks is written; single files are walled by rlimit, and /tmp by its own size.
import { existsSync, readFileSync } from 'node:fs'
import { lstat, readdir } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import type { SandboxPolicy } from './sandbox.ts'

export interface DiskUse {
  bytes: number
  files: number
}

export interface DiskWatch {
  stop(): void
}

const shortestMs = 2000
/** A look may take at most this part of the time. */
const share = 1 / 20
/** Files allowed per MiB of disk: generous for real work, a bound for a flood of empty files. */
export const filesPerMb = 64

/** Calls `exceeded` once, with a sentence, when the trial has written more than its limit. `busy` says when to look. */
export function watchDisk(policy: SandboxPolicy, busy: () => boolean, exceeded: (sentence: string) => void): DiskWatch {
  const since = Date.now()
  const { diskMb } = policy.limits
  const written = writtenPlaces(policy)
  let timer: NodeJS.Timeout | undefined
  let stopped = false
  const look = async () => {
    const started = performance.now()
    if (busy()) {
      const uses = await Promise.all(written.map(({ dir, whole }) => diskUse(dir, whole ? 0 : since)))
      const bytes = uses.reduce((sum, use) => sum + use.bytes, 0)
      const files = uses.reduce((sum, use) => sum + use.files, 0)
      if (bytes > diskMb * 1024 ** 2) return exceeded(`The trial wrote more than its ${diskMb} MiB of disk.`)
      if (files > diskMb * filesPerMb) return exceeded(`The trial made more than its ${diskMb * filesPerMb} files.`)
    }
    if (!stopped) schedule(Math.max(shortestMs, (performance.now() - started) / share))
  }
  const schedule = (waitMs: number) => {
    timer = setTimeout(() => void look(), waitMs)
    timer.unref()
  }
  schedule(shortestMs)
  return {
    stop() {
      stopped = true
      clearTimeout(timer)
    },
  }
}

/** Where the trial's writes land: whole folders of its own, or a folder in which only what changed since counts. */
function writtenPlaces({ tree, home }: SandboxPolicy): { dir: string; whole: boolean }[] {
  const upper = tree.kind === 'overlay' ? tree.upper : upperOf(tree.dir)
  const inTree = upper ? { dir: upper, whole: true } : { dir: tree.kind === 'directory' ? tree.dir : '', whole: false }
  return [{ dir: home, whole: true }, inTree]
}

/** The upper folder when `dir` is an overlay's mount point. */
export function upperOf(dir: string, mountinfo: string = readFileSync('/proc/self/mountinfo', 'utf8')): string | null {
  for (const line of mountinfo.split('\n').reverse()) {
    const [left = '', right = ''] = line.split(' - ')
    if (decodeOctal(left.split(' ')[4] ?? '') !== dir) continue
    const [type, , options = ''] = right.split(' ')
    const upper = type === 'overlay' ? /(?:^|,)upperdir=((?:[^,\\]|\\.)*)/.exec(options)?.[1] : undefined
    if (!upper) return null
    // A relative one was named from where it was mounted: beside the mount point, if anywhere.
    const path = resolve(dirname(dir), decodeOctal(upper))
    return existsSync(path) ? path : null
  }
  return null
}

/** mountinfo writes space, tab, newline and backslash as three octal digits. */
function decodeOctal(text: string): string {
  return text.replace(/\\([0-7]{3})/g, (_all, digits: string) => String.fromCharCode(Number.parseInt(digits, 8)))
}

/** Bytes and files below a folder, links not followed; with `since`, only files changed after that time (ms). */
export async function diskUse(dir: string, since = 0): Promise<DiskUse> {
  const total: DiskUse = { bytes: 0, files: 0 }
  const folders: Buffer[] = [Buffer.from(dir)]
  for (let folder = folders.pop(); folder; folder = folders.pop()) {
    const parent = folder
    // Names as bytes: a name that is no UTF-8 must not hide what is below it.
    const names = await readdir(parent, { encoding: 'buffer' }).catch((error: NodeJS.ErrnoException) => {
      // Too deep for a path is deeper than any project: counted as full rather than not at all.
      if (error.code === 'ENAMETOOLONG') total.bytes = Number.POSITIVE_INFINITY
      return []
    })
    await Promise.all(
      names.map(async (name) => {
        const path = Buffer.concat([parent, slash, name])
        const stat = await lstat(path).catch(() => null)
        if (stat?.isDirectory()) folders.push(path)
        if (!stat || stat.ctimeMs < since) return
        total.bytes += stat.blocks * 512
        total.files += 1
      }),
    )
  }
  return total
}

const slash = Buffer.from('/')
