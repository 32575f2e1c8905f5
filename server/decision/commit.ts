// The candidate as a commit on the user's current branch: only its own lines, whatever else is dirty or staged.
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { Refusal } from '@seatrial/protocol'
import type { Checkout } from '../workspace/checkout.ts'
import { line, records, toText } from '../workspace/git.ts'
import type { ApplyInput } from './apply.ts'
import { identityOf } from './author.ts'
import { type Conflict, mergeTrees } from './merge.ts'
import { bring, type Quarantine } from './quarantine.ts'
import type { Plan } from './record.ts'

interface CommitInput {
  apply: ApplyInput
  checkout: Checkout
  quarantine: Quarantine
  /** The chosen change, on top of the base. */
  theirs: string
  message: string | undefined
}

/** Makes the commit without moving anything yet. */
export async function commitOnHead(
  input: CommitInput,
): Promise<{ commit: string; head: string } | { conflicts: Conflict[] } | null> {
  const { apply, checkout, quarantine } = input
  refuseLocked(checkout)
  const head = line(await checkout.git(['rev-parse', '--verify', 'HEAD']))
  const headTree = line(await checkout.git(['rev-parse', 'HEAD^{tree}']))
  const merged = await mergeTrees(quarantine, { base: apply.base.commit, ours: headTree, theirs: input.theirs })
  if (merged.conflicts.length > 0) return { conflicts: merged.conflicts }
  if (merged.tree === headTree) return null
  const names = ['diff-tree', '-r', '-z', '--no-renames', '--name-only', headTree, merged.tree]
  const paths = records((await quarantine.git(names)).out, 'latin1')
  const staged = new Set(
    records((await checkout.git(['diff-index', '--cached', '--name-only', '-z', 'HEAD'])).out, 'latin1'),
  )
  const clash = paths.filter((path) => staged.has(path))
  if (clash.length > 0) {
    const sentence = 'You have staged changes in this file; commit or unstage them first.'
    return { conflicts: clash.map((path) => ({ path: toText(path), sentence })) }
  }
  const args = ['commit-tree', merged.tree, '-p', head, '-m', input.message ?? apply.title]
  const env = await identityOf(checkout)
  await bring(apply.storeDir, input.theirs, apply.base, checkout.git)
  const commit = line(await quarantine.git(args, { env }))
  const pack = await quarantine.git(['pack-objects', '--revs', '--stdout', '-q'], { input: `${commit}\n^${head}\n` })
  await checkout.git(['unpack-objects', '-q'], { input: pack.out })
  return { commit, head }
}

/** Brings index entries and HEAD along; finds both done when it runs again. */
export async function finishCommit(checkout: Checkout, plan: Plan): Promise<void> {
  if (!plan.commit || !plan.headBefore) return
  await moveHead(checkout, plan.headBefore, plan.commit)
}

/** Moves HEAD between two commits; index entries that say what the old one says follow, staged ones stay. */
export async function moveHead(checkout: Checkout, from: string, to: string): Promise<void> {
  const head = line(await checkout.git(['rev-parse', '--verify', 'HEAD']))
  if (head === to) return
  if (head !== from) {
    throw new Refusal('conflict', `${checkout.path} has moved on to ${head.slice(0, 12)} since; nothing was moved.`)
  }
  refuseLocked(checkout)
  const raw = records(
    (await checkout.git(['diff-tree', '-r', '-z', '--no-renames', '--raw', '--no-abbrev', from, to])).out,
    'latin1',
  )
  const cached = records((await checkout.git(['diff-index', '--cached', '--name-only', '-z', from])).out, 'latin1')
  const staged = new Set(cached)
  const lines: string[] = []
  for (let at = 0; at + 1 < raw.length; at += 2) {
    const [, newMode = '', , newSha = ''] = (raw[at] as string).slice(1).split(' ')
    const path = raw[at + 1] as string
    if (!staged.has(path)) lines.push(`${newMode === '000000' ? '0' : newMode} ${newSha}\t${path}\0`)
  }
  if (lines.length > 0) {
    const input = Buffer.from(lines.join(''), 'latin1')
    await checkout.git(['update-index', '-z', '--index-info'], { input })
  }
  await checkout.git(['update-ref', '-m', 'seatrial: accepted', 'HEAD', to, from])
  await checkout.git(['update-index', '-q', '--refresh'], { codes: [1] })
}

/** Refuses while another git command holds the index; only asked where the index is to be written. */
function refuseLocked(checkout: Checkout): void {
  if (!existsSync(join(checkout.gitDir, 'index.lock'))) return
  throw new Refusal(
    'conflict',
    `Another git command is at work in ${checkout.path} (index.lock); try again when it is done.`,
  )
}
