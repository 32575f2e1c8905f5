// What is on disk: one folder per model under `models/`, each with `model.json`, its files and its adapters.
// A folder appears whole, by rename, or not at all.
import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { AdapterCard, ModelFile, ModelRole, Refusal } from '@seatrial/protocol'
import { z } from 'zod'

export const Installed = z.object({
  name: z.string(),
  title: z.string(),
  licence: z.string(),
  licenceUrl: z.string().nullable(),
  source: z.string(),
  revision: z.string().nullable(),
  roles: z.array(ModelRole),
  /** What the weights were trained for; the engine may use less. */
  contextTokens: z.number().int(),
  files: z.array(ModelFile),
  /** Chat template that replaces the file's own, or null. */
  template: z.string().nullable(),
  note: z.string(),
  installedAt: z.iso.datetime(),
})
export type Installed = z.infer<typeof Installed>

export interface Shelf {
  folder: string
  list(): Promise<Installed[]>
  find(name: string): Promise<Installed | null>
  /** Moves a finished folder in; `model.json` is written first. */
  put(model: Installed, from: string): Promise<void>
  remove(name: string): Promise<number>
  file(model: Installed, part: ModelFile['part']): string | null
  adapters(name: string): Promise<AdapterCard[]>
  adapterPath(model: string, adapter: string): string
  putAdapter(card: AdapterCard, from: string): Promise<void>
  removeAdapter(model: string, adapter: string): Promise<void>
  chosen(): Promise<string | null>
  choose(name: string | null): Promise<void>
}

const nameShape = /^[a-z0-9][a-z0-9._-]{0,79}$/

/** Names become folders, so they are plain. */
export function assertName(name: string): void {
  if (!nameShape.test(name)) {
    throw new Refusal('bad_request', `"${name}" is no name: use small letters, digits, dots, dashes and underscores.`)
  }
}

export function openShelf(folder: string): Shelf {
  const at = (name: string, ...rest: string[]) => {
    assertName(name)
    return join(folder, name, ...rest)
  }
  const readJson = async <T>(schema: z.ZodType<T>, path: string): Promise<T | null> => {
    const text = await readFile(path, 'utf8').catch(() => null)
    if (text === null) return null
    const result = schema.safeParse(JSON.parse(text))
    return result.success ? result.data : null
  }
  const replace = async (path: string, value: unknown) => {
    await writeFile(`${path}.new`, `${JSON.stringify(value, null, 2)}\n`)
    await rename(`${path}.new`, path)
  }
  const settings = join(folder, 'chosen.json')

  const shelf: Shelf = {
    folder,
    async list() {
      const names = await readdir(folder).catch(() => [])
      const found = await Promise.all(names.filter((name) => nameShape.test(name)).map((name) => shelf.find(name)))
      return found.filter((model) => model !== null)
    },
    find: async (name) => (nameShape.test(name) ? readJson(Installed, at(name, 'model.json')) : null),
    async put(model, from) {
      await writeFile(join(from, 'model.json'), `${JSON.stringify(model, null, 2)}\n`)
      await mkdir(folder, { recursive: true })
      await rename(from, at(model.name)).catch((error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOTEMPTY' && error.code !== 'EEXIST') throw error
        throw new Refusal('conflict', `There is a model "${model.name}" already; remove it first.`)
      })
    },
    async remove(name) {
      const bytes = await sizeOf(at(name))
      await rm(at(name), { recursive: true, force: true })
      if ((await shelf.chosen()) === name) await shelf.choose(null)
      return bytes
    },
    file(model, part) {
      const file = model.files.find((each) => each.part === part)
      return file ? at(model.name, file.name) : null
    },
    async adapters(name) {
      const names = await readdir(at(name, 'adapters')).catch(() => [])
      const cards = names.filter((file) => file.endsWith('.json'))
      const found = await Promise.all(cards.map((file) => readJson(AdapterCard, at(name, 'adapters', file))))
      return found.filter((card) => card !== null)
    },
    adapterPath(model, adapter) {
      assertName(adapter)
      return at(model, 'adapters', `${adapter}.gguf`)
    },
    async putAdapter(card, from) {
      await mkdir(at(card.model, 'adapters'), { recursive: true })
      await rename(from, shelf.adapterPath(card.model, card.name))
      await replace(at(card.model, 'adapters', `${card.name}.json`), card)
    },
    async removeAdapter(model, adapter) {
      assertName(adapter)
      await rm(at(model, 'adapters', `${adapter}.json`), { force: true })
      await rm(shelf.adapterPath(model, adapter), { force: true })
    },
    chosen: async () => (await readJson(z.object({ name: z.string().nullable() }), settings))?.name ?? null,
    async choose(name) {
      await mkdir(folder, { recursive: true })
      await replace(settings, { name })
    },
  }
  return shelf
}

async function sizeOf(folder: string): Promise<number> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const sizes = await Promise.all(
    entries
      .filter((entry) => entry.isFile())
      .map(async (entry) => (await stat(join(entry.parentPath, entry.name))).size),
  )
  return sizes.reduce((sum, size) => sum + size, 0)
}
