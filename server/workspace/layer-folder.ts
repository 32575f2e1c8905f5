// The folder of a base layer: its names, its manifest, and how it appears all at once or not at all.
import { createHash, randomBytes } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Base } from '@seatrial/protocol'
import type { Carried } from './carry.ts'
import { openCheckout, privateIgnores } from './checkout.ts'
import { needingSpace } from './disk-space.ts'
import { git, type Identity, tool } from './git.ts'
import { clearHalfMade } from './half-made.ts'
import type { Rung } from './rung.ts'
import type { Store } from './store.ts'
import type { ProjectRef, RunSetup } from './workspace.ts'

export interface Manifest {
  version: 2
  key: string
  /** Shared by layers that differ in nothing but the commit. */
  kin: string
  /** Keys of the layers it stands on, topmost first; none for a whole one. */
  below: string[]
  /** Ignore rules for what set-up left behind. */
  made: string[]
  projectId: string
  rung: string
  base: Base
  setup: string[]
  toolchain: string
  carried: Carried[]
  builtAt: string
}

export interface LayerInput {
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

/** What names a layer, and the files carried into it. */
export interface Names {
  /** Folder of all layers of the project. */
  layers: string
  key: string
  kin: string
  carried: Carried[]
}

export async function nameLayer(input: LayerInput, carried: Carried[]): Promise<Names> {
  const { root, project, base, toolchain, rung, owner } = input
  const { setup, env } = project.settings
  const kin = digest([2, await lockfileHashes(input), setup, env, carried, toolchain, rung.name, owner])
  return { layers: join(root, 'layers', project.id), kin, key: digest([kin, base.commit, base.branch]), carried }
}

const digest = (parts: unknown[]): string =>
  createHash('sha256').update(JSON.stringify(parts)).digest('hex').slice(0, 24)

/** Blob hashes of the lockfiles in the base, in order. */
async function lockfileHashes({ store, base, project }: LayerInput): Promise<string[]> {
  const asked = project.settings.lockfiles.map((path) => `${base.commit}:${path}`)
  if (asked.length === 0) return []
  const input = `${asked.join('\n')}\n`
  const answer = await git(['cat-file', '--batch-check=%(objectname)'], { gitDir: store.git, input })
  return answer.out.toString('utf8').trim().split('\n')
}

/** The manifest of a layer that is there with all it stands on; null otherwise. */
export async function readManifest(layers: string, key: string): Promise<Manifest | null> {
  const file = join(layers, key, 'manifest.json')
  const found: Manifest | null = await readFile(file, 'utf8').then(JSON.parse, () => null)
  return found?.version === 2 && found.below.every((each) => existsSync(join(layers, each, 'manifest.json')))
    ? found
    : null
}

/** Builds a layer in a temporary folder and renames it in; a failure leaves nothing. */
export async function makeLayer(
  input: LayerInput,
  { layers, key, kin, carried }: Names,
  build: (dir: string) => Promise<Pick<Manifest, 'below' | 'made'>>,
): Promise<Manifest> {
  const { project, base, rung, toolchain } = input
  const dir = join(layers, key)
  const building = `${dir}.new-${randomBytes(4).toString('hex')}`
  await mkdir(building, { recursive: true })
  try {
    const built = await needingSpace(building, () => build(building))
    const manifest: Manifest = {
      ...{ version: 2, key, kin, ...built, projectId: project.id, rung: rung.name, base },
      ...{ setup: project.settings.setup, toolchain, carried, builtAt: new Date().toISOString() },
    }
    await writeFile(join(building, 'manifest.json'), JSON.stringify(manifest, null, 2))
    // A layer that is there must be whole, also after a power cut.
    await tool('sync', ['-f', building]).catch(() => {})
    // One of an older version, or one that lost what it stood on, makes way.
    if (!(await readManifest(layers, key))) await clearHalfMade(dir)
    await rename(building, dir).catch((error: NodeJS.ErrnoException) => {
      if (!existsSync(join(dir, 'manifest.json'))) throw error
    })
    return manifest
  } finally {
    await clearHalfMade(building)
  }
}

/** Writes the private ignore rules of a layer: the user's own, carried files, and what set-up made. */
export async function writeExcludes(
  file: string,
  project: ProjectRef,
  carried: Carried[],
  made: string[],
): Promise<void> {
  const own = await privateIgnores(await openCheckout(project.path)).catch(() => '')
  await writeFile(file, [own, ...carried.map(({ path }) => pattern(path)), ...made, ''].join('\n'))
}

/** A path as an ignore rule that matches nothing else. */
export const pattern = (path: string): string => `/${path.replace(/[\\*?[\]!# ]/g, '\\$&')}`
