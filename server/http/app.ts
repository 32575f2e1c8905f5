// The HTTP face of the house: mounts the API table, checks who calls, turns refusals into statuses, serves the web app.
import type { HttpBindings } from '@hono/node-server'
import { RESPONSE_ALREADY_SENT } from '@hono/node-server/utils/response'
import { Refusal } from '@seatrial/protocol'
import { api, type Route } from '@seatrial/protocol/api'
import { type Context, Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import { databaseWasAway } from '../store/away.ts'
import type { Db } from '../store/database.ts'
import { namesFullDisk } from '../workspace/disk-space.ts'
import { endSession, type Identity, identify, mayCall } from './access.ts'
import { callerAddress, type Front } from './address.ts'
import type { Handlers } from './handlers.ts'
import type { Oidc } from './oidc.ts'
import { oidcRoutes } from './oidc-routes.ts'
import { openApiDocument } from './openapi.ts'
import { createRateLimit } from './rate-limit.ts'
import { clearSession, readSession, writeSession } from './session-cookie.ts'
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
  front: Front
  /** The team's identity provider, if there is one. */
  oidc: Oidc | null
  version: string
  /** More sub-apps with their own access rules: model endpoint, comparison pages, feeds. */
  mounts?: { path: string; app: Hono }[]
  /** The OpenAI-compatible endpoint over models of one's own; the caller is checked before. */
  models(request: Request): Promise<Response> | Response
  onBug(error: Error): void
}

type Env = { Bindings: HttpBindings; Variables: { identity: Identity } }

/** Paths of the OpenAI API that the house itself answers. */
const modelPaths = ['/v1/models', '/v1/models/*', '/v1/chat/completions', '/v1/embeddings', '/metrics']
const mostBodyBytes = 64 * 1024 * 1024
/** Each write that strangers may send (sign-in, subscriptions), and each that makes keys. */
const writesPerMinute = 30
const makesKeys: (keyof typeof api)[] = ['makeToken', 'invitePerson']
/** Forms of mounted pages: votes, and links out of mails. */
const mountedWritesPerMinute = 60

const nobody: Identity = { personId: null, role: 'viewer', kind: 'token', name: '', tokenId: '', signsIn: false }

export function createApp(options: AppOptions): Hono<Env> {
  const app = new Hono<Env>()
  const { db, front } = options
  const limitMountedWrites = createRateLimit({ perMinute: mountedWritesPerMinute })

  app.onError((error, c) => {
    const refusal = error instanceof Refusal ? error : toRefusal(error)
    if (refusal?.code === 'too_many') c.header('retry-after', '60')
    if (refusal !== error && (refusal?.status ?? 500) >= 500) options.onBug(error)
    if (refusal) return c.json(refusal.toBody(), refusal.status)
    const bug = new Refusal('unavailable', 'The house met a bug of its own; its log has the details.')
    return c.json(bug.toBody(), 500)
  })
  app.use('*', async (c, next) => {
    c.set('front', front)
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
    if (bearer) return identify(db, bearer, 'token')
    const cookie = readSession(c)
    if (!cookie) throw new Refusal('unauthenticated', 'Send a bearer token or sign in first.')
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') guardAgainstForgery(c)
    return identify(db, cookie, 'session')
  }

  const limitMounted = async (c: Context<Env>, next: () => Promise<void>): Promise<void> => {
    if (c.req.method !== 'GET' && c.req.method !== 'HEAD') limitMountedWrites(callerAddress(c))
    await next()
  }
  /** A new session takes the place of the one before it, so that a cookie planted earlier is worth nothing. */
  const applySession = async (c: Context<Env>, name: keyof typeof api, reply: unknown): Promise<void> => {
    if (name === 'signOut') clearSession(c)
    const { session } = reply as SessionReply
    if (name !== 'signIn' || !session) return
    const before = readSession(c)
    if (before) await endSession(db, before)
    writeSession(c, session)
  }

  for (const [name, route] of Object.entries(api) as [keyof typeof api, Route][]) {
    const foreign = route.scope === 'none' && route.method !== 'GET'
    const limit = foreign || makesKeys.includes(name) ? createRateLimit({ perMinute: writesPerMinute }) : null
    app.on(route.method, route.path.replace(/\{(\w+)\}/g, ':$1'), async (c) => {
      limit?.(callerAddress(c))
      // Nobody may be signed in as somebody else by a page of another site.
      if (foreign && isFromBrowser(c)) guardAgainstForgery(c)
      const caller: Identity = route.scope === 'none' ? nobody : await callerOf(c)
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
      await applySession(c, name, reply)
      return c.json(withoutSession(reply) as object, (route.status ?? 200) as 200)
    })
  }

  app.get('/v1/events', async (c) => {
    const { tokenId, personId } = await callerOf(c)
    const header = c.req.header('last-event-id')
    const query = z
      .object({ after: z.coerce.number().int().min(0).default(0), task: z.string().optional() })
      .parse({ ...c.req.query(), ...(header ? { after: header } : {}) })
    const holder = { tokenId, personId }
    await options.stream.attach(c.env.outgoing, { after: query.after, task: query.task ?? null, holder })
    return RESPONSE_ALREADY_SENT
  })
  app.on(['GET', 'POST'], modelPaths, async (c) => {
    const caller = await callerOf(c)
    if (!mayCall(caller.role, 'task:write'))
      throw new Refusal('forbidden', `Your role (${caller.role}) may not use models.`)
    return options.models(c.req.raw)
  })
  app.get('/openapi.json', (c) => c.json(openApiDocument(api, options.version)))
  app.route('/', oidcRoutes({ db, oidc: options.oidc }))
  for (const { path, app: sub } of options.mounts ?? []) {
    app.use(`${path === '/' ? '' : path}/*`, limitMounted)
    app.route(path, sub)
  }
  app.get('*', (c) => {
    if (c.req.path.startsWith('/v1/')) throw new Refusal('not_found', `There is no ${c.req.path} in this API.`)
    return options.web.serve({
      path: c.req.path,
      ifNoneMatch: c.req.header('if-none-match') ?? null,
      acceptEncoding: c.req.header('accept-encoding') ?? null,
    })
  })
  app.all('*', (c) => {
    throw new Refusal('not_found', `There is no ${c.req.method} ${c.req.path} in this API; see /openapi.json.`)
  })
  return app
}

const tooLarge = () => {
  throw new Refusal('too_large', 'The request is over 64 MB; send fewer or smaller pictures.')
}

const isFromBrowser = (c: Context<Env>): boolean => Boolean(c.req.header('sec-fetch-site') ?? c.req.header('origin'))

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
  if (databaseWasAway(error))
    return new Refusal('unavailable', 'The house cannot reach its database right now; try again when it is back.')
  if (namesFullDisk(error))
    return new Refusal('no_space', 'No space left on the disk of the house; free some or run `seatrial gc`.')
  return null
}

/** `signIn` hands the session's secret to this layer alone, which puts it into a cookie the page cannot read. */
interface SessionReply {
  session?: string
}

function withoutSession(reply: unknown): unknown {
  if (reply === null || typeof reply !== 'object' || !('session' in reply)) return reply
  const { session: _, ...rest } = reply as SessionReply
  return rest
}
