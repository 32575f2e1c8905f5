// Takes an adapter, GGUF or PEFT, for a model on the shelf: checked against the base's shapes, keyed to its hash.
import { copyFile, mkdir, mkdtemp, rm, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { type AdapterCard, Refusal } from '@seatrial/protocol'
import { judgeAdapter } from '../gguf/judge.ts'
import { readGgufFile } from '../gguf/read.ts'
import type { GgufHead } from '../gguf/types.ts'
import { assertName, type Shelf } from '../shelf/shelf.ts'
import { convertPeft } from './peft.ts'

export async function importAdapter(
  shelf: Shelf,
  input: { path: string; model: string; name?: string | undefined },
): Promise<AdapterCard> {
  const model = await shelf.find(input.model)
  if (!model) throw new Refusal('not_found', `There is no model "${input.model}" here to put an adapter on.`)
  const info = await stat(input.path).catch(() => null)
  if (!info) throw new Refusal('not_found', `There is nothing at ${input.path}.`)
  const name = input.name ?? plainName(input.path)
  assertName(name)
  if ((await shelf.adapters(model.name)).some((card) => card.name === name)) {
    throw new Refusal('conflict', `"${model.name}" has an adapter "${name}" already; remove it or give another name.`)
  }
  const weights = await readGgufFile(shelf.file(model, 'weights')!)
  const base = model.files.find(({ part }) => part === 'weights')!.sha256!
  await mkdir(shelf.folder, { recursive: true })
  const folder = await mkdtemp(join(shelf.folder, '.adapter-'))
  try {
    const file = join(folder, 'adapter.gguf')
    if (info.isDirectory()) await convertPeft(input.path, weights, base, file)
    else await copyFile(input.path, file)
    const head = await readGgufFile(file)
    const { rank, alpha } = judgeAdapter(head, weights)
    assertBase(head, base)
    const card: AdapterCard = {
      name,
      model: model.name,
      base,
      bytes: (await stat(file)).size,
      rank,
      alpha,
      from: info.isDirectory() ? 'peft' : 'gguf',
      addedAt: new Date().toISOString(),
    }
    await shelf.putAdapter(card, file)
    return card
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** An adapter that says which base it is for is held to it. */
function assertBase(head: GgufHead, base: string): void {
  const said = head.values['seatrial.base.sha256']
  if (typeof said !== 'string' || said === base) return
  throw new Refusal(
    'unprocessable',
    `This adapter is for another base: weights ${said.slice(0, 12)}…, and these are ${base.slice(0, 12)}….`,
  )
}

function plainName(path: string): string {
  const name = basename(path)
    .replace(/\.gguf$/i, '')
    .toLowerCase()
    .replace(/[^a-z0-9._-]+/g, '-')
  return name.replace(/^[^a-z0-9]+/, '').slice(0, 80) || 'adapter'
}
