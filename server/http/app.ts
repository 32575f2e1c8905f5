// The HTTP face of the house: mounts the API table, checks who calls, turns refusals into statuses, serves the web app.
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Refusal } from '@seatrial/protocol'
import { api, type Route } from '@seatrial/protocol/api'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { z } from 'zod'
import type { Db } from '../store/database.ts'
import { type Identity, identify, mayCall } from './access.ts'
import type { Handlers } from './handlers.ts'
import { openApiDocument } from './openapi.ts'
import { createRateLimit } from './rate-limit.ts'
import type { EventStream } from './stream.ts'
import { securityHeaders, type WebFiles } from './web-files.ts'

export type AllHandlers = Handlers<typeof api>

export interface AppOptions {
  db: Db
  handlers: AllHandlers
  stream: EventStream
  web: WebFiles
  /** Host names under which the house may be called; guards a loopback house against DNS rebinding. */
  hosts: string[]
  version: string
  /** More sub-apps with their own access rules: model endpoint, comparison pages, feeds. */
  mounts?: { path: string; app: Hono }[]
  /** The OpenAI-compatible endpoint over models of one's own; the caller is checked before. */
  models(request: Request): Promise<Response> | Response
  onBug(error: Error): void
}

type Env = { Bindings: HttpBindings; Variables: { identity: Identity } }

export const sessionCookie = 'seatrial_session'
/** Paths of the OpenAI API that the house itself answers. */
const modelPaths = ['/v1/models', '/v1/models/*', '/v1/chat/completions', '/v1/embeddings', '/metrics']
const mostBodyBytes = 64 * 1024 * 1024

export function createApp(options: AppOptions): Hono<Env> {
  const app = new Hono<Env>()
  const limit = createRateLimit({ perMinute: 30 })

  app.onError((error, c) => {
    const refusal = error instanceof Refusal ? error : toRefusal(error)
    if (refusal) return c.json(refusal.toBody(), refusal.status)
    options.onBug(error)
    const bug = new Refusal('unavailable', 'The house met a bug of its own; its log has the details.')
    return c.json(bug.toBody(), 500)
  })
  app.use('*', async (c, next) => {
    const host = (c.req.header('host') ?? '').replace(/:\d+$/, '')
    if (!options.hosts.includes('*') && !options.hosts.includes(host)) {
      throw new Refusal(
        'forbidden',
        `The house does not answer to the name ${host.slice(0, 100)}; add it to [house] hosts.`,
      )
    }
    await next()
    for (const [name, value] of Object.entries(securityHeaders)) if (!c.res.headers.has(name)) c.header(name, value)
  })
  app.use('*', bodyLimit({ maxSize: mostBodyBytes, onError: tooLarge }))

  const callerOf = async (c: Context<Env>): Promise<Identity> => {
    const bearer = c.req.header('authorization')?.match(/^Bearer (.+)$/i)?.[1]
    if (bearer) return identify(options.db, bearer, 'token')
    const cookie = getCookie(c, sessionCookie)
    if (!cookie) throw new Refusal('unauthenticated', 'Send a bearer token or sign in first.')
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') guardAgainstForgery(c)
    return identify(options.db, cookie, 'session')
  }

  for (const [name, route] of Object.entries(api) as [keyof typeof api, Route][]) {
    app.on(route.method, route.path.replace(/\{(\w+)\}/g, ':$1'), async (c) => {
      if (name === 'signIn') limit(remoteOf(c))
      const caller: Identity =
        route.scope === 'none'
          ? { personId: null, role: 'viewer', kind: 'token', name: '', tokenId: '' }
          : await callerOf(c)
      if (!mayCall(caller.role, route.scope)) {
        throw new Refusal('forbidden', `Your role (${caller.role}) may not do this; ask an admin.`)
      }
      const call = {
        params: c.req.param() as Record<string, string>,
        query: route.query ? route.query.parse(c.req.query()) : undefined,
        body: route.body ? route.body.parse(await bodyOf(c)) : undefined,
      }
      const handler = options.handlers[name] as (call: unknown, caller: Identity) => Promise<unknown>
      const reply = await handler(call, caller)
      applySession(c, name, reply)
      return c.json(withoutSession(reply) as object, (route.status ?? 200) as 200)
    })
  }

  app.get('/v1/events', async (c) => {
    await callerOf(c)
    const header = c.req.header('last-event-id')
    const query = z
      .object({ after: z.coerce.number().int().min(0).default(0), task: z.string().optional() })
      .parse({ ...c.req.query(), ...(header ? { after: header } : {}) })
    await options.stream.attach(c.env.outgoing, { after: query.after, task: query.task ?? null })
    return RESPONSE_ALREADY_SENT
  })
  app.on(['GET', 'POST'], modelPaths, async (c) => {
    const caller = await callerOf(c)
    if (!mayCall(caller.role, 'task:write'))
      throw new Refusal('forbidden', `Your role (${caller.role}) may not use models.`)
    return options.models(c.req.raw)
  })
  app.get('/openapi.json', (c) => c.json(openApiDocument(api, options.version)))
  for (const { path, app: sub } of options.mounts ?? []) app.route(path, sub)
  app.get('*', (c) => {
    if (c.req.path.startsWith('/v1/')) throw new Refusal('not_found', `There is no ${c.req.path} in this API.`)
    return options.web.serve(c.req.path, c.req.header('if-none-match') ?? null)
  })
  app.all('*', (c) => {
    throw new Refusal('not_found', `There is no ${c.req.method} ${c.req.path} in this API; see /openapi.json.`)
  })
  return app
}

