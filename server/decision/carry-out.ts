// Writes a plan's steps into the checkout: each file whole or not at all, and only while it is still what was merged.
import { Refusal } from '@seatrial/protocol'
import type { Checkout } from '../workspace/checkout.ts'
import { toText } from '../workspace/git.ts'
import { type Planting, plant } from '../workspace/plant.ts'
import { type OnDisk, readDisk, same } from './disk.ts'
import { mergeFile } from './merge-file.ts'
import type { Step } from './record.ts'

/** What turns one state of a path into another. */
export function planting(path: string, to: OnDisk): Planting {
  if (to.kind === 'file') return { path, kind: 'file', content: to.content, mode: to.mode }
  if (to.kind === 'link') return { path, kind: 'link', target: to.target }
  return { path, kind: 'gone' }
}

const reasons: Record<string, string> = {
  EACCES: 'you may not write there',
  EPERM: 'it is protected',
  EROFS: 'it is on a read-only file system',
}

function unwritable(error: unknown, path: string): unknown {
  const why = reasons[(error as NodeJS.ErrnoException).code ?? '']
  return why ? new Refusal('conflict', `${toText(path)} cannot be written: ${why}.`) : error
}

/** Plants steps, deletions first; a file that was written to since it was read stops everything that is left. */
export function carryOut(checkout: Checkout, decisionId: string, steps: Step[]): void {
  const bed = { root: checkout.path, owner: checkout.owner.as, force: false, tag: decisionId }
  const ordered = [...steps].sort((a, b) => Number(b.after.kind === 'gone') - Number(a.after.kind === 'gone'))
  for (const { path, before, after } of ordered) {
    const now = readDisk(checkout.path, path)
    if (!same(now, before) && !(before.kind === 'gone' && now.kind === 'other')) {
      throw new Refusal('conflict', `${toText(path)} was changed while the candidate was being applied; try again.`)
    }
    try {
      plant(bed, [planting(path, after)])
    } catch (error) {
      throw unwritable(error, path)
    }
  }
}

/**
 * Steps from what is on disk now to what `to` wants, given what it was when `from` was true: untouched files go all the
 * way, files edited since are merged. The paths where that cannot be done are told instead.
 */
export async function rebase(
  checkout: Checkout,
  steps: { path: string; from: OnDisk; to: OnDisk }[],
): Promise<{ steps: Step[]; stuck: string[] }> {
  const found: Step[] = []
  const stuck: string[] = []
  for (const { path, from, to } of steps) {
    const now = readDisk(checkout.path, path)
    if (same(now, to)) continue
    if (same(now, from)) found.push({ path, before: now, after: to })
    else if (now.kind === 'file' && from.kind === 'file' && to.kind === 'file') {
      const content = await mergeFile(now.content, from.content, to.content)
      if (content) found.push({ path, before: now, after: { ...to, content, mode: now.mode } })
      else stuck.push(path)
    } else if (now.kind === 'other' && from.kind === 'gone') found.push({ path, before: from, after: to })
    else stuck.push(path)
  }
  return { steps: found, stuck }
}
