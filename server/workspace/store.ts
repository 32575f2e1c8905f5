// A project's own git stores: `base.git` holds what the user committed and agents may read, `store.git` holds every trial's snapshots.
import { existsSync } from 'node:fs'
import { mkdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '@seatrial/protocol'
import { writeWhole } from '../whole-file.ts'
import { GitFailure, git } from './git.ts'

export interface Store {
  dir: string
  /** Readable inside sandboxes: bases and their history, nothing of any trial. */
  baseGit: string
  /** The house's own: borrows the objects of `baseGit` and adds snapshots. */
  git: string
}

export function storeOf(root: string, projectId: string): Store {
  const dir = join(root, 'stores', projectId)
  return { dir, baseGit: join(dir, 'base.git'), git: join(dir, 'store.git') }
}

/** Makes both stores unless they are there. */
export async function makeStore(store: Store, objectFormat: string): Promise<void> {
  if (existsSync(join(store.git, 'objects/info/alternates'))) return
  await mkdir(store.dir, { recursive: true })
  for (const gitDir of [store.baseGit, store.git]) {
    await git(['init', '-q', '--bare', '--template=', `--object-format=${objectFormat}`, gitDir])
    await mkdir(join(gitDir, 'info'), { recursive: true })
  }
  await mkdir(join(store.git, 'objects/info'), { recursive: true })
  await writeWhole(join(store.git, 'objects/info/alternates'), '../../base.git/objects\n')
}

export const baseRef = (commit: string): string => `refs/seatrial/bases/${commit}`

/** Copies a commit with its history from another repository; objects are copied, never borrowed. */
export async function fetchCommit(store: Store, from: string, commit: string): Promise<void> {
  // The house never packs these refs, so a loose one is the common case and costs no start of git.
  if (existsSync(join(store.baseGit, baseRef(commit)))) return
  const known = await git(['rev-parse', '--verify', '-q', baseRef(commit)], { gitDir: store.baseGit, codes: [1] })
  if (known.code === 0) return
  const args = ['fetch', '-q', '--no-tags', '--no-write-fetch-head', '--update-shallow', '--no-recurse-submodules']
  try {
    await git([...args, '--upload-pack=git -c safe.directory=* upload-pack', from, `${commit}:${baseRef(commit)}`], {
      gitDir: store.baseGit,
    })
  } catch (error) {
    if (!(error instanceof GitFailure)) throw error
    const why = error.err.trim().split('\n')[0] ?? ''
    throw new Refusal('unprocessable', `Could not copy commit ${commit.slice(0, 12)} out of ${from}: ${why}`)
  }
  const shallow = await readFile(join(store.baseGit, 'shallow'), 'utf8').catch(() => null)
  if (shallow) await writeWhole(join(store.git, 'shallow'), shallow)
}
