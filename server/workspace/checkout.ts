// Looking at the user's checkout without touching it: where its git dir is, what a ref means, and why it cannot be a base.
import { readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '@seatrial/protocol'
import { type GitAnswer, type GitCall, line, userGit } from './git.ts'
import { type Owner, ownerOf } from './owner.ts'

export interface Head {
  commit: string
  tree: string
  /** Null when detached. */
  branch: string | null
}

export interface Checkout {
  path: string
  owner: Owner
  gitDir: string
  /** Shared git dir of linked worktrees; the same as `gitDir` otherwise. */
  commonDir: string
  objects: string
  objectFormat: string
  /** What is checked out; null where there is no commit yet. */
  head: Head | null
  /** Runs git in the checkout as its owner. */
  git(args: string[], call?: GitCall): Promise<GitAnswer>
}

/** Opens a checkout for reading; refuses what is not the root of a working tree. */
export async function openCheckout(path: string): Promise<Checkout> {
  const found = await stat(path).catch(() => null)
  if (!found?.isDirectory()) throw new Refusal('unprocessable', `There is no folder ${path}.`)
  const owner = await ownerOf(path)
  const env = { HOME: owner.home }
  const call = (args: string[], more: GitCall = {}) =>
    userGit(args, { cwd: path, as: owner.as, ...more, env: { ...env, ...more.env } })

  // All in one start of git, because each costs milliseconds; what comes before a question that fails is printed.
  const asked = await call(['rev-parse', ...questions], { codes: [128] })
  const [bare, inside, top, gitDir = '', commonDir = '', objects = '', objectFormat = '', ...head] =
    line(asked).split('\n')
  if (bare === 'true') throw new Refusal('unprocessable', `${path} is a bare repository; name a checkout with files.`)
  if (inside === 'false')
    throw new Refusal('unprocessable', `${path} is inside a .git folder; name the checkout itself.`)
  if (!objectFormat || !top) {
    throw new Refusal('unprocessable', `${path} is not a git repository; run \`git init\` and commit there first.`)
  }
  if ((await realpath(top)) !== (await realpath(path))) {
    throw new Refusal('unprocessable', `${path} is inside the repository ${top}; name that folder instead.`)
  }
  return {
    ...{ path, owner, gitDir, commonDir, objects, objectFormat, git: call },
    head: asked.code === 0 ? headOf(head) : null,
  }
}

const questions = [
  ...['--is-bare-repository', '--is-inside-work-tree', '--show-toplevel', '--absolute-git-dir'],
  ...['--path-format=absolute', '--git-common-dir', '--git-path', 'objects', '--show-object-format'],
  ...['HEAD^{commit}', 'HEAD^{tree}', '--symbolic-full-name', 'HEAD'],
]

function headOf([commit = '', tree = '', ref = '']: string[]): Head {
  return { commit, tree, branch: /^refs\/heads\/(.+)/.exec(ref)?.[1] ?? null }
}

/** The commit a ref names; refuses unknown refs and repositories without any commit. */
export async function resolveCommit(checkout: Checkout, ref: string): Promise<string> {
  if (ref === 'HEAD' && checkout.head) return checkout.head.commit
  const args = ['rev-parse', '--verify', '-q', '--end-of-options', `${ref}^{commit}`]
  const found = await checkout.git(args, { codes: [1, 128] })
  if (found.code === 0) return line(found)
  const head = await checkout.git(['rev-parse', '--verify', '-q', 'HEAD'], { codes: [1, 128] })
  if (head.code !== 0) {
    throw new Refusal('unprocessable', `${checkout.path} has no commit yet; make a first commit, then try again.`)
  }
  throw new Refusal('unprocessable', `${checkout.path} has no commit, branch or tag called ${ref}.`)
}

const unfinished: [string, string][] = [
  ['MERGE_HEAD', 'a merge'],
  ['CHERRY_PICK_HEAD', 'a cherry-pick'],
  ['REVERT_HEAD', 'a revert'],
  ['rebase-merge', 'a rebase'],
  ['rebase-apply', 'a rebase'],
]

/** Refuses a checkout in the middle of a merge, rebase or with unmerged files. */
export async function refuseUnfinished(checkout: Checkout): Promise<void> {
  for (const [name, what] of unfinished) {
    if (await stat(join(checkout.gitDir, name)).catch(() => null)) {
      throw new Refusal('conflict', `${checkout.path} is in the middle of ${what}; finish or abort it first.`)
    }
  }
  const unmerged = await checkout.git(['ls-files', '-u', '-z'])
  if (unmerged.out.length > 0) {
    throw new Refusal('conflict', `${checkout.path} has files with unresolved conflicts; resolve them first.`)
  }
}

/** The user's private ignore rules (`.git/info/exclude` and the global file), which a store of our own would not know. */
export async function privateIgnores(checkout: Checkout): Promise<string> {
  const configured = await checkout.git(['config', '--type=path', 'core.excludesFile'], { codes: [1] })
  const global = configured.code === 0 ? line(configured) : join(checkout.owner.home, '.config/git/ignore')
  const texts = [global, join(checkout.commonDir, 'info/exclude')].map((file) => readFile(file, 'utf8').catch(() => ''))
  return (await Promise.all(texts)).filter(Boolean).join('\n')
}
