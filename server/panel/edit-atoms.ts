// A diff as a set of edit atoms, alike where two candidates made the same edit at whatever line.
import { createHash } from 'node:crypto'
import type { Diff, FileDiff } from '@seatrial/protocol'

/** White space and a trailing comma or semicolon do not make an edit another one. */
const normal = (line: string): string =>
  line
    .slice(1)
    .replace(/\s+/g, '')
    .replace(/["'`]/g, '"')
    .replace(/[,;]+$/, '')

/** One atom per run of changed lines: path, what went, what came. */
export function editAtoms(diff: Diff, keep: (file: FileDiff) => boolean = () => true): Set<string> {
  const atoms = new Set<string>()
  for (const file of diff.files.filter(keep)) {
    const path = file.oldPath ?? file.path
    if (file.status === 'deleted' || file.status === 'renamed' || file.binary)
      atoms.add(hash([file.status, path, file.path]))
    if (file.status === 'deleted') continue
    for (const hunk of file.hunks) {
      let run: string[] = []
      for (const line of [...hunk.lines, ' ']) {
        if (/^[+-]/.test(line)) {
          if (normal(line) !== '') run.push(line[0] + normal(line))
        } else if (!line.startsWith('\\')) {
          const removed = run.filter((one) => one.startsWith('-'))
          const added = run.filter((one) => one.startsWith('+'))
          if (run.length > 0 && !sameText(removed, added)) atoms.add(hash([path, ...removed, ...added]))
          run = []
        }
      }
    }
  }
  return atoms
}

/** A change of white space alone. */
const sameText = (removed: string[], added: string[]): boolean =>
  removed.map((one) => one.slice(1)).join('') === added.map((one) => one.slice(1)).join('')

const hash = (parts: string[]): string => createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 16)

/** How much each candidate's edits are repeated by others: 0 alone, 1 every other candidate made every edit of it. */
export function agreement(all: readonly ReadonlySet<string>[]): number[] {
  const seen = new Map<string, number>()
  for (const atoms of all) for (const atom of atoms) seen.set(atom, (seen.get(atom) ?? 0) + 1)
  return all.map((atoms) => {
    if (atoms.size === 0 || all.length < 2) return 0
    const shared = [...atoms].reduce((sum, atom) => sum + (seen.get(atom) ?? 1) - 1, 0)
    // The root keeps a one-edit candidate from beating a complete one by being contained in it.
    const completeness = Math.sqrt(atoms.size / Math.max(...all.map((one) => one.size)))
    return (shared / atoms.size / (all.length - 1)) * completeness
  })
}
