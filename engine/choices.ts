// Which engine runs a model: the first row that takes it. Nothing elsewhere asks what kind of model it is.
import type { AdapterCard } from '@seatrial/protocol'
import { inProcess, type LocalModel, type LocalSettings } from './in-process.ts'
import { llamaServer } from './llama-server.ts'
import type { ModelEngine } from './model-engine.ts'
import { overHttp } from './over-http.ts'

/** A model at an address: another machine, or another server on this one. */
export interface RemoteModel {
  name: string
  /** With `/v1`. */
  baseUrl: string
  /** Asked for at each request, so that a changed key needs no restart. */
  apiKey(): Promise<string | null>
  model: string
  /** What a request carries to wear an adapter, or none; without it the adapter's name in place of the model's. */
  wear?(adapter: string | null): Record<string, unknown>
  contextTokens: number | null
  seesImages: boolean
  /** Mistral's own templates insist on alternating roles and nine-character ids. */
  strictRoles: boolean
}

export interface EngineSettings extends LocalSettings {
  /** Path of a llama-server binary, or null to run in process. */
  llamaServer: string | null
}

export type Wanted = { at: 'disk'; model: LocalModel; adapters: AdapterCard[] } | { at: 'address'; model: RemoteModel }

interface Choice {
  kind: ModelEngine['kind']
  takes(wanted: Wanted, settings: EngineSettings): boolean
  open(wanted: Wanted, settings: EngineSettings): ModelEngine
}

export const choices: Choice[] = [
  {
    kind: 'url',
    takes: (wanted) => wanted.at === 'address',
    open: (wanted) => {
      const { model } = wanted as Extract<Wanted, { at: 'address' }>
      return overHttp({
        kind: 'url',
        baseUrl: async () => model.baseUrl.replace(/\/$/, ''),
        apiKey: model.apiKey,
        model: model.model,
        abilities: { ...model, embeds: true },
        wear: (adapter) => model.wear?.(adapter) ?? (adapter === null ? {} : { model: adapter }),
        processes: () => [],
        close: async () => undefined,
      })
    },
  },
  {
    kind: 'llama-server',
    takes: (wanted, settings) => wanted.at === 'disk' && settings.llamaServer !== null,
    open: (wanted, settings) => {
      const { model, adapters } = wanted as Extract<Wanted, { at: 'disk' }>
      const server = llamaServer(model, {
        ...settings,
        binary: settings.llamaServer!,
        adapters: adapters.map(({ name }) => ({ name, path: model.adapterPath(name)! })),
        startMs: 600_000,
      })
      // A chat server refuses embeddings, so those come from a child of our own.
      const local = inProcess(model, settings)
      return {
        ...server,
        embed: local.embed,
        processes: () => [...server.processes(), ...local.processes()],
        close: async () => {
          await Promise.all([server.close(), local.close()])
        },
      }
    },
  },
  {
    kind: 'in-process',
    takes: (wanted) => wanted.at === 'disk',
    open: (wanted, settings) => inProcess((wanted as Extract<Wanted, { at: 'disk' }>).model, settings),
  },
]

export function chooseEngine(wanted: Wanted, settings: EngineSettings): ModelEngine {
  return choices.find(({ takes }) => takes(wanted, settings))!.open(wanted, settings)
}
