// The endpoint: /v1/models, /v1/chat/completions, /v1/embeddings, /health, /metrics, for any OpenAI client.
import { createHash, timingSafeEqual } from 'node:crypto'
import { readFile, realpath } from 'node:fs/promises'
import { sep } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Refusal } from '@seatrial/protocol'
import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { answer } from '../chat/answer.ts'
import type { ModelEngine, Part } from '../model-engine.ts'
import { pictureForEngine } from '../pictures/read.ts'
import { completion, completionStream } from './completion.ts'
import { errorBody } from './errors.ts'
import type { Metrics } from './metrics.ts'
import type { Line } from './queue.ts'
import { ChatBody, EmbeddingsBody, parseBody, readChat } from './wire.ts'

/** A model as the endpoint serves it. */
export interface Served {
  name: string
  adapter: string | null
  engine: ModelEngine
  line: Line
}

export interface ModelEntry {
  id: string
  contextTokens: number | null
  seesImages: boolean
  adapter: boolean
}

export interface AppOptions {
  /** Bearer that callers must show; null lets everyone in (the house guards the route itself). */
  apiKey: string | null
  models(): Promise<ModelEntry[]>
  /** Throws `Refusal('not_found')` for a name nobody serves. */
  serve(model: string): Promise<Served>
  running(): Served[]
  /** Folders from which `file://` pictures may be read. */
  pictureFolders: string[]
  mostImageTokens: number
  metrics: Metrics
  /** Told of every error that is no refusal. */
  bug(error: unknown): void
}

const mostBodyBytes = 64 << 20

export function createApp(options: AppOptions): Hono {
  const app = new Hono()
  const started = Math.floor(Date.now() / 1000)

  app.onError((error, c) => {
    if (!(error instanceof Refusal)) options.bug(error)
    const { status, body } = errorBody(error)
    return c.json(body, status)
  })
  app.notFound((c) =>
    c.json(errorBody(new Refusal('not_found', `There is no ${c.req.method} ${c.req.path}.`)).body, 404),
  )
  app.get('/health', (c) => c.json({ status: 'ok' }))
  app.use('*', async (c, next) => {
    if (options.apiKey !== null && !same(c.req.header('authorization') ?? '', `Bearer ${options.apiKey}`)) {
      throw new Refusal('unauthenticated', 'This endpoint needs its key as a bearer token.')
    }
    await next()
  })
  app.use(
    '/v1/*',
    bodyLimit({
      maxSize: mostBodyBytes,
      onError: () => {
        throw new Refusal('bad_request', `A request may have ${mostBodyBytes >> 20} MB at most.`)
      },
    }),
  )
  app.get('/metrics', (c) => c.text(options.metrics.text(options.running().flatMap(gaugesOf))))

  app.get('/v1/models', async (c) => {
    const data = (await options.models()).map((model) => ({ ...entry(model), created: started }))
    return c.json({ object: 'list', data })
  })
  app.get('/v1/models/:id{.+}', async (c) => {
    const found = (await options.models()).find(({ id }) => id === c.req.param('id'))
    if (!found) throw new Refusal('not_found', `There is no model "${c.req.param('id')}".`)
    return c.json({ ...entry(found), created: started })
  })

  app.post('/v1/chat/completions', async (c) => {
    const body = parseBody(ChatBody, await jsonOf(c.req.raw))
    const served = await options.serve(body.model)
    const request = await readChat(body, served.adapter, (url) => pictureOf(url, options))
    const stop = new AbortController()
    const signal = AbortSignal.any([c.req.raw.signal, stop.signal])
    const leave = await served.line.enter(signal)
    const began = performance.now()
    const { metrics } = options
    const pieces = answer(served.engine, request, signal)
    const over = (usage: { promptTokens: number; cachedTokens: number; completionTokens: number } | null) => {
      leave()
      metrics.count('requests', served.name)
      metrics.count('seconds', served.name, (performance.now() - began) / 1000)
      if (!usage) return metrics.count('refused', served.name)
      metrics.count('prompt_tokens', served.name, usage.promptTokens)
      metrics.count('cached_tokens', served.name, usage.cachedTokens)
      metrics.count('completion_tokens', served.name, usage.completionTokens)
    }
    if (!body.stream) return c.json(await completion(body.model, pieces, over))
    const usage = body.stream_options?.include_usage === true
    const stream = await completionStream({ model: body.model, pieces, usage, over, stop, bug: options.bug })
    return new Response(stream, {
      headers: { 'content-type': 'text/event-stream; charset=utf-8', 'cache-control': 'no-cache' },
    })
  })

  app.post('/v1/embeddings', async (c) => {
    const body = parseBody(EmbeddingsBody, await jsonOf(c.req.raw))
    const served = await options.serve(body.model)
    const texts = typeof body.input === 'string' ? [body.input] : body.input
    const leave = await served.line.enter(c.req.raw.signal)
    try {
      const { vectors, tokens } = await served.engine.embed(texts, c.req.raw.signal)
      options.metrics.count('requests', served.name)
      options.metrics.count('prompt_tokens', served.name, tokens)
      return c.json({
        object: 'list',
        model: body.model,
        data: vectors.map((vector, index) => ({
          object: 'embedding',
          index,
          embedding: body.encoding_format === 'base64' ? base64Of(vector) : vector,
        })),
        usage: { prompt_tokens: tokens, total_tokens: tokens },
      })
    } finally {
      leave()
    }
  })
  return app
}

