// Handlers for models of one's own. The engine is opened at the first call that needs it, and loads nothing by itself.
import type {
  AdapterCard,
  AgentCard,
  Fit,
  Look,
  LookKind,
  ModelCard,
  Pull,
  TuneExample,
  TuneExport,
  TuneExportInput,
} from '@seatrial/protocol'
import type { modelRoutes } from '@seatrial/protocol/api'
import type { Handlers } from './handlers.ts'

/** What these handlers ask of the engine; `openEngine` of the engine package gives it. */
export interface ModelRoom {
  models(agents: AgentCard[]): Promise<ModelCard[]>
  advice(models: ModelCard[]): { memoryBytes: number; contextTokens: number; suggested: string | null }
  model(
    name: string,
    contextTokens: number | undefined,
    agents: AgentCard[],
  ): Promise<{ model: ModelCard; fit: Fit | null }>
  pull(input: { name: string; licence: string; contextTokens?: number | undefined; evenIfTooBig: boolean }): Pull
  pulls(): Pull[]
  cancelPull(name: string): Promise<void>
  import(input: {
    path: string
    name?: string | undefined
    licence?: string | undefined
    contextTokens?: number | undefined
  }): Promise<ModelCard>
  use(name: string): Promise<ModelCard>
  remove(name: string): Promise<number>
  endpointFor(name: string): Promise<{ baseUrl: string; apiKey: string; model: string; contextTokens: number | null }>
  look(input: { file: string; bytes: Uint8Array; as: LookKind; model?: string | undefined }): Promise<Look>
  summarise(looks: Look[], model?: string): Promise<Look>
  importAdapter(input: { path: string; model: string; name?: string | undefined }): Promise<AdapterCard>
  removeAdapter(model: string, adapter: string): Promise<void>
}

export interface ModelHandlerOptions {
  engine(): Promise<ModelRoom>
  agents(): Promise<AgentCard[]>
  /** Decided candidates as training material, of all projects. */
  decisions(): Promise<TuneExample[]>
  exportTuning(examples: TuneExample[], input: TuneExportInput): Promise<TuneExport>
}

export function modelHandlers(options: ModelHandlerOptions): Handlers<typeof modelRoutes> {
  const { engine, agents } = options
  return {
    async listModels() {
      const room = await engine()
      const models = await room.models(await agents())
      return { models, ...room.advice(models) }
    },
    async getModel({ params, query }) {
      return (await engine()).model(params.name, query.context, await agents())
    },
    async pullModel({ body }) {
      const { name, licence, evenIfTooBig, context } = body
      return (await engine()).pull({ name, licence, evenIfTooBig, contextTokens: context })
    },
    async listPulls() {
      return { pulls: (await engine()).pulls() }
    },
    async cancelPull({ params }) {
      await (await engine()).cancelPull(params.name)
      return { ok: true }
    },
    async importModel({ body }) {
      return (await engine()).import(body)
    },
    async useModel({ body }) {
      return (await engine()).use(body.name)
    },
    async removeModel({ params }) {
      return { ok: true, bytes: await (await engine()).remove(params.name) }
    },
    async serveModel({ body }) {
      const { baseUrl, apiKey, model, contextTokens } = await (await engine()).endpointFor(body.name ?? '')
      return { baseUrl, apiKey, model, contextTokens }
    },
    async look({ body }) {
      const { file, data, as, model } = body
      return (await engine()).look({ file, bytes: Buffer.from(data, 'base64'), as, model })
    },
    async summariseLooks({ body }) {
      return (await engine()).summarise(body.looks, body.model)
    },
    async tuneExport({ body }) {
      return options.exportTuning(await options.decisions(), body)
    },
    async tuneImport({ body }) {
      return (await engine()).importAdapter(body)
    },
    async removeAdapter({ params }) {
      await (await engine()).removeAdapter(params.name, params.adapter)
      return { ok: true }
    },
  }
}
