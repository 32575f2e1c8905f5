// A layer from nothing: checkout, carried files, the whole set-up, a ready index.
import { join } from 'node:path'
import { writeAgentGit } from './agent-git.ts'
import { copyCarried } from './carry.ts'
import { type GitCall, git, give } from './git.ts'
import { type LayerInput, type Manifest, makeLayer, type Names, writeExcludes } from './layer-folder.ts'
import { pointerNotes } from './pointers.ts'
import { settle } from './settle.ts'

export const buildWhole = (input: LayerInput, names: Names): Promise<Manifest> =>
  makeLayer(input, names, async (dir) => {
    const { store, base, project, owner, say, rung } = input
    const tree = join(dir, 'tree')
    const excludes = join(dir, 'exclude')
    const call: GitCall = { gitDir: store.git, workTree: tree, index: join(dir, 'index') }
    await rung.makeTree(tree)
    say(`Checking out ${base.commit.slice(0, 12)}.`)
    await git(['read-tree', base.commit], call)
    await git(['checkout-index', '-a', '-f', '-q'], call)
    for (const note of await pointerNotes(call)) say(note)
    await copyCarried(project.path, tree, names.carried)
    await writeExcludes(excludes, project, names.carried, [])
    await writeAgentGit(store, base, tree, { excludes })
    if (owner) await give(tree, owner)
    let made: string[] = []
    if (project.settings.setup.length > 0) {
      await input.runSetup({ kind: 'directory', dir: tree }, project.settings.setup, say)
      made = (await settle(call, excludes, say)).made
      await writeExcludes(excludes, project, names.carried, made)
      if (owner) await give(tree, owner)
    }
    await git(['update-index', '-q', '--really-refresh'], { ...call, codes: [1] })
    await writeAgentGit(store, base, tree, { index: join(dir, 'index'), excludes })
    if (owner) await give(join(tree, '.git'), owner)
    return { below: [], made }
  })
