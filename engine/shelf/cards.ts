// Models as lists show them: the catalogue, the shelf and configured addresses in one form.
import type { AgentCard, ModelCard } from '@seatrial/protocol'
import { catalogue, entryOf } from '../catalogue/entries.ts'
import type { Entry } from '../catalogue/entry.ts'
import type { RemoteModel } from '../choices.ts'
import { memoryNeedOf } from './fit.ts'
import type { Installed, Shelf } from './shelf.ts'

/** What an agent of the house asks of a model. */
export type Need = Pick<AgentCard, 'id' | 'firstPromptTokens' | 'minContextTokens' | 'wire'>

export interface CardOptions {
  /** Context the engine gives to a model at most. */
  mostContext: number
  /** Memory a model may take, in bytes. */
  memory: number
  pulling: ReadonlySet<string>
  agents: Need[]
  remotes: RemoteModel[]
}

export async function listCards(shelf: Shelf, options: CardOptions): Promise<ModelCard[]> {
  const installed = await shelf.list()
  const chosen = (await shelf.chosen()) ?? installed[0]?.name ?? options.remotes[0]?.name ?? null
  const cards = await Promise.all(installed.map((model) => installedCard(shelf, model, options)))
  const there = new Set(cards.map(({ name }) => name))
  const available = catalogue.filter(({ name }) => !there.has(name)).map((entry) => entryCard(entry, options))
  const remote = options.remotes.map((model) => remoteCard(model, options))
  return [...cards, ...remote, ...available].map((card) => ({ ...card, chosen: card.name === chosen }))
}

/** The first model for a machine: the largest that fits for agents on a GPU, else the smallest that sees. */
export function suggestedFrom(cards: ModelCard[], gpu: boolean): string | null {
  if (cards.some(({ state }) => state !== 'available')) return null
  const role = gpu ? 'code' : 'vision'
  const fitting = cards
    .filter(({ roles, fits }) => fits === true && roles.includes(role))
    .sort((a, b) => (a.needBytes ?? 0) - (b.needBytes ?? 0))
  return (gpu ? fitting.at(-1) : fitting[0])?.name ?? null
}

async function installedCard(shelf: Shelf, model: Installed, options: CardOptions): Promise<ModelCard> {
  return {
    ...described(model, options),
    state: 'installed',
    source: model.source,
    revision: model.revision,
    bytes: model.files.reduce((sum, file) => sum + (file.bytes ?? 0), 0),
    adapters: await shelf.adapters(model.name),
  }
}

function entryCard(entry: Entry, options: CardOptions): ModelCard {
  const sizes = entry.files.map(({ bytes }) => bytes)
  return {
    ...described(entry, options),
    state: options.pulling.has(entry.name) ? 'pulling' : 'available',
    source: `huggingface:${entry.repo}`,
    revision: entry.revision,
    bytes: sizes.includes(null) ? null : sizes.reduce<number>((sum, bytes) => sum + (bytes ?? 0), 0),
    adapters: [],
  }
}

function described(model: Entry | Installed, options: CardOptions) {
  const { name, title, licence, licenceUrl, roles, contextTokens, files, note } = model
  const entry = entryOf(name)
  const need = entry && memoryNeedOf(entry, Math.min(contextTokens, options.mostContext))
  return {
    needBytes: need?.total ?? null,
    fits: need ? need.total <= options.memory : null,
    name,
    title,
    licence,
    licenceUrl,
    roles,
    contextTokens,
    files,
    note,
    chosen: false,
    seesImages: files.some(({ part }) => part === 'projector'),
    warnings: warningsFor(Math.min(contextTokens, options.mostContext), options.agents),
  }
}

function remoteCard(model: RemoteModel, options: CardOptions): ModelCard {
  return {
    name: model.name,
    title: model.model,
    state: 'remote',
    chosen: false,
    licence: 'unknown',
    licenceUrl: null,
    source: model.baseUrl,
    revision: null,
    roles: model.seesImages ? ['chat', 'vision'] : ['chat'],
    contextTokens: model.contextTokens,
    seesImages: model.seesImages,
    files: [],
    bytes: null,
    needBytes: null,
    fits: null,
    note: '',
    adapters: [],
    warnings: model.contextTokens === null ? [] : warningsFor(model.contextTokens, options.agents),
  }
}

/** One sentence for each agent that cannot work with so much context. */
export function warningsFor(contextTokens: number, agents: Need[]): string[] {
  return agents
    .filter(({ wire }) => wire !== 'none')
    .flatMap(({ id, firstPromptTokens, minContextTokens }) => {
      if (firstPromptTokens >= contextTokens) {
        return [`${id}'s first prompt has ${firstPromptTokens} tokens and this model is served with ${contextTokens}.`]
      }
      if (minContextTokens > contextTokens) {
        return [`${id} wants ${minContextTokens} tokens of context and this model is served with ${contextTokens}.`]
      }
      return []
    })
}
