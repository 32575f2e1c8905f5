// Finds where this house may make control groups, and clears what a dead house left there.
import {
  accessSync,
  constants,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmdirSync,
  writeFileSync,
} from 'node:fs'
import type { CgroupRoots, Controller } from './cgroup.ts'
import { members } from './cgroup.ts'
import { signal } from './process-tree.ts'

const wanted: Controller[] = ['memory', 'pids', 'cpu', 'freezer']
const limited: Controller[] = ['memory', 'pids', 'cpu']
const folder = 'seatrial'

/** A cgroup mount as `/proc/self/mountinfo` and `/proc/self/cgroup` tell it: the house's own group on it. */
export interface CgroupMount {
  version: 'v1' | 'v2'
  /** v1 controllers of the mount. */
  controllers: string[]
  /** The house's own group. */
  dir: string
  mountPoint: string
}

/** Pure: reads the two files of /proc. */
export function readCgroupMounts(mountinfo: string, selfCgroup: string): CgroupMount[] {
  const own = new Map(
    selfCgroup
      .split('\n')
      .filter(Boolean)
      .map((line) => {
        const [id, controllers, ...path] = line.split(':')
        return [id === '0' ? '' : (controllers ?? ''), path.join(':')] as const
      }),
  )
  return mountinfo.split('\n').flatMap((line): CgroupMount[] => {
    const [left, right] = line.split(' - ')
    const [root, mountPoint] = left?.split(' ').slice(3, 5) ?? []
    const [type, , options] = right?.split(' ') ?? []
    if (!root || !mountPoint || !(type === 'cgroup' || type === 'cgroup2')) return []
    const key = type === 'cgroup2' ? '' : [...own.keys()].find((names) => names && sameController(names, options ?? ''))
    const path = key === undefined ? undefined : own.get(key)
    if (path === undefined) return []
    const below = root !== '/' && path.startsWith(root) ? path.slice(root.length) : path
    const dir = `${mountPoint}${below === '/' ? '' : below}`
    return [{ version: type === 'cgroup2' ? 'v2' : 'v1', controllers: (key ?? '').split(','), dir, mountPoint }]
  })
}

function sameController(names: string, options: string): boolean {
  const mounted = options.split(',')
  return names.split(',').every((name) => mounted.includes(name))
}

let found: CgroupRoots | undefined

/** Where groups can be made; looked up once, since it moves the house into a leaf of its own on v2. */
export function cgroupRoots(): CgroupRoots {
  found ??= findRoots()
  return found
}

function findRoots(): CgroupRoots {
  const roots: CgroupRoots = { v1: {}, v2: null }
  if (!existsSync('/proc/self/cgroup')) return roots
  const mounts = readCgroupMounts(
    readFileSync('/proc/self/mountinfo', 'utf8'),
    readFileSync('/proc/self/cgroup', 'utf8'),
  )
  for (const mount of mounts) {
    const names = wanted.filter((name) => mount.controllers.includes(name))
    const dir = mount.version === 'v2' || names.length > 0 ? writableFolder(mount.dir) : null
    if (dir === null) continue
    if (mount.version === 'v2') roots.v2 = { dir, controllers: delegate(mount.dir, dir) }
    for (const name of names) roots.v1[name] = dir
  }
  // v2 freezes by itself; every group to join costs a little on the way in.
  if (roots.v2) delete roots.v1.freezer
  for (const dir of new Set([...Object.values(roots.v1), ...(roots.v2 ? [roots.v2.dir] : [])])) sweep(dir)
  return roots
}

function writableFolder(own: string): string | null {
  const dir = `${own}/${folder}`
  try {
    mkdirSync(dir, { recursive: true })
    accessSync(`${dir}/cgroup.procs`, constants.W_OK)
    accessSync(`${own}/cgroup.procs`, constants.W_OK)
    return dir
  } catch {
    return null
  }
}

/** Hands the v2 controllers down to `dir`; a group with members cannot, so the house first moves into a leaf. */
export function delegate(own: string, dir: string): Controller[] {
  const available = readFileSync(`${own}/cgroup.controllers`, 'utf8').trim().split(' ')
  const names = limited.filter((name) => available.includes(name))
  if (names.length === 0) return []
  const ask = names.map((name) => `+${name}`).join(' ')
  try {
    mkdirSync(`${own}/${folder}-house`, { recursive: true })
    for (const pid of members(own)) writeFileSync(`${own}/${folder}-house/cgroup.procs`, String(pid))
    writeFileSync(`${own}/cgroup.subtree_control`, ask)
    writeFileSync(`${dir}/cgroup.subtree_control`, ask)
    return names
  } catch {
    return []
  }
}

const sweepAgainMs = 100
const sweepForMs = 10_000

/**
 * Removes groups of houses that are dead: names start with the house's pid. A member that was just killed, or was on
 * its way in when its house died, keeps a group busy for a moment: those are tried again in the background.
 */
export function sweep(dir: string, until = performance.now() + sweepForMs): void {
  let busy = false
  for (const entry of readdirSync(dir, { withFileTypes: true })) {
    const pid = Number(entry.name.split('-')[0])
    if (!entry.isDirectory() || !pid || existsSync(`/proc/${pid}`)) continue
    try {
      if (existsSync(`${dir}/${entry.name}/cgroup.kill`)) writeFileSync(`${dir}/${entry.name}/cgroup.kill`, '1')
      for (const member of members(`${dir}/${entry.name}`)) signal(member, 'SIGKILL')
      rmdirSync(`${dir}/${entry.name}`)
    } catch {
      busy = true
    }
  }
  if (busy && performance.now() < until) setTimeout(() => sweep(dir, until), sweepAgainMs).unref()
}
