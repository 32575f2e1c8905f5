// Opens the room: everything the house needs of models, with nothing running until a model is asked for.
import { totalmem } from 'node:os'
import type { AdapterCard, Fit, Look, LookKind, ModelCard, Pull } from '@seatrial/protocol'
import { Refusal } from '@seatrial/protocol'
import { entryOf } from './catalogue/entries.ts'
import { type EngineOptions, openServing, type Serving, shelfOf } from './engine.ts'
import { readGgufFile } from './gguf/read.ts'
import { findLlamaServer } from './llama-server.ts'
import { describedForPrompt } from './pictures/describe.ts'
import { look, summarise } from './pictures/look.ts'
import { openOcr } from './pictures/ocr.ts'
import type { Served } from './serve/app.ts'
import { listCards, type Need, suggestedFrom } from './shelf/cards.ts'
import { judgeFit, memoryNeed, memoryNeedOf, smallerFor } from './shelf/fit.ts'
import { type ImportInput, importModel } from './shelf/import.ts'
import { inspectRemote } from './shelf/pull.ts'
import { openPulls, type PullInput } from './shelf/pulls.ts'
import { hub } from './shelf/remote.ts'
import type { Shelf } from './shelf/shelf.ts'
import { importAdapter } from './tune/import.ts'

export type { RemoteModel } from './choices.ts'
export type { Endpoint, EngineOptions } from './engine.ts'
export type { Need } from './shelf/cards.ts'

export interface Engine extends Omit<Serving, 'models'> {
  shelf: Shelf
  /** Catalogue, shelf and addresses; `agents` adds a warning for each that does not fit a model. */
  models(agents?: Need[]): Promise<ModelCard[]>
  /** What this machine has for models, and which to begin with when there is none yet. */
  advice(models: ModelCard[]): { memoryBytes: number; contextTokens: number; suggested: string | null }
  /** One model and whether it fits; for one not here yet this reads the head of its remote file. */
  model(name: string, contextTokens?: number, agents?: Need[]): Promise<{ model: ModelCard; fit: Fit | null }>
  pull(input: Omit<PullInput, 'contextTokens' | 'servedTokens'> & { contextTokens?: number | undefined }): Pull
  pulls(): Pull[]
  cancelPull(name: string): Promise<void>
  import(input: ImportInput): Promise<ModelCard>
  use(name: string): Promise<ModelCard>
  remove(name: string): Promise<number>
  look(input: { file: string; bytes: Uint8Array; as: LookKind; model?: string | undefined }): Promise<Look>
  summarise(looks: Look[], model?: string): Promise<Look>
  /** Words to put into a prompt in place of pictures, for agents that cannot see. */
  describe(pictures: { name: string; bytes: Uint8Array }[]): Promise<string>
  importAdapter(input: { path: string; model: string; name?: string | undefined }): Promise<AdapterCard>
  removeAdapter(model: string, adapter: string): Promise<void>
}

