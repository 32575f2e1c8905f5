// Finds processes by a mark in their environment, which daemons keep when they leave their family.
import { randomUUID } from 'node:crypto'
import { existsSync, readdirSync, readFileSync } from 'node:fs'

/** A fresh mark: variables to start with, and the text to look for. */
export function processMark(variable = 'SEATRIAL_MARK'): { env: Record<string, string>; text: string } {
  const value = randomUUID()
  return { env: { [variable]: value }, text: `${variable}=${value}` }
}

/** Processes that carry the mark; none where there is no /proc to look in. */
export function markedProcesses(mark: string): number[] {
  if (!existsSync('/proc/self/environ')) return []
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => {
      try {
        return readFileSync(`/proc/${pid}/environ`, 'latin1').includes(mark)
      } catch {
        return false
      }
    })
}
