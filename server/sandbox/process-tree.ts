// All descendants of a process, for machines without control groups and for level "off".
import { execFileSync } from 'node:child_process'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

interface Row {
  pid: number
  parent: number
  /** One letter: R, S, D, T, Z ... */
  state: string
}

/** A snapshot of all processes this user can see. */
export function processTable(): Row[] {
  if (!existsSync('/proc/self/stat')) return tableOfPs()
  const rows: Row[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const row = readRow(Number(name))
    if (row) rows.push(row)
  }
  return rows
}

/** The same by way of `ps`, for systems without /proc. */
export function tableOfPs(): Row[] {
  const lines = execFileSync('ps', ['-axo', 'pid=,ppid=,state='], { encoding: 'utf8' }).trim().split('\n')
  return lines.map((line) => {
    const [pid, parent, state = ''] = line.trim().split(/\s+/)
    return { pid: Number(pid), parent: Number(parent), state: state.slice(0, 1) }
  })
}

/** One process; null when it is gone. */
export function readRow(pid: number): Row | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8')
    // The name in parentheses may hold anything, a closing parenthesis included.
    const [state = '', parent = '0'] = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
    return { pid, parent: Number(parent), state }
  } catch {
    return null
  }
}

/** The processes and everything they started, as long as no link of the chain has died. */
export function withDescendants(roots: number[], table: Row[] = processTable()): Row[] {
  // A command that could not be started has no id; 0 would be the parent of everything.
  const wanted = new Set(roots.filter((pid) => pid > 1))
  for (let before = -1; before !== wanted.size; ) {
    before = wanted.size
    for (const row of table) if (wanted.has(row.parent)) wanted.add(row.pid)
  }
  return table.filter((row) => wanted.has(row.pid))
}

/** Is the process there and more than a zombie? */
export function isAlive(pid: number): boolean {
  if (!existsSync('/proc/self/stat')) return signal(pid, 0)
  const row = readRow(pid)
  return row !== null && row.state !== 'Z' && row.state !== 'X'
}

/** Sends a signal, to a group when the number is negative; false when nobody is there. */
export function signal(pid: number, name: NodeJS.Signals | 0): boolean {
  // 0 and -1 mean "my own group" and "everyone", never a process of a trial.
  if (Math.abs(pid) <= 1) return false
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
