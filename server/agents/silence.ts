// Tells a hung agent from a busy one: no output, no tool running, and no CPU used by anything it started.
import { readdir, readFile } from 'node:fs/promises'
import { setTimeout as sleep } from 'node:timers/promises'

export interface Watched {
  /** Root of the agent's process tree. */
  pid: number
  silenceMs: number
  /** When output last arrived, in `performance.now()` time. */
  lastOutput(): number
  /** A tool runs, or the house itself is slow to take events. */
  excused(): boolean
  signal: AbortSignal
}

/** Share of one core below which a process counts as idle. */
const idleShare = 0.01

/** Resolves once the agent has been silent and idle for `silenceMs`; never when the signal aborts first. */
export async function untilHung(watched: Watched): Promise<'hung'> {
  let active = performance.now()
  let sample: { cpu: number | null; at: number } | null = null
  const pauseMs = Math.max(50, Math.min(5000, watched.silenceMs / 5))
  for (;;) {
    await sleep(pauseMs, undefined, { signal: watched.signal }).catch(() => new Promise<never>(() => undefined))
    const now = performance.now()
    active = Math.max(active, watched.lastOutput())
    if (watched.excused()) active = now
    if (now - active < watched.silenceMs / 2) {
      sample = null
      continue
    }
    const cpu = await cpuMs(watched.pid)
    const used = sample?.cpu == null || cpu === null ? 0 : cpu - sample.cpu
    if (sample && used > (now - sample.at) * idleShare) active = now
    sample = { cpu, at: now }
    if (now - active >= watched.silenceMs) return 'hung'
  }
}

/** CPU time of a process and all its living descendants, in ms; null where the system does not say (no /proc). */
export async function cpuMs(root: number): Promise<number | null> {
  const names = await readdir('/proc').catch(() => null)
  if (!names) return null
  const children = new Map<number, number[]>()
  const ticks = new Map<number, number>()
  for (const name of names) {
    if (!/^\d+$/.test(name)) continue
    const stat = await readFile(`/proc/${name}/stat`, 'latin1').catch(() => null)
    if (!stat) continue
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    const pid = Number(name)
    const parent = Number(fields[1])
    children.set(parent, [...(children.get(parent) ?? []), pid])
    ticks.set(pid, Number(fields[11]) + Number(fields[12]) + Number(fields[13]) + Number(fields[14]))
  }
  let sum = 0
  const queue = [root]
  for (let pid = queue.pop(); pid !== undefined; pid = queue.pop()) {
    sum += ticks.get(pid) ?? 0
    queue.push(...(children.get(pid) ?? []))
  }
  // Linux reports in hundredths of a second whatever the kernel's own tick is.
  return sum * 10
}
