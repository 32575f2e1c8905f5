// Finds the repository that a path belongs to, or says in one sentence why there is none to work on.
import { realpath, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Refusal } from '@seatrial/protocol'
import { execa } from 'execa'

export interface Repository {
  /** Absolute path of the top of the working tree, symlinks resolved. */
  root: string
  /** Absolute path of its git directory. */
  gitDir: string
  /** Commit of HEAD, or null on an unborn branch. */
  head: string | null
  /** Branch of HEAD, or null when detached. */
  branch: string | null
  shallow: boolean
}

/** Throws a refusal for a missing path, a place outside any repository, and a bare repository. */
export async function findRepository(path: string): Promise<Repository> {
  const place = resolve(path)
  const found = await stat(place).catch(() => null)
  if (!found) throw new Refusal('not_found', `There is nothing at ${place}.`)
  if (!found.isDirectory())
    throw new Refusal('unprocessable', `${place} is a file; name the folder of a git repository.`)

  const about = await git(place, 'rev-parse', '--is-bare-repository', '--is-inside-work-tree', '--absolute-git-dir')
  if (about.failed) {
    if (/dubious ownership/.test(about.stderr)) {
      const hint = `git config --global --add safe.directory ${place}`
      throw new Refusal('forbidden', `${place} belongs to another user; allow it with \`${hint}\`.`)
    }
    throw new Refusal('unprocessable', `${place} is not in a git repository; make it one with \`git init\`.`)
  }
  const [bare, inside, gitDir = ''] = about.stdout.split('\n')
  if (bare === 'true') {
    throw new Refusal('unprocessable', `${place} is a bare repository; Seatrial needs one with a working tree.`)
  }
  if (inside !== 'true') {
    throw new Refusal('unprocessable', `${place} is inside a git directory; name the working tree beside it.`)
  }
  const top = await git(place, 'rev-parse', '--show-toplevel', '--is-shallow-repository')
  const [root = place, shallow] = top.stdout.split('\n')
  const head = await git(place, 'rev-parse', '--verify', '--quiet', 'HEAD^{commit}')
  const branch = await git(place, 'symbolic-ref', '--quiet', '--short', 'HEAD')
  return {
    root: await realpath(root),
    gitDir,
    head: head.failed ? null : head.stdout,
    branch: branch.failed ? null : branch.stdout,
    shallow: shallow === 'true',
  }
}

const git = (cwd: string, ...args: string[]) =>
  execa('git', ['-c', 'core.fsmonitor=false', ...args], { cwd, reject: false, stdin: 'ignore' })
