// The ladder of rungs, best first; probed once per data folder and remembered.
import { readFile } from 'node:fs/promises'
import { release } from 'node:os'
import { join } from 'node:path'
import { writeWhole } from '../whole-file.ts'
import type { Rung } from './rung.ts'
import { copy, reflink } from './rungs/copy.ts'
import { fuseOverlay } from './rungs/fuse-overlay.ts'
import { overlay } from './rungs/overlay.ts'
import { snapshotRung } from './rungs/snapshot.ts'
import { userOverlay } from './rungs/user-overlay.ts'

export const ladder: readonly Rung[] = [snapshotRung, overlay, userOverlay, fuseOverlay, reflink, copy]

export interface Probe {
  rung: string
  findings: { rung: string; usable: boolean; sentence: string }[]
}

/** Tries every rung from the top; the answer holds until kernel, user or release of the ladder change. */
export async function probeLadder(dir: string, only?: string): Promise<Probe> {
  const key = [release(), process.getuid?.() ?? 0, ...ladder.map((rung) => rung.name), only ?? ''].join(' ')
  const file = join(dir, 'probe.json')
  const known = await readFile(file, 'utf8').then(JSON.parse, () => null)
  if (known?.key === key) return known.probe as Probe
  const findings: Probe['findings'] = []
  for (const rung of ladder) {
    if (only && rung.name !== only) continue
    const why = await rung.probe(dir)
    findings.push({ rung: rung.name, usable: why === null, sentence: why ?? `Workspaces are made by ${rung.name}.` })
    if (why === null) break
  }
  const probe = { rung: findings.find((finding) => finding.usable)?.rung ?? 'copy', findings }
  await writeWhole(file, JSON.stringify({ key, probe }))
  return probe
}

export const rungNamed = (name: string): Rung => ladder.find((rung) => rung.name === name) ?? copy
