// Finds the repository that a path belongs to, or says in one sentence why there is none to work on.
import { realpath, stat } from 'node:fs/promises'
import { resolve } from 'node:path'
import { Refusal } from '@seatrial/protocol'
import { execa } from 'execa'

/** Absolute path of the top of the working tree, symlinks resolved. Throws a refusal where there is none. */
export async function findRepository(path: string): Promise<string> {
  const place = resolve(path)
  const found = await stat(place).catch(() => null)
  if (!found) throw new Refusal('not_found', `There is nothing at ${place}.`)
  if (!found.isDirectory())
    throw new Refusal('unprocessable', `${place} is a file; name the folder of a git repository.`)

  // What it could answer before it failed is printed all the same.
  const asked = ['rev-parse', '--is-bare-repository', '--is-inside-work-tree', '--show-toplevel']
  const about = await execa('git', ['-c', 'core.fsmonitor=false', ...asked], {
    cwd: place,
    reject: false,
    stdin: 'ignore',
  })
  const [bare, inside, root] = about.stdout.split('\n')
  if (bare === 'true') {
    throw new Refusal('unprocessable', `${place} is a bare repository; Seatrial needs one with a working tree.`)
  }
  if (inside === 'false') {
    throw new Refusal('unprocessable', `${place} is inside a git directory; name the working tree beside it.`)
  }
  if (/dubious ownership/.test(about.stderr)) {
    const hint = `git config --global --add safe.directory ${place}`
    throw new Refusal('forbidden', `${place} belongs to another user; allow it with \`${hint}\`.`)
  }
  if (about.failed || !root) {
    throw new Refusal('unprocessable', `${place} is not in a git repository; make it one with \`git init\`.`)
  }
  return realpath(root)
}
