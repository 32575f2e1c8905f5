// The room as the house sees it: what models there are, and an endpoint that starts one when it is asked for.
import { randomBytes } from 'node:crypto'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { serve as listen, type ServerType } from '@hono/node-server'
import { Refusal } from '@seatrial/protocol'
import type { Hono } from 'hono'
import { chooseEngine, type EngineSettings, type RemoteModel } from './choices.ts'
import type { ModelEngine } from './model-engine.ts'
import { createApp, type ModelEntry, type Served } from './serve/app.ts'
import { createMetrics } from './serve/metrics.ts'
import { type Line, line } from './serve/queue.ts'
import { loadLocal } from './shelf/load.ts'
import { openShelf, type Shelf } from './shelf/shelf.ts'

export interface EngineOptions {
  dataDir: string
  /** llama-server binary; null runs in process. When left out it is looked for on `searchPath`. */
  llamaServer?: string | null
  searchPath?: string
  /** Half of what the machine can run at once by default: more makes a shared machine slower, not faster. */
  threads?: number
  /** When left out, llama-server decides for itself, and in process it is used on Apple silicon only. */
  gpu?: boolean
  /** Conversations answered at once by one model. */
  slots?: number
  /** Most context given to a model, whatever it was trained for. */
  contextTokens?: number
  /** A model that nobody asked for this long is unloaded. */
  idleMs?: number
  mostImageTokens?: number
  /** How long a request may wait in line, and how many may. */
  queueMs?: number
  mostWaiting?: number
  /** Models at addresses; asked for anew each time, because the list may change while the house runs. */
  remotes?(): Promise<RemoteModel[]>
  /** Where files are pulled from: replaces https://huggingface.co. */
  mirror?: string
  /** Memory a model may take, in bytes; all of this machine's by default. */
  memory?: number
  /** Folders from which `file://` pictures may be read. */
  pictureFolders?: string[]
  /** Environment of native children, e.g. LD_LIBRARY_PATH for a GPU; empty by default. */
  env?: Record<string, string>
  bug?(error: unknown): void
}

/** Where a client, or the house's gateway, finds a model. */
export interface Endpoint {
  name: string
  wire: 'openai-chat'
  /** With `/v1`. */
  baseUrl: string
  model: string
  apiKey: string
  contextTokens: number | null
  seesImages: boolean
  adapter: string | null
}

export interface Serving {
  contextTokens: number
  mostImageTokens: number
  app: Hono
  models(): Promise<ModelEntry[]>
  /** Resolves `model`, `model@adapter` or an empty name (the chosen model); loads nothing by itself. */
  serve(name: string): Promise<Served>
  /** Is there a model (and adapter) of this name, here or at a configured address? */
  has(name: string): Promise<boolean>
  /** Starts the loopback endpoint at the first call. */
  endpointFor(name: string): Promise<Endpoint>
  /** Forgets a running model, after its files or adapters changed. */
  forget(name: string): Promise<void>
  close(): Promise<void>
}

interface Running {
  engine: ModelEngine
  line: Line
  entry: ModelEntry
  /** Null when only the address knows. */
  adapters: Set<string> | null
  /** Null for a model on disk. */
  address: RemoteModel | null
}

const defaults = { slots: 1, contextTokens: 32_768, idleMs: 10 * 60_000, mostImageTokens: 1024, queueMs: 10 * 60_000 }

