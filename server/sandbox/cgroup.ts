// Limits, freezing and killing by control groups, v1, v2 or both, always below the house's own group.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'
import { signal } from './process-tree.ts'
import type { SandboxLimits } from './sandbox.ts'

export type Controller = 'memory' | 'pids' | 'cpu' | 'freezer'

/** Where groups can be made on this machine: a folder per controller, plus the v2 folder that can kill. */
export interface CgroupRoots {
  v1: Partial<Record<Controller, string>>
  /** Set when v2 is mounted and writable; `controllers` are those that can be limited there. */
  v2: { dir: string; controllers: Controller[] } | null
}

/** The group of one sandbox. */
export interface Cgroup {
  /** A process joins by writing to `cgroup.procs` of each. */
  dirs: string[]
  enforced: Controller[]
  freeze(): Promise<void>
  thaw(): void
  /** Kills every member and removes the folders; resolves when none is left. */
  remove(): Promise<void>
}

const period = 100_000

/** File and value of each limit, by cgroup version; files that are not there are left out. */
const limitFiles: Record<'v1' | 'v2', Partial<Record<Controller, (limits: SandboxLimits) => [string, string][]>>> = {
  v1: {
    memory: ({ memoryMb }) => [
      ['memory.limit_in_bytes', String(memoryMb * 1024 ** 2)],
      ['memory.memsw.limit_in_bytes', String(memoryMb * 1024 ** 2)],
    ],
    pids: ({ pids }) => [['pids.max', String(pids)]],
    cpu: ({ cpus }) => [
      ['cpu.cfs_period_us', String(period)],
      ['cpu.cfs_quota_us', String(Math.round(cpus * period))],
    ],
    freezer: () => [],
  },
  v2: {
    memory: ({ memoryMb }) => [
      ['memory.max', String(memoryMb * 1024 ** 2)],
      ['memory.swap.max', '0'],
    ],
    pids: ({ pids }) => [['pids.max', String(pids)]],
    cpu: ({ cpus }) => [['cpu.max', `${Math.round(cpus * period)} ${period}`]],
  },
}

/** Makes the group and sets its limits; `name` is unique on this machine. */
export function makeCgroup(roots: CgroupRoots, name: string, limits: SandboxLimits): Cgroup | null {
  const made = new Map<string, string>()
  const enforced: Controller[] = []
  const make = (version: 'v1' | 'v2', root: string, controllers: Controller[]) => {
    const dir = `${root}/${name}`
    mkdirSync(dir, { recursive: true })
    made.set(root, dir)
    for (const controller of controllers)
      if (setLimits(dir, limitFiles[version][controller]?.(limits) ?? [])) enforced.push(controller)
    return dir
  }
  const v1 = Object.entries(roots.v1).map(([controller, root]) => make('v1', root, [controller as Controller]))
  const v2 = roots.v2 ? make('v2', roots.v2.dir, roots.v2.controllers) : null
  const dirs = [...(v2 ? [v2] : []), ...v1]
  if (dirs.length === 0) return null
  const freezer = roots.v1.freezer ? `${roots.v1.freezer}/${name}` : null
  if (v2 && existsSync(`${v2}/cgroup.freeze`) && !enforced.includes('freezer')) enforced.push('freezer')
  return {
    dirs,
    enforced,
    freeze: () => freeze(v2, freezer),
    thaw: () => thaw(v2, freezer),
    remove: () => removeGroup(dirs, v2, freezer),
  }
}

/** False when the kernel takes none of them: a group above may allow less than what is asked for, and then holds alone. */
function setLimits(dir: string, files: [string, string][]): boolean {
  const taken = files.filter(([file, value]) => {
    if (!existsSync(`${dir}/${file}`)) return false
    try {
      writeFileSync(`${dir}/${file}`, value)
      return true
    } catch {
      return false
    }
  })
  return files.length === 0 || taken.length > 0
}

async function freeze(v2: string | null, freezer: string | null): Promise<void> {
  if (v2) {
    writeFileSync(`${v2}/cgroup.freeze`, '1')
    await until(() => /^frozen 1$/m.test(readFileSync(`${v2}/cgroup.events`, 'utf8')))
  } else if (freezer) {
    await until(() => {
      // Written again each time: a process caught in the middle of a fork leaves the group half frozen.
      writeFileSync(`${freezer}/freezer.state`, 'FROZEN')
      return readFileSync(`${freezer}/freezer.state`, 'utf8').trim() === 'FROZEN'
    })
  }
}

function thaw(v2: string | null, freezer: string | null): void {
  if (v2) writeFileSync(`${v2}/cgroup.freeze`, '0')
  else if (freezer) writeFileSync(`${freezer}/freezer.state`, 'THAWED')
}

/** Process ids in a group; none when the group is gone. */
export function members(dir: string): number[] {
  try {
    return readFileSync(`${dir}/cgroup.procs`, 'utf8').split('\n').filter(Boolean).map(Number)
  } catch {
    return []
  }
}

async function removeGroup(dirs: string[], v2: string | null, freezer: string | null): Promise<void> {
  const alive = () => dirs.flatMap(members)
  if (v2 && existsSync(`${v2}/cgroup.kill`)) writeFileSync(`${v2}/cgroup.kill`, '1')
  await until(() => {
    const left = alive()
    for (const pid of left) signal(pid, 'SIGKILL')
    if (freezer && existsSync(freezer)) thaw(null, freezer)
    return left.length === 0
  })
  await until(() => dirs.every(removeFolder))
}

function removeFolder(dir: string): boolean {
  try {
    for (const child of existsSync(dir) ? readdirSync(dir, { withFileTypes: true }) : [])
      if (child.isDirectory()) removeFolder(`${dir}/${child.name}`)
    if (existsSync(dir)) rmdirSync(dir)
    return true
  } catch {
    // Busy: the kernel has not finished with the last member.
    return false
  }
}

/** The kernel tells nobody when a group changes state, so this looks again, ever less often, for at most 10 seconds. */
async function until(done: () => boolean): Promise<void> {
  const deadline = Date.now() + 10_000
  for (let waitMs = 1; !done(); waitMs = Math.min(waitMs * 2, 50)) {
    if (Date.now() > deadline) throw new Error('A control group did not change state within 10 seconds')
    await sleep(waitMs)
  }
}
