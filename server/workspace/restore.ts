// Puts the tree of a snapshot back into a workspace: only what differs is written, ignored files stay.
import { randomBytes } from 'node:crypto'
import { checkoutForm } from './checkout-form.ts'
import { git, type Identity, records } from './git.ts'
import { plant } from './plant.ts'

interface RestoreInput {
  gitDir: string
  dir: string
  owner: Identity | null
  /** The tree as it stands. */
  from: string
  to: string
}

export async function restore(input: RestoreInput): Promise<void> {
  const names = [
    'diff-tree',
    '-r',
    '-z',
    '--no-renames',
    '--name-only',
    '--ignore-submodules=all',
    input.from,
    input.to,
  ]
  const paths = records((await git(names, { gitDir: input.gitDir })).out, 'latin1')
  const plantings = await checkoutForm({
    git: (args, call) => git(args, { gitDir: input.gitDir, ...call }),
    tree: input.to,
    paths,
    as: null,
  })
  plant({ root: input.dir, owner: input.owner, force: true, tag: randomBytes(4).toString('hex') }, plantings)
}