export function openServing(shelf: Shelf, options: EngineOptions): Serving {
  const settings: EngineSettings = {
    llamaServer: options.llamaServer ?? null,
    threads: options.threads ?? Math.max(1, Math.floor(availableParallelism() / 2)),
    gpu: options.gpu ?? null,
    slots: options.slots ?? defaults.slots,
    idleMs: options.idleMs ?? defaults.idleMs,
    mostImageTokens: options.mostImageTokens ?? defaults.mostImageTokens,
    env: options.env ?? {},
  }
  const remotes = options.remotes ?? (async () => [])
  const running = new Map<string, Promise<Running>>()
  const metrics = createMetrics()
  const apiKey = randomBytes(24).toString('hex')
  let listening: Promise<{ server: ServerType; baseUrl: string }> | null = null
  const live = new Map<string, Served>()

  async function open(name: string): Promise<Running> {
    const newLine = () =>
      line({
        atOnce: settings.slots,
        mostWaiting: options.mostWaiting ?? 64,
        deadlineMs: options.queueMs ?? defaults.queueMs,
      })
    const remote = (await remotes()).find((each) => each.name === name)
    if (remote) {
      const entry = { id: name, contextTokens: remote.contextTokens, seesImages: remote.seesImages, adapter: false }
      return {
        engine: chooseEngine({ at: 'address', model: remote }, settings),
        line: line({ atOnce: 64, mostWaiting: 256, deadlineMs: options.queueMs ?? defaults.queueMs }),
        entry,
        adapters: null,
        address: remote,
      }
    }
    const installed = await shelf.find(name)
    if (!installed) {
      throw new Refusal(
        'not_found',
        `There is no model "${name}" here; \`seatrial models list\` names what can be pulled.`,
      )
    }
    const model = await loadLocal(shelf, installed, options.contextTokens ?? defaults.contextTokens)
    const adapters = await shelf.adapters(name)
    const entry = { id: name, contextTokens: model.contextTokens, seesImages: model.projector !== null, adapter: false }
    return {
      engine: chooseEngine({ at: 'disk', model, adapters }, settings),
      line: newLine(),
      entry,
      adapters: new Set(adapters.map((card) => card.name)),
      address: null,
    }
  }

  async function runningFor(name: string): Promise<Running> {
    const known = running.get(name)
    if (known && !(await movedAway(await known))) return known
    const opening = open(name)
    running.set(name, opening)
    opening.catch(() => running.delete(name))
    return opening
  }

  /** Whether the address of a model is another one by now. */
  async function movedAway({ address }: Running): Promise<boolean> {
    if (address === null) return false
    const now = (await remotes()).find(({ name }) => name === address.name)
    return now === undefined || now.baseUrl !== address.baseUrl || now.model !== address.model
  }

  async function nameOf(asked: string): Promise<{ name: string; adapter: string | null }> {
    const [plain = '', adapter = null] = asked.split('@') as [string?, string?]
    if (plain !== '' && plain !== 'default') return { name: plain, adapter }
    const chosen = (await shelf.chosen()) ?? (await shelf.list())[0]?.name ?? (await remotes())[0]?.name
    if (!chosen)
      throw new Refusal('not_found', 'There is no model here yet; `seatrial models list` says what fits this machine.')
    return { name: chosen, adapter }
  }

  const serving: Serving = {
    app: null as never,
    contextTokens: options.contextTokens ?? defaults.contextTokens,
    mostImageTokens: settings.mostImageTokens,
    async models() {
      const entries: ModelEntry[] = (await remotes()).map(({ name, contextTokens, seesImages }) => ({
        id: name,
        contextTokens,
        seesImages,
        adapter: false,
      }))
      for (const model of await shelf.list()) {
        const entry = {
          id: model.name,
          contextTokens: Math.min(model.contextTokens, options.contextTokens ?? defaults.contextTokens),
          seesImages: shelf.file(model, 'projector') !== null,
          adapter: false,
        }
        entries.push(entry)
        for (const card of await shelf.adapters(model.name)) {
          entries.push({ ...entry, id: `${model.name}@${card.name}`, adapter: true })
        }
      }
      return entries
    },
    async serve(asked) {
      const { name, adapter } = await nameOf(asked)
      const { engine, line, adapters } = await runningFor(name)
      if (adapter !== null && adapters !== null && !adapters.has(adapter)) {
        throw new Refusal('not_found', `"${name}" has no adapter "${adapter}".`)
      }
      const served = { name, adapter, engine, line }
      live.set(name, served)
      return served
    },
    has: async (asked) => (await serving.models()).some(({ id }) => id === asked),
    async endpointFor(asked) {
      const served = await serving.serve(asked)
      const { entry } = await runningFor(served.name)
      listening ??= listenOnLoopback(createApp({ ...appOptions, apiKey }))
      const { baseUrl } = await listening
      const id = served.adapter === null ? served.name : `${served.name}@${served.adapter}`
      return { ...entry, name: id, wire: 'openai-chat', baseUrl, model: id, apiKey, adapter: served.adapter }
    },
    async forget(name) {
      const known = running.get(name)
      running.delete(name)
      live.delete(name)
      await (await known?.catch(() => null))?.engine.close()
    },
    async close() {
      for (const name of [...running.keys()]) await serving.forget(name)
      const { server } = (await listening?.catch(() => null)) ?? {}
      if (server) {
        if ('closeAllConnections' in server) server.closeAllConnections()
        await new Promise<void>((resolve) => server.close(() => resolve()))
      }
      listening = null
    },
  }
  const appOptions = {
    models: serving.models,
    serve: serving.serve,
    running: () => [...live.values()],
    pictureFolders: options.pictureFolders ?? [],
    mostImageTokens: settings.mostImageTokens,
    metrics,
    bug: options.bug ?? (() => undefined),
  }
  serving.app = createApp({ ...appOptions, apiKey: null })
  return serving
}

function listenOnLoopback(app: Hono): Promise<{ server: ServerType; baseUrl: string }> {
  return new Promise((resolve, reject) => {
    const server = listen({ fetch: app.fetch, hostname: '127.0.0.1', port: 0 }, ({ port }) =>
      resolve({ server, baseUrl: `http://127.0.0.1:${port}/v1` }),
    )
    server.once('error', reject)
  })
}

/** The shelf of a house. */
export const shelfOf = (dataDir: string): Shelf => openShelf(join(dataDir, 'models'))
