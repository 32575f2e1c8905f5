// Takes a GGUF file, or a folder with weights and projector, that is already on this machine; nothing is fetched.
import { createHash } from 'node:crypto'
import { constants, createReadStream } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readdir, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type ModelFile, Refusal } from '@seatrial/protocol'
import { judgeProjector, judgeWeights, mainType, partOf } from '../gguf/judge.ts'
import { headNumber, readGgufFile } from '../gguf/read.ts'
import type { GgufHead } from '../gguf/types.ts'
import { assertName, type Installed, type Shelf } from './shelf.ts'

export interface ImportInput {
  path: string
  name?: string | undefined
  licence?: string | undefined
  /** Context to serve it with at most, instead of what the file says it was trained for. */
  contextTokens?: number | undefined
}

/** Copies (by reference where the file system can) and puts on the shelf; refuses what no engine here can run. */
export async function importModel(shelf: Shelf, input: ImportInput): Promise<Installed> {
  const found = await ggufFilesIn(input.path)
  const weights = found.filter(({ part }) => part === 'weights')
  const projectors = found.filter(({ part }) => part === 'projector')
  if (weights.length !== 1) {
    throw new Refusal(
      'unprocessable',
      weights.length === 0
        ? `${input.path} holds no model weights in GGUF format.`
        : `${input.path} holds ${weights.length} models; name one file.`,
    )
  }
  const { head } = weights[0]!
  judgeWeights(head)
  const projector = projectors[0] ?? null
  if (projector) judgeProjector(projector.head, head)
  const name = input.name ?? plainName(weights[0]!.path)
  assertName(name)
  if (await shelf.find(name))
    throw new Refusal('conflict', `There is a model "${name}" already; remove it or give another name.`)

  await mkdir(shelf.folder, { recursive: true })
  const folder = await mkdtemp(join(shelf.folder, '.import-'))
  try {
    const files: ModelFile[] = []
    for (const part of [weights[0]!, ...(projector ? [projector] : [])]) {
      const file = part.part === 'weights' ? 'model.gguf' : 'mmproj.gguf'
      await copyFile(part.path, join(folder, file), constants.COPYFILE_FICLONE)
      const { size } = await stat(join(folder, file))
      files.push({
        name: file,
        part: part === projector ? 'projector' : 'weights',
        bytes: size,
        sha256: await sha256Of(join(folder, file)),
      })
    }
    const model = describe(name, head, files, input, projector !== null)
    await shelf.put(model, folder)
    return model
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

function describe(name: string, head: GgufHead, files: ModelFile[], input: ImportInput, sees: boolean): Installed {
  const title = head.values['general.name']
  const said = head.values['general.license']
  return {
    name,
    title: typeof title === 'string' ? title : name,
    licence: input.licence ?? (typeof said === 'string' ? said : 'unknown'),
    licenceUrl: null,
    source: 'import',
    revision: null,
    roles: sees ? ['chat', 'vision'] : ['chat'],
    contextTokens: input.contextTokens ?? headNumber(head, 'context_length') ?? 4096,
    files,
    template: null,
    note: `Imported; weights are mostly ${mainType(head)}.`,
    installedAt: new Date().toISOString(),
  }
}

async function ggufFilesIn(path: string) {
  const info = await stat(path).catch(() => null)
  if (!info) throw new Refusal('not_found', `There is nothing at ${path}.`)
  const paths = info.isDirectory()
    ? (await readdir(path)).filter((name) => name.endsWith('.gguf')).map((name) => join(path, name))
    : [path]
  return Promise.all(
    paths.map(async (each) => {
      const head = await readGgufFile(each)
      return { path: each, head, part: partOf(head) }
    }),
  )
}

export async function sha256Of(path: string): Promise<string> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(path, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return hash.digest('hex')
}

function plainName(path: string): string {
  const name = basename(path)
    .replace(/\.gguf$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
  return name.replace(/^[^a-z0-9]+/, '').slice(0, 80) || 'model'
}
