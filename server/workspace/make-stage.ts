// A project, a data folder and a room of workspaces for tests, on every rung this machine can bring.
import { execFileSync } from 'node:child_process'
import { rmSync } from 'node:fs'
import { type BaseSpec, ProjectSettings } from '@seatrial/protocol'
import { afterAll, beforeAll, beforeEach } from 'vitest'
import { type Image, type ImageKind, makeImage, whyNoImage } from './make-image.ts'
import { type FileSpec, makeRepo, type TestRepo, tempDir } from './make-repo.ts'
import { openWorkspaces } from './open.ts'
import { copy } from './rungs/copy.ts'
import { fuseOverlay } from './rungs/fuse-overlay.ts'
import { overlay } from './rungs/overlay.ts'
import type { BaseLayer, ProjectRef, RunSetup, Workspace, Workspaces } from './workspace.ts'

/** What a test made, undone after it. */
export const cleanups: (() => unknown)[] = []
export async function cleanUp(): Promise<void> {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup()
}

export interface Stage {
  repo: TestRepo
  room: Workspaces
  project: ProjectRef
  dataDir: string
  layer(spec?: BaseSpec, setup?: RunSetup): Promise<BaseLayer>
  open(trialId?: string, spec?: BaseSpec): Promise<Workspace>
}

export const noSetup: RunSetup = async () => {}
export const dirOf = (tree: Workspace['tree']): string => (tree.kind === 'directory' ? tree.dir : '')
export const head: BaseSpec = { kind: 'commit', ref: 'HEAD' }
export const said: string[] = []

export async function stage(
  files: Record<string, FileSpec>,
  settings: object = {},
  rung?: string,
  path?: string,
  ground?: string,
): Promise<Stage> {
  const repo = makeRepo(files, path)
  const dataDir = tempDir(ground)
  said.length = 0
  const room = await openWorkspaces({ dataDir, say: (sentence) => said.push(sentence), ...(rung ? { rung } : {}) })
  const project = { id: 'p-test', path: repo.path, settings: ProjectSettings.parse(settings) }
  cleanups.push(async () => {
    await room.close()
    for (const item of await room.garbage({ trials: new Set(), projects: new Set() })) await item.remove()
    rmSync(dataDir, { recursive: true, force: true })
    repo.remove()
  })
  const layer = async (spec = head, setup = noSetup) =>
    room.baseLayer(project, await room.resolveBase(project, spec), setup, (sentence) => said.push(sentence))
  return {
    repo,
    room,
    project,
    dataDir,
    layer,
    open: async (id = 'r-one', spec = head) => room.create(id, await layer(spec)),
  }
}

/** Has the image of a rung mounted while the tests of a block run, and skips them where it cannot be; answers where. */
export function onGround({ image, why }: (typeof rungs)[number]): () => string | undefined {
  let mounted: Image | null = null
  beforeAll(() => {
    if (image && !why) mounted = makeImage(image)
  })
  afterAll(() => mounted?.remove())
  beforeEach((context) => context.skip(why !== null, why ?? ''))
  return () => mounted?.dir
}

/** Rungs that work on the machine's own file system, and those that need another one, which is brought in an image. */
export const rungs: { rung: string; image: ImageKind | null; why: string | null }[] = []
for (const { name, probe } of [overlay, fuseOverlay, copy])
  rungs.push({ rung: name, image: null, why: await probe(tempDir()) })
for (const [rung, image] of [
  ['snapshot', 'btrfs'],
  ['reflink', 'xfs'],
] as const)
  rungs.push({ rung, image, why: whyNoImage(image) })
for (const { rung, why } of rungs) if (why) console.warn(`Rung ${rung} is not tried here: ${why}`)

/** Git as the trial would run it, on its own `.git`. */
export const inside = (workspace: Workspace, ...args: string[]): string =>
  execFileSync('git', ['-c', 'safe.directory=*', ...args], { cwd: workspace.dir, encoding: 'utf8' }).trim()

export const names = async (room: Workspaces, from: string, to: string) =>
  (await room.diff('p-test', from, to)).files.map(({ path, status }) => `${status} ${path}`)
