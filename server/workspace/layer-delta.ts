// A layer upon another: where only files that no set-up reads differ, dependencies stay and just those files are written.
import { lchownSync } from 'node:fs'
import { mkdir, readdir, rename } from 'node:fs/promises'
import { join } from 'node:path'
import { writeAgentGit } from './agent-git.ts'
import { copyCarried } from './carry.ts'
import { copyIndex } from './copy-index.ts'
import { type GitCall, git, give, type Identity, records, toBytes, tool } from './git.ts'
import { type LayerInput, type Manifest, makeLayer, type Names, readManifest, writeExcludes } from './layer-folder.ts'
import { looking } from './look.ts'
import { pointerNotes } from './pointers.ts'
import { removeTree } from './remove.ts'
import { learnCopies } from './restat.ts'
import type { Look, TrialPlace } from './rung.ts'
import { installRunsProject, isInstall, isManifest, manifestsDiffer, readBySetup } from './set-up.ts'
import { settle } from './settle.ts'
import { statAt } from './stat-at.ts'

/** Layers may stand on this many others: every one makes each look-up of a name a little longer. */
const deepest = 8
/** As many of the newest kin are compared with a new base. */
const compared = 8

interface Ground {
  manifest: Manifest
  /** Paths that differ from it, bytes as characters. */
  changed: string[]
}

/** Builds upon the nearest layer of the same lockfiles and set-up; null when there is none, or set-up fails on it. */
export async function buildUponNearest(input: LayerInput, names: Names): Promise<Manifest | null> {
  const ground = await nearest(input, names)
  if (!ground) return null
  const { say } = input
  say(`Only ${ground.changed.length} files differ from the base of ${ground.manifest.base.commit.slice(0, 12)}.`)
  try {
    return await makeLayer(input, names, (dir) => build(input, names, dir, ground))
  } catch (error) {
    say(`That base cannot be built upon (${String((error as Error).message).slice(0, 200)}); starting from nothing.`)
    return null
  }
}

async function nearest(input: LayerInput, names: Names): Promise<Ground | null> {
  const { store, base } = input
  const found = await Promise.all(
    (await readdir(names.layers).catch(() => [])).map((key) => readManifest(names.layers, key)),
  )
  const kin = found
    .filter((manifest) => manifest !== null)
    .filter((manifest) => manifest.kin === names.kin && manifest.below.length < deepest)
    .sort((a, b) => (a.builtAt < b.builtAt ? 1 : -1))
    .slice(0, compared)
  const grounds: Ground[] = []
  for (const manifest of kin) {
    const args = ['diff-tree', '-r', '-z', '--name-only', '--no-renames', manifest.base.tree, base.tree]
    const { code, out } = await git(args, { gitDir: store.git, codes: [128] })
    if (code === 0) grounds.push({ manifest, changed: records(out, 'latin1') })
  }
  grounds.sort((a, b) => a.changed.length - b.changed.length)
  for (const ground of grounds) if (await keepsSetup(input, ground)) return ground
  return null
}

/** Whether the set-up of the layer is also the set-up of the new base. */
async function keepsSetup({ store, base, project }: LayerInput, { manifest, changed }: Ground): Promise<boolean> {
  const { setup } = project.settings
  if (changed.some((path) => readBySetup(path, setup))) return false
  if (changed.length === 0 || setup.length === 0) return true
  const show = async (tree: string, path: string): Promise<string | null> => {
    const found = await git(['cat-file', 'blob', `${tree}:${path}`], { gitDir: store.git, codes: [128] })
    return found.code === 0 ? found.out.toString('utf8') : null
  }
  for (const path of changed.filter(isManifest)) {
    if (manifestsDiffer(await show(manifest.base.tree, path), await show(base.tree, path))) return false
  }
  if (!setup.some(isInstall)) return true
  for (const path of await manifestsOf(store.git, base.tree)) {
    if (installRunsProject(await show(base.tree, path))) return false
  }
  return true
}

