// A private object folder on top of the user's repository: everything is tried there, nothing is left behind.
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Base } from '@seatrial/protocol'
import type { Checkout } from '../workspace/checkout.ts'
import { copyIndex } from '../workspace/copy-index.ts'
import { type GitAnswer, type GitCall, git, give, line } from '../workspace/git.ts'

export interface Quarantine {
  dir: string
  /** A copy of the user's index; the user's own is never written. */
  index: string
  /** Git in the checkout, with the user's configuration, reading the user's objects and writing elsewhere. */
  git(args: string[], call?: GitCall): Promise<GitAnswer>
  close(): Promise<void>
}

export async function openQuarantine(checkout: Checkout): Promise<Quarantine> {
  const dir = await mkdtemp(join(tmpdir(), 'seatrial-apply-'))
  const index = join(dir, 'index')
  await mkdir(join(dir, 'objects/info'), { recursive: true })
  await copyIndex(join(checkout.gitDir, 'index'), index)
  const { as } = checkout.owner
  if (as) await give(dir, as)
  const env = {
    GIT_OBJECT_DIRECTORY: join(dir, 'objects'),
    GIT_ALTERNATE_OBJECT_DIRECTORIES: `"${checkout.objects.replace(/[\\"]/g, '\\$&')}"`,
  }
  return {
    dir,
    index,
    git: (args, call = {}) =>
      checkout.git(args, { gitDir: checkout.gitDir, workTree: checkout.path, ...call, env: { ...env, ...call.env } }),
    close: () => rm(dir, { recursive: true, force: true }),
  }
}

/** Copies a commit of the house's store, with what the user's repository lacks, into wherever `into` writes. */
export async function bring(
  storeDir: string,
  commit: string,
  base: Base,
  into: (args: string[], call?: GitCall) => Promise<GitAnswer>,
): Promise<void> {
  const known = await into(['cat-file', '-e', `${base.head}^{commit}`], { codes: [1, 128] })
  const revs = known.code === 0 ? `${commit}\n^${base.head}\n` : `${commit}\n`
  const pack = await git(['pack-objects', '--revs', '--stdout', '-q'], { gitDir: storeDir, input: revs })
  await into(['unpack-objects', '-q'], { input: pack.out })
}

const who = { NAME: 'Seatrial', EMAIL: 'house@seatrial.invalid', DATE: '@0 +0000' }
const someone = Object.fromEntries(
  Object.entries(who).flatMap(([key, value]) => [
    [`GIT_AUTHOR_${key}`, value],
    [`GIT_COMMITTER_${key}`, value],
  ]),
)

/** A commit that exists only to be merged. */
export const syntheticCommit = async (quarantine: Quarantine, tree: string, parent: string): Promise<string> =>
  line(await quarantine.git(['commit-tree', tree, '-p', parent, '-m', 'synthetic'], { env: someone }))