function entry(model: ModelEntry) {
  return {
    id: model.id,
    object: 'model',
    owned_by: 'seatrial',
    context_length: model.contextTokens,
    capabilities: { vision: model.seesImages, adapter: model.adapter },
  }
}

function gaugesOf(served: Served) {
  return [
    { name: 'running' as const, model: served.name, value: served.line.running() },
    { name: 'waiting' as const, model: served.name, value: served.line.waiting() },
    { name: 'processes' as const, model: served.name, value: served.engine.processes().length },
  ]
}

async function jsonOf(request: Request): Promise<unknown> {
  try {
    return await request.json()
  } catch (error) {
    if (error instanceof Refusal) throw error
    throw new Refusal('bad_request', 'The request is not JSON.')
  }
}

/** A data URL, or a file in one of the allowed folders; never anything that would have to be fetched. */
async function pictureOf(url: string, options: AppOptions): Promise<Part> {
  const { bytes, claimed } = url.startsWith('data:') ? fromDataUrl(url) : await fromFile(url, options.pictureFolders)
  const data = await pictureForEngine(bytes, { claimed, mostTokens: options.mostImageTokens })
  return { type: 'picture', data, mediaType: 'image/png' }
}

function fromDataUrl(url: string): { bytes: Uint8Array; claimed: string | null } {
  const match = /^data:([^;,]*)((?:;[^;,]*)*?)(;base64)?,/.exec(url.slice(0, 200))
  if (!match?.[3]) throw new Refusal('bad_request', 'A picture as a data URL must be base64.')
  return { bytes: Buffer.from(url.slice(match[0].length), 'base64'), claimed: match[1] || null }
}

async function fromFile(url: string, folders: string[]): Promise<{ bytes: Uint8Array; claimed: null }> {
  if (!url.startsWith('file://')) {
    throw new Refusal('bad_request', 'Pictures are taken as data URLs or workspace files; addresses are never fetched.')
  }
  const refused = new Refusal('forbidden', 'This picture is not in a folder that may be read.')
  const path = await realpath(fileURLToPath(url)).catch(() => {
    throw refused
  })
  const roots = await Promise.all(folders.map((folder) => realpath(folder).catch(() => null)))
  if (!roots.some((root) => root !== null && path.startsWith(root + sep))) throw refused
  return { bytes: await readFile(path), claimed: null }
}

function base64Of(vector: number[]): string {
  return Buffer.from(new Float32Array(vector).buffer).toString('base64')
}

function same(a: string, b: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