export async function openEngine(given: EngineOptions): Promise<Engine> {
  const found = given.llamaServer === undefined && given.searchPath ? await findLlamaServer(given.searchPath) : null
  const options: EngineOptions = { ...given, llamaServer: given.llamaServer ?? found }
  const shelf = shelfOf(options.dataDir)
  const serving = openServing(shelf, options)
  const memory = options.memory ?? totalmem()
  const mirror = options.mirror ?? hub
  const pulls = openPulls(shelf, { mirror, memory })
  const ocr = openOcr()
  const mostContext = options.contextTokens ?? serving.contextTokens
  const mostImageTokens = options.mostImageTokens ?? serving.mostImageTokens
  const never = new AbortController().signal

  const cards = async (agents: Need[] = []) => {
    const pulling = new Set(pulls.list().flatMap(({ name, state }) => (busy.has(state) ? [name] : [])))
    return listCards(shelf, { mostContext, memory, pulling, agents, remotes: (await options.remotes?.()) ?? [] })
  }
  const cardOf = async (name: string, agents: Need[] = []) => {
    const card = (await cards(agents)).find((each) => each.name === name)
    if (!card)
      throw new Refusal('not_found', `There is no model "${name}"; \`seatrial models list\` shows what there is.`)
    return card
  }

  /** The model asked for, or the first that sees; null when there is none, so that code and OCR answer alone. */
  async function seeing(asked: string | undefined): Promise<Served | null> {
    const chosen = await shelf.chosen()
    const wanted =
      asked ??
      (await cards())
        // Pictures go to an address only when a person named or chose it.
        .filter(({ state, name }) => state === 'installed' || (state === 'remote' && name === chosen))
        .sort(chosenFirst)
        .find((card) => card.seesImages)?.name
    if (wanted === undefined) return null
    const served = await serving.serve(wanted)
    if ((await served.engine.abilities()).seesImages) return served
    throw new Refusal(
      'unprocessable',
      `"${wanted}" does not see pictures; leave the model out, or name one with the role "vision".`,
    )
  }

  const engine: Engine = {
    ...serving,
    shelf,
    models: cards,
    advice: (models) => ({
      memoryBytes: memory,
      contextTokens: mostContext,
      suggested: suggestedFrom(models, options.gpu ?? (appleSilicon || options.llamaServer != null)),
    }),
    async model(name, contextTokens = mostContext, agents = []) {
      const model = await cardOf(name, agents)
      return { model, fit: await fitOf(model, Math.min(contextTokens, model.contextTokens ?? contextTokens)) }
    },
    pull(input) {
      const contextTokens = input.contextTokens ?? mostContext
      const { pull, finished } = pulls.start({ ...input, contextTokens, servedTokens: input.contextTokens ?? null })
      // What went wrong is in the pull's own sentence.
      finished.catch(() => undefined)
      return pull
    },
    pulls: pulls.list,
    cancelPull: pulls.cancel,
    import: async (input) => cardOf((await importModel(shelf, input)).name),
    async use(name) {
      const card = await cardOf(name)
      if (card.state === 'available') throw new Refusal('conflict', `"${name}" is not here yet; pull it first.`)
      await shelf.choose(name)
      return { ...card, chosen: true }
    },
    async remove(name) {
      if (!(await shelf.find(name))) throw new Refusal('not_found', `"${name}" is not on this machine.`)
      await serving.forget(name)
      return shelf.remove(name)
    },
    look: async ({ file, bytes, as, model }) =>
      look({
        file,
        bytes,
        kind: as,
        served: as === 'ocr' ? null : await seeing(model),
        ocr,
        mostImageTokens,
        signal: never,
      }),
    async summarise(looks, model) {
      const asked = looks.some(({ answer }) => answer !== null) ? await seeing(model) : null
      return summarise(looks, asked, never)
    },
    async describe(pictures) {
      const looks: Look[] = []
      for (const { name, bytes } of pictures) looks.push(await engine.look({ file: name, bytes, as: 'ui' }))
      return describedForPrompt(looks)
    },
    async importAdapter(input) {
      const card = await importAdapter(shelf, input)
      await serving.forget(input.model)
      return card
    },
    async removeAdapter(model, adapter) {
      if (!(await shelf.adapters(model)).some(({ name }) => name === adapter)) {
        throw new Refusal('not_found', `"${model}" has no adapter "${adapter}".`)
      }
      await serving.forget(model)
      await shelf.removeAdapter(model, adapter)
    },
    async close() {
      await Promise.all([pulls.close(), ocr.close(), serving.close()])
    },
  }

  async function fitOf(card: ModelCard, contextTokens: number): Promise<Fit | null> {
    const entry = entryOf(card.name)
    if (card.state === 'installed') {
      const installed = (await shelf.find(card.name))!
      const projector = installed.files.find(({ part }) => part === 'projector')?.bytes ?? 0
      const head = await readGgufFile(shelf.file(installed, 'weights')!)
      const need = memoryNeed(head, contextTokens, projector)
      const instead = entry ? smallerFor(entry, contextTokens, memory, entryOf) : null
      return judgeFit({ name: card.name, need, memory, downloadBytes: 0, disk: 0, instead })
    }
    if (!entry || card.state === 'remote') return null
    const options = { mirror, contextTokens, memory, signal: AbortSignal.timeout(60_000) }
    try {
      return (await inspectRemote(shelf, entry, options)).fit
    } catch (error) {
      // Away from the hub the catalogue still knows enough for an answer.
      const need = memoryNeedOf(entry, contextTokens)
      if (!(error instanceof Refusal) || error.code !== 'unavailable' || need === null) throw error
      const instead = smallerFor(entry, contextTokens, memory, entryOf)
      const fit = judgeFit({ name: card.name, need, memory, downloadBytes: 0, disk: 0, instead })
      return { ...fit, sentence: `${fit.sentence} That is reckoned from the catalogue: ${error.message}` }
    }
  }
  return engine
}

const appleSilicon = process.platform === 'darwin' && process.arch === 'arm64'
const busy = new Set<Pull['state']>(['checking', 'downloading', 'verifying'])
const chosenFirst = (a: ModelCard, b: ModelCard) => Number(b.chosen) - Number(a.chosen)
