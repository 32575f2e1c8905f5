// What the user has, as a tree: every tracked file as it is on disk, and whatever lies where the candidate wants to write.
import type { Checkout } from '../workspace/checkout.ts'
import { line, records } from '../workspace/git.ts'
import { readDisk } from './disk.ts'
import type { Quarantine } from './quarantine.ts'

const lenient = ['-c', 'core.safecrlf=false']

/** The tree of the checkout; `paths` are those the candidate touches, untracked and ignored ones included. */
export async function workingTree(checkout: Checkout, quarantine: Quarantine, paths: string[]): Promise<string> {
  const call = { index: quarantine.index }
  const list = (some: string[]) => ({ ...call, input: Buffer.from(some.map((path) => `${path}\0`).join(''), 'latin1') })
  const tracked = await quarantine.git(['ls-files', '-z', '-t'], call)
  const skipped = new Set(
    records(tracked.out, 'latin1')
      .filter((record) => record.startsWith('S '))
      .map((record) => record.slice(2)),
  )
  const present = paths.filter((path) => ['file', 'link'].includes(readDisk(checkout.path, path).kind))
  // Sparse entries would silently swallow what is on disk (or be swallowed by it).
  const unskip = present.filter((path) => skipped.has(path))
  if (unskip.length > 0) await quarantine.git(['update-index', '--no-skip-worktree', '-z', '--stdin'], list(unskip))
  await quarantine.git([...lenient, 'add', '-u', '--', ':/'], call)
  if (present.length > 0) await quarantine.git([...lenient, 'update-index', '--add', '-z', '--stdin'], list(present))
  return line(await quarantine.git(['write-tree'], call))
}
