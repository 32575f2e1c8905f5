// Resolving what a task starts from: a commit, or the working tree as it stands, copied into the house's store.
import { chown, lstat, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Base, BaseSpec } from '@seatrial/protocol'
import { type Checkout, openCheckout, refuseUnfinished, resolveCommit } from './checkout.ts'
import { copyIndex } from './copy-index.ts'
import { type GitCall, git, give, line, records } from './git.ts'
import { fetchCommit, makeStore, type Store } from './store.ts'

/** Untracked files above this stay out of a working-tree base. */
const largestUntrackedBytes = 256 * 1024 * 1024

/** Resolves and copies a base; the checkout, its index, refs and stash are only read. */
export async function resolveBase(
  store: Store,
  path: string,
  spec: BaseSpec,
  say: (sentence: string) => void,
): Promise<Base> {
  const checkout = await openCheckout(path)
  const head = await resolveCommit(checkout, spec.kind === 'commit' ? spec.ref : 'HEAD')
  await makeStore(store, checkout.objectFormat)
  const commit = spec.kind === 'commit' ? head : await captureWorkingTree(store, checkout, head, say)
  if (commit === head) await fetchCommit(store, checkout.path, head)
  const tree = await treeOf(store, checkout, commit)
  return { spec, commit, tree, head, branch: checkout.head?.branch ?? null }
}

const treeOf = async (store: Store, { head }: Checkout, commit: string): Promise<string> =>
  commit === head?.commit ? head.tree : line(await git(['rev-parse', `${commit}^{tree}`], { gitDir: store.git }))

/** A commit of the working tree on top of HEAD, made in a throwaway git dir with a copy of the index. */
async function captureWorkingTree(
  store: Store,
  checkout: Checkout,
  head: string,
  say: (sentence: string) => void,
): Promise<string> {
  await refuseUnfinished(checkout)
  const temp = await mkdtemp(join(tmpdir(), 'seatrial-capture-'))
  try {
    const repo = join(temp, 'repo.git')
    await git(['init', '-q', '--bare', '--template=', `--object-format=${checkout.objectFormat}`, repo])
    await mkdir(join(repo, 'objects/info'), { recursive: true })
    await writeFile(join(repo, 'objects/info/alternates'), `${checkout.objects}\n`)
    const shallow = await readFile(join(checkout.commonDir, 'shallow'), 'utf8').catch(() => null)
    if (shallow) await writeFile(join(repo, 'shallow'), shallow)
    const index = join(temp, 'index')
    await copyIndex(join(checkout.gitDir, 'index'), index)
    const { as } = checkout.owner
    if (as) await give(temp, as)
    const call: GitCall = { index, env: { HOME: checkout.owner.home, GIT_OBJECT_DIRECTORY: join(repo, 'objects') } }

    await checkout.git(['add', '-u', '--', ':/'], call)
    const untracked = await untrackedFiles(checkout, call, say)
    if (untracked.length > 0) {
      await checkout.git(['update-index', '--add', '-z', '--stdin'], {
        ...call,
        input: Buffer.from(`${untracked.join('\0')}\0`, 'latin1'),
      })
    }
    const tree = line(await checkout.git(['write-tree'], call))
    if (tree === checkout.head?.tree) return head
    const commit = line(await checkout.git(['commit-tree', tree, '-p', head, '-m', 'Working tree'], withDate(call)))
    if (as) await chown(repo, process.getuid?.() ?? 0, process.getgid?.() ?? 0)
    await git(['update-ref', 'refs/heads/captured', commit], { gitDir: repo })
    await fetchCommit(store, repo, commit)
    return commit
  } finally {
    await rm(temp, { recursive: true, force: true })
  }
}

/** One author and date, so that the same state of the same files is the same commit and shares its base layer. */
const withDate = (call: GitCall): GitCall => {
  const who = { NAME: 'Seatrial', EMAIL: 'house@seatrial.invalid', DATE: '@0 +0000' }
  const env = Object.entries(who).flatMap(([key, value]) => [
    [`GIT_AUTHOR_${key}`, value],
    [`GIT_COMMITTER_${key}`, value],
  ])
  return { ...call, env: { ...call.env, ...Object.fromEntries(env) } }
}

async function untrackedFiles(checkout: Checkout, call: GitCall, say: (sentence: string) => void): Promise<string[]> {
  const kept: string[] = []
  const listed = await checkout.git(['ls-files', '-o', '-z', '--exclude-standard'], call)
  for (const path of records(listed.out, 'latin1')) {
    const shown = Buffer.from(path, 'latin1')
    if (path.endsWith('/')) {
      say(`Left out ${shown}: it is a git repository of its own.`)
      continue
    }
    const found = await lstat(Buffer.concat([Buffer.from(`${checkout.path}/`), shown])).catch(() => null)
    if (!found?.isFile() && !found?.isSymbolicLink()) continue
    if (found.size > largestUntrackedBytes) say(`Left out ${shown}: untracked and larger than 256 MB.`)
    else kept.push(path)
  }
  return kept
}
