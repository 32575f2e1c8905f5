// Base layers: tree, dependencies and a ready index, built once in a temporary folder and renamed in; immutable from then on.
import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Base } from '@seatrial/protocol'
import { writeAgentGit } from './agent-git.ts'
import { type Carried, copyCarried, findCarried } from './carry.ts'
import { openCheckout, privateIgnores } from './checkout.ts'
import { needingSpace } from './disk-space.ts'
import { type GitCall, git, give, type Identity, records, tool } from './git.ts'
import { pointerNotes } from './pointers.ts'
import { removeTree } from './remove.ts'
import type { Rung } from './rung.ts'
import type { Store } from './store.ts'
import type { BaseLayer, ProjectRef, RunSetup } from './workspace.ts'

export interface Manifest {
  version: 1
  key: string
  projectId: string
  rung: string
  base: Base
  setup: string[]
  lockfiles: string[]
  toolchain: string
  carried: Carried[]
  builtAt: string
}

interface LayerInput {
  root: string
  store: Store
  rung: Rung
  owner: Identity | null
  project: ProjectRef
  base: Base
  toolchain: string
  runSetup: RunSetup
  say: (sentence: string) => void
}

const layersOf = (root: string, projectId: string): string => join(root, 'layers', projectId)

/** Finds or builds the layer of a base. */
export async function findOrBuild(input: LayerInput): Promise<BaseLayer> {
  const { project, base } = input
  const carried = await findCarried(project.path, project.settings.carry)
  const lockfiles = await lockfileHashes(input)
  const key = keyOf(input, carried, lockfiles)
  const dir = join(layersOf(input.root, project.id), key)
  if (existsSync(join(dir, 'manifest.json'))) return { key, base, dir, builtMs: null }
  const started = performance.now()
  const building = `${dir}.new-${randomBytes(4).toString('hex')}`
  await mkdir(building, { recursive: true })
  try {
    await needingSpace(building, () => build(input, building, carried))
    const { rung, toolchain } = input
    const manifest: Manifest = {
      ...{ version: 1, key, projectId: project.id, rung: rung.name, base, setup: project.settings.setup, lockfiles },
      ...{ toolchain, carried, builtAt: new Date().toISOString() },
    }
    await writeFile(join(building, 'manifest.json'), JSON.stringify(manifest, null, 2))
    // A layer that is there must be whole, also after a power cut.
    await tool('sync', ['-f', building]).catch(() => {})
    await rename(building, dir).catch((error: NodeJS.ErrnoException) => {
      if (!existsSync(join(dir, 'manifest.json'))) throw error
    })
    return { key, base, dir, builtMs: Math.round(performance.now() - started) }
  } finally {
    if (existsSync(building)) await removeTree(building)
  }
}

function keyOf(input: LayerInput, carried: Carried[], lockfiles: string[]): string {
  const { settings } = input.project
  const parts = [1, input.base.commit, input.base.branch, lockfiles, settings.setup, settings.env, carried]
  const text = JSON.stringify([...parts, input.toolchain, input.rung.name, input.owner])
  return createHash('sha256').update(text).digest('hex').slice(0, 24)
}

/** Blob hashes of the lockfiles in the base, in order. */
async function lockfileHashes({ store, base, project }: LayerInput): Promise<string[]> {
  const asked = project.settings.lockfiles.map((path) => `${base.commit}:${path}`)
  if (asked.length === 0) return []
  const input = `${asked.join('\n')}\n`
  const answer = await git(['cat-file', '--batch-check=%(objectname)'], { gitDir: store.git, input })
  return answer.out.toString('utf8').trim().split('\n')
}

async function build(input: LayerInput, dir: string, carried: Carried[]): Promise<void> {
  const { store, base, project, owner, say } = input
  const tree = join(dir, 'tree')
  const excludes = join(dir, 'exclude')
  const call: GitCall = { gitDir: store.git, workTree: tree, index: join(dir, 'index') }
  await input.rung.makeTree(tree)
  say(`Checking out ${base.commit.slice(0, 12)}.`)
  await git(['read-tree', base.commit], call)
  await git(['checkout-index', '-a', '-f', '-q'], call)
  for (const note of await pointerNotes(call)) say(note)
  await copyCarried(project.path, tree, carried)
  const ignores = await privateIgnores(await openCheckout(project.path)).catch(() => '')
  await writeFile(excludes, [ignores, ...carried.map(({ path }) => pattern(path)), ''].join('\n'))
  await writeAgentGit(store, base, tree, { excludes })
  if (owner) await give(tree, owner)
  if (project.settings.setup.length > 0) {
    await input.runSetup(tree, project.settings.setup, say)
    await settle(call, excludes, say)
    if (owner) await give(tree, owner)
  }
  await git(['update-index', '-q', '--really-refresh'], { ...call, codes: [1] })
  await writeAgentGit(store, base, tree, { index: join(dir, 'index'), excludes })
  if (owner) await give(join(tree, '.git'), owner)
}

/** After set-up: tracked files as committed again, and what it left behind is no part of any candidate. */
async function settle(call: GitCall, excludes: string, say: (sentence: string) => void): Promise<void> {
  await git(['update-index', '-q', '--refresh'], { ...call, codes: [1] })
  const changed = records((await git(['diff-files', '--name-only', '-z'], call)).out, 'latin1')
  if (changed.length > 0) {
    say(`Set-up changed ${changed.length} tracked files; they are as committed again.`)
    const list = Buffer.from(`${changed.join('\0')}\0`, 'latin1')
    await git(['checkout-index', '-f', '-q', '-z', '--stdin'], { ...call, input: list })
  }
  const listing = [
    'ls-files',
    '-o',
    '-z',
    '--directory',
    `--exclude-from=${excludes}`,
    '--exclude-per-directory=.gitignore',
  ]
  const made = records((await git(listing, call)).out).filter((path) => path !== '.git/')
  const lines = made.filter((path) => !path.includes('\n')).map(pattern)
  await writeFile(excludes, (await readFile(excludes, 'utf8')) + lines.map((text) => `${text}\n`).join(''))
}

/** A path as an ignore rule that matches nothing else. */
const pattern = (path: string): string => `/${path.replace(/[\\*?[\]!# ]/g, '\\$&')}`