const tooLarge = () => {
  throw new Refusal('too_large', 'The request is over 64 MB; send fewer or smaller pictures.')
}

const remoteOf = (c: Context<Env>): string => c.env.incoming.socket.remoteAddress ?? 'unknown'

/** A cookie alone is not enough to write: browsers say which page a request comes from, and it must be ours. */
export function guardAgainstForgery(c: Context): void {
  const site = c.req.header('sec-fetch-site')
  const origin = c.req.header('origin')
  const own = site ? site === 'same-origin' : origin !== undefined && URL.parse(origin)?.host === c.req.header('host')
  if (!own)
    throw new Refusal('forbidden', 'This write did not come from the house’s own page; reload it and try again.')
}

async function bodyOf(c: Context<Env>): Promise<unknown> {
  try {
    const text = await c.req.text()
    return text === '' ? {} : JSON.parse(text)
  } catch {
    throw new Refusal('bad_request', 'The body is not valid JSON.')
  }
}

function toRefusal(error: Error): Refusal | null {
  if (error instanceof z.ZodError) {
    const issue = error.issues[0]
    const where = issue?.path.join('.') || 'the request'
    return new Refusal('bad_request', `${where}: ${issue?.message ?? 'not valid'}.`, error.issues)
  }
  return null
}

/** `signIn` hands the session's secret to this layer alone, which puts it into a cookie the page cannot read. */
interface SessionReply {
  session?: string
}

function applySession(c: Context<Env>, name: keyof typeof api, reply: unknown): void {
  const { session } = reply as SessionReply
  const secure = c.req.header('x-forwarded-proto') === 'https' || new URL(c.req.url).protocol === 'https:'
  if (name === 'signIn' && session) {
    setCookie(c, sessionCookie, session, { httpOnly: true, sameSite: 'Lax', path: '/', maxAge: 30 * 86_400, secure })
  }
  if (name === 'signOut') deleteCookie(c, sessionCookie, { path: '/' })
}

function withoutSession(reply: unknown): unknown {
  if (reply === null || typeof reply !== 'object' || !('session' in reply)) return reply
  const { session: _, ...rest } = reply as SessionReply
  return rest
}
