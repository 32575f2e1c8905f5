// All descendants of a process as /proc shows them, for machines without control groups.
import { readdirSync, readFileSync } from 'node:fs'

interface Row {
  pid: number
  parent: number
  /** One letter: R, S, D, T, Z ... */
  state: string
}

/** A snapshot of all processes this user can see. */
export function processTable(): Row[] {
  const rows: Row[] = []
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue
    const row = readRow(Number(name))
    if (row) rows.push(row)
  }
  return rows
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
  const wanted = new Set(roots)
  for (let before = -1; before !== wanted.size; ) {
    before = wanted.size
    for (const row of table) if (wanted.has(row.parent)) wanted.add(row.pid)
  }
  return table.filter((row) => wanted.has(row.pid))
}

/** Is the process there and more than a zombie? */
export function isAlive(pid: number): boolean {
  const row = readRow(pid)
  return row !== null && row.state !== 'Z' && row.state !== 'X'
}

/** Sends a signal; false when the process is gone. */
export function signal(pid: number, name: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, name)
  } catch {
    return false
  }
}
