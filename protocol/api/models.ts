// Models of one's own: the catalogue, pulling and importing, looking at pictures, tuning.
import { z } from 'zod'
import { AdapterCard, Fit, Look, LookKind, ModelCard, Pull, TuneExport, TuneExportInput } from '../model.ts'
import { routes } from './route.ts'

export const modelRoutes = routes({
  listModels: {
    method: 'GET',
    path: '/v1/engine/models',
    summary: 'The catalogue, what is on disk, and configured addresses.',
    scope: 'view',
    reply: z.object({
      models: z.array(ModelCard),
      /** Memory that a model may take here. */
      memoryBytes: z.number(),
      /** Context that a model is served with at most. */
      contextTokens: z.number(),
      /** What to pull first on this machine; null once a model is here. */
      suggested: z.string().nullable(),
    }),
  },
  getModel: {
    method: 'GET',
    path: '/v1/engine/models/{name}',
    summary: 'One model, and whether it fits this machine; reads at most the head of a remote file.',
    scope: 'view',
    query: z.object({ context: z.coerce.number().int().positive().optional() }),
    reply: z.object({ model: ModelCard, fit: Fit.nullable() }),
  },
  pullModel: {
    method: 'POST',
    path: '/v1/engine/pulls',
    summary: 'Start or resume a download; the licence must be accepted by name.',
    scope: 'admin',
    body: z.object({
      name: z.string(),
      licence: z.string(),
      context: z.number().int().positive().optional(),
      /** Download although the machine is too small for it. */
      evenIfTooBig: z.boolean().default(false),
    }),
    reply: Pull,
    status: 202,
  },
  listPulls: {
    method: 'GET',
    path: '/v1/engine/pulls',
    summary: 'Downloads of this house since it started.',
    scope: 'view',
    reply: z.object({ pulls: z.array(Pull) }),
  },
  cancelPull: {
    method: 'DELETE',
    path: '/v1/engine/pulls/{name}',
    summary: 'Stop a download; what is there is kept for the next try.',
    scope: 'admin',
    reply: z.object({ ok: z.literal(true) }),
  },
  importModel: {
    method: 'POST',
    path: '/v1/engine/imports',
    summary: "Take a GGUF file, or a folder with weights and projector, from the house's own disk.",
    scope: 'admin',
    body: z.object({
      path: z.string(),
      name: z.string().optional(),
      licence: z.string().optional(),
      /** Context to serve it with, instead of what the file says it was trained for. */
      contextTokens: z.number().int().min(256).optional(),
    }),
    reply: ModelCard,
  },
  useModel: {
    method: 'PUT',
    path: '/v1/engine/chosen',
    summary: 'Make a model the one used when none is named.',
    scope: 'admin',
    body: z.object({ name: z.string() }),
    reply: ModelCard,
  },
  removeModel: {
    method: 'DELETE',
    path: '/v1/engine/models/{name}',
    summary: 'Remove a model and its adapters from disk.',
    scope: 'admin',
    reply: z.object({ ok: z.literal(true), bytes: z.number() }),
  },
  serveModel: {
    method: 'POST',
    path: '/v1/engine/serve',
    summary: 'Load a model and say where an OpenAI-compatible client finds it.',
    scope: 'admin',
    body: z.object({ name: z.string().optional() }),
    reply: z.object({
      baseUrl: z.string(),
      apiKey: z.string(),
      model: z.string(),
      contextTokens: z.number().nullable(),
    }),
  },
  look: {
    method: 'POST',
    path: '/v1/engine/look',
    summary: 'Read one picture; nothing leaves the machine.',
    scope: 'task:write',
    body: z.object({
      file: z.string(),
      /** Base64. */
      data: z.string(),
      as: LookKind.default('caption'),
      model: z.string().optional(),
    }),
    reply: Look,
  },
  summariseLooks: {
    method: 'POST',
    path: '/v1/engine/look/summary',
    summary: 'Reduce what several pictures say to one summary and one palette.',
    scope: 'task:write',
    body: z.object({ looks: z.array(Look).min(1).max(500), model: z.string().optional() }),
    reply: Look,
  },
  tuneExport: {
    method: 'POST',
    path: '/v1/engine/tune/exports',
    summary: 'Write datasets from decisions: scrubbed, deduplicated, split by project, with a card.',
    scope: 'admin',
    body: TuneExportInput,
    reply: TuneExport,
  },
  tuneImport: {
    method: 'POST',
    path: '/v1/engine/tune/imports',
    summary: "Take an adapter (GGUF file or PEFT folder) from the house's own disk.",
    scope: 'admin',
    body: z.object({ path: z.string(), model: z.string(), name: z.string().optional() }),
    reply: AdapterCard,
  },
  removeAdapter: {
    method: 'DELETE',
    path: '/v1/engine/models/{name}/adapters/{adapter}',
    summary: 'Remove an adapter; its base stays as it is.',
    scope: 'admin',
    reply: z.object({ ok: z.literal(true) }),
  },
})