/** Every `package.json` of a tree that names a script which installing may run. */
async function manifestsOf(gitDir: string, tree: string): Promise<string[]> {
  const words = ['-e', 'install"', '-e', 'prepare"', '-e', 'prepublish"']
  const asked = ['grep', '-l', '-z', '-F', ...words, tree, '--', ':(glob)**/package.json']
  const found = records((await git(asked, { gitDir, codes: [1] })).out)
  return found.map((name) => name.slice(tree.length + 1))
}

async function build(
  input: LayerInput,
  names: Names,
  dir: string,
  { manifest, changed }: Ground,
): Promise<Pick<Manifest, 'below' | 'made'>> {
  const { store, base, project, owner, say, rung } = input
  const from = [manifest.key, ...manifest.below]
  const place: TrialPlace = { dir, layers: from.map((key) => join(names.layers, key, 'tree')), owner }
  const [index, excludes] = [join(dir, 'index'), join(dir, 'exclude')]
  const callAt = (look: Look): GitCall => ({ gitDir: store.git, workTree: look.workTree, via: look.via, index })
  const own = (look: Look, paths: string[]): void => {
    if (owner) giveEach(look.dir, paths, owner)
  }
  /** Made beside the tree and copied in: git itself would not find a tree that only a look can see. */
  const plantGit = async (look: Look, parts: { index?: string; excludes: string }): Promise<void> => {
    const draft = join(dir, 'draft')
    await mkdir(draft)
    await writeAgentGit(store, base, draft, parts)
    if (owner) await give(draft, owner)
    await removeTree(join(look.dir, '.git'))
    await tool('cp', ['-a', '--', join(draft, '.git'), look.workTree], { via: look.via })
    await removeTree(draft)
  }
  let { made } = manifest

  await copyIndex(join(names.layers, manifest.key, 'index'), index)
  const tree = await rung.open(place)
  if (rung.inodes === 'new') await learnCopies(store.git, index, join(dir, 'tree'))
  await looking(rung, place, 'write', async (look) => {
    await git(['read-tree', '--reset', '-u', base.commit], callAt(look))
    for (const note of await pointerNotes(callAt(look))) say(note)
    const touched = new Set(changed)
    const again = names.carried.filter(({ path }) => touched.has(Buffer.from(path).toString('latin1')))
    await copyCarried(project.path, look.dir, again)
    await writeExcludes(excludes, project, names.carried, made)
    await plantGit(look, { excludes })
    own(look, changed)
  })
  const rest = changed.length === 0 ? [] : project.settings.setup.filter((command) => !isInstall(command))
  if (rest.length > 0) await input.runSetup(tree, rest, say)
  await looking(rung, place, 'write', async (look) => {
    // What was ignored may no longer be.
    if (rest.length > 0 || changed.some((path) => /(^|\/)\.gitignore$/.test(path))) {
      const settled = await settle(callAt(look), excludes, say)
      made = [...made, ...settled.made]
      await writeExcludes(excludes, project, names.carried, made)
      own(look, settled.restored)
    }
    await git(['update-index', '-q', '--really-refresh'], { ...callAt(look), codes: [1] })
    await plantGit(look, { index, excludes })
  })
  await rung.release(place)
  if (rung.changes === 'index') return { below: [], made }
  for (const name of ['tree', 'work', 'look']) await removeTree(join(dir, name))
  await rename(join(dir, 'upper'), join(dir, 'tree'))
  return { below: from, made }
}

/** Makes paths and the folders above them belong to someone; what already does is not touched, which would copy it. */
function giveEach(dir: string, paths: string[], to: Identity): void {
  const all = new Set<string>()
  for (const path of paths) {
    const names = path.split('/')
    for (let depth = 1; depth <= names.length; depth++) all.add(names.slice(0, depth).join('/'))
  }
  for (const path of all) {
    const stat = statAt(dir, path)
    if (!stat || (stat.uid === to.uid && stat.gid === to.gid)) continue
    lchownSync(Buffer.concat([Buffer.from(`${dir}/`), toBytes(path)]), to.uid, to.gid)
  }
}
