// From a merged tree to the files that have to change on disk, and what stands in their way.
import { createHash } from 'node:crypto'
import type { Checkout } from '../workspace/checkout.ts'
import { checkoutForm } from '../workspace/checkout-form.ts'
import { records, toText } from '../workspace/git.ts'
import type { Planting } from '../workspace/plant.ts'
import { below, type OnDisk, readDisk, same } from './disk.ts'
import type { Conflict } from './merge.ts'
import { mergeFile } from './merge-file.ts'
import type { Quarantine } from './quarantine.ts'
import type { Step } from './record.ts'

const asDisk = (planting: Planting): OnDisk => {
  if (planting.kind === 'file')
    return { kind: 'file', content: planting.content as Buffer, mode: planting.mode, stamp: '' }
  if (planting.kind === 'link') return { kind: 'link', target: planting.target as Buffer, stamp: '' }
  return { kind: 'gone' }
}

interface TreeSide {
  mode: string
  sha: string
}

/** Steps from `ours` (what is on disk) to `merged`; conflicts when the disk is not what `ours` says. */
export async function stepsTo(
  checkout: Checkout,
  quarantine: Quarantine,
  ours: string,
  merged: string,
): Promise<{ steps: Step[]; conflicts: Conflict[] }> {
  const raw = await quarantine.git(['diff-tree', '-r', '-z', '--no-renames', '--raw', '--no-abbrev', ours, merged])
  const fields = records(raw.out, 'latin1')
  const changes = new Map<string, { old: TreeSide; new: TreeSide }>()
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [oldMode = '', newMode = '', oldSha = '', newSha = ''] = (fields[at] as string).slice(1).split(' ')
    changes.set(fields[at + 1] as string, { old: { mode: oldMode, sha: oldSha }, new: { mode: newMode, sha: newSha } })
  }
  const paths = [...changes.keys()]
  const git = quarantine.git
  const as = checkout.owner.as
  const wanted = await checkoutForm({ git, tree: merged, paths, as })
  const steps: Step[] = []
  const conflicts: Conflict[] = []
  const converted: Step[] = []
  for (const plantingOf of wanted) {
    const { path } = plantingOf
    const change = changes.get(path) as { old: TreeSide; new: TreeSide }
    const before = readDisk(checkout.path, path)
    const why =
      change.new.mode === '160000' || change.old.mode === '160000'
        ? submodule
        : blocked(checkout, changes, path, before, change.old)
    if (why) {
      conflicts.push({ path: toText(path), sentence: why })
      continue
    }
    const step: Step = {
      path,
      before: before.kind === 'other' ? { kind: 'gone' } : before,
      after: keepMode(before, change, asDisk(plantingOf)),
    }
    steps.push(step)
    if (before.kind === 'file' && step.after.kind === 'file' && !isBlob(before.content, change.old.sha))
      converted.push(step)
  }
  conflicts.push(...(await keepBytes(checkout, quarantine, ours, converted)))
  return { steps, conflicts }
}

const submodule = 'This is a submodule; move it to another commit yourself.'

/** Permissions stay the user's own; only the executable bit follows the candidate. */
function keepMode(before: OnDisk, change: { old: TreeSide; new: TreeSide }, after: OnDisk): OnDisk {
  if (before.kind !== 'file' || after.kind !== 'file') return after
  if (change.old.mode === change.new.mode) return { ...after, mode: before.mode }
  const readable = (before.mode & 0o444) >> 2
  return { ...after, mode: change.new.mode === '100755' ? before.mode | readable : before.mode & ~0o111 }
}

/** Why a path may not be written, or null. */
function blocked(
  checkout: Checkout,
  changes: Map<string, { old: TreeSide; new: TreeSide }>,
  path: string,
  before: OnDisk,
  old: TreeSide,
): string | null {
  const known = old.mode !== '000000'
  const leaves = (other: string): boolean => changes.get(other)?.new.mode === '000000'
  if (before.kind === 'other' && before.what === 'folder') {
    return below(checkout.path, path).every(leaves)
      ? null
      : 'A folder with files of yours stands where the candidate has a file.'
  }
  if (before.kind === 'other' && before.what === 'blocked') {
    const names = path.split('/')
    const parents = names.slice(1).map((_, depth) => names.slice(0, depth + 1).join('/'))
    return parents.some(leaves) ? null : 'A file of yours stands where the candidate has a folder.'
  }
  if (before.kind === 'other') return 'Something that is neither file nor link stands here.'
  if (!known && before.kind !== 'gone') return 'An untracked file of yours stands here.'
  if (known && before.kind === 'gone') return 'This file vanished while the candidate was being merged.'
  return null
}

function isBlob(content: Buffer, sha: string): boolean {
  const hash = createHash(sha.length === 64 ? 'sha256' : 'sha1')
  return hash.update(`blob ${content.length}\0`).update(content).digest('hex') === sha
}

/**
 * Files whose bytes differ from what git stores (line endings, filters): when git would not write the user's own file
 * back as it is, the change is merged into the user's bytes instead, so that no line end of theirs is rewritten.
 */
async function keepBytes(checkout: Checkout, quarantine: Quarantine, ours: string, steps: Step[]): Promise<Conflict[]> {
  const conflicts: Conflict[] = []
  const paths = steps.map(({ path }) => path)
  const forms = await checkoutForm({ git: quarantine.git, tree: ours, paths, as: checkout.owner.as })
  for (const [position, step] of steps.entries()) {
    const form = asDisk(forms[position] as Planting)
    if (form.kind !== 'file' || step.before.kind !== 'file' || step.after.kind !== 'file') continue
    if (same({ ...form, mode: step.before.mode }, step.before)) continue
    const content = await mergeFile(step.before.content, form.content, step.after.content)
    if (content) step.after = { ...step.after, content }
    else
      conflicts.push({
        path: toText(step.path),
        sentence: 'This file mixes line endings where the candidate changes it.',
      })
  }
  return conflicts
}
