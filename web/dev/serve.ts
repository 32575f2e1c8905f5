// A small house of example data behind the real API table: `node web/dev/serve.ts`, then open the printed address.
// Replies are parsed with the table's own schemas, so the examples cannot drift from the protocol.
import { existsSync, readFileSync } from 'node:fs'
import { createServer, type Server } from 'node:http'
import { extname, join } from 'node:path'
import { type Api, api, type Received, type Reply, type Route } from '@seatrial/protocol/api'
import { Refusal } from '@seatrial/protocol/refusal'
import * as example from './example.ts'
import { diffs, evidence, hunkNotes, panel, projects, tasks } from './example.ts'

type Handlers = { [Name in keyof Api]?: (call: Received<Api[Name]>) => Reply<Api[Name]> }

const csp =
  "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
  "font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
}

export interface ExampleOptions {
  tasks?: typeof tasks
  diffs?: typeof diffs
  dist?: string
  /** Diffs are held back until this resolves, so that a benchmark can start its clock. */
  gate?: () => Promise<void>
  /** Whether `whoAmI` knows the caller. */
  signedIn?: boolean
  /** More files to serve, by path. */
  extra?: Record<string, string>
}

export function exampleHandlers(options: ExampleOptions = {}): Handlers {
  const list = options.tasks ?? tasks
  const allDiffs = options.diffs ?? diffs
  const find = (id: string) => {
    const found = list.find((one) => one.id === id)
    if (!found) throw new Refusal('not_found', `No task ${id}.`)
    return found
  }
  const diffFor = (id: string, trial: string | undefined) => {
    const diff = allDiffs[trial ?? find(id).selection?.winner ?? find(id).trials[0]?.id ?? '']
    if (!diff) throw new Refusal('not_found', 'This trial has no candidate.')
    return diff
  }
  return {
    health: () => ({ ok: true, version: '0.1.0', store: 'example', uptimeSeconds: 1 }),
    whoAmI: () => {
      if (options.signedIn === false) throw new Refusal('unauthenticated', 'Sign in first.')
      return { personId: 'u-mira2345', name: 'Mira', role: 'admin', kind: 'person' }
    },
    signOut: () => ({ ok: true }),
    listTokens: () => ({
      tokens: [
        {
          id: 'st-laptop',
          name: 'laptop',
          role: 'admin',
          createdAt: '2026-11-01T09:00:00.000Z',
          expiresAt: null,
          lastUsedAt: '2026-11-23T08:00:00.000Z',
        },
        {
          id: 'st-ci',
          name: 'ci',
          role: 'member',
          createdAt: '2026-10-12T09:00:00.000Z',
          expiresAt: '2027-01-12T09:00:00.000Z',
          lastUsedAt: null,
        },
      ],
    }),
    listPeople: () => ({ people: [{ id: 'u-mira2345', name: 'Mira', email: null, role: 'admin' }] }),
    doctor: () => ({
      findings: [
        { area: 'git', level: 'ok', sentence: 'git 2.47 is here.' },
        { area: 'sandbox', level: 'ok', sentence: 'bubblewrap works without root.' },
        { area: 'sandbox', level: 'warning', sentence: 'No delegated cgroup: memory cannot be capped.' },
        { area: 'models', level: 'ok', sentence: 'devstral answers in 41 ms.' },
      ],
    }),
    listComparisons: () => ({ comparisons: example.comparisons }),
    ratings: () => ({ ratings: example.ratings, pairings: 109 }),
    listModels: () => ({ models: example.models, memoryBytes: 32 * 2 ** 30, contextTokens: 32_768, suggested: null }),
    listPulls: () => ({ pulls: [] }),
    listProjects: () => ({ projects }),
    getEgress: () => example.egress,
    listAgents: () => ({
      agents: [
        {
          id: 'seatrial',
          label: 'Seatrial agent',
          licence: 'Apache-2.0',
          origin: 'builtin',
          ready: true,
          missing: null,
          version: '0.1.0',
          wire: 'openai-chat',
          firstPromptTokens: 1900,
          minContextTokens: 8192,
          seesImages: true,
          mcp: 'both',
        },
        {
          id: 'refactor',
          label: 'Refactor',
          licence: 'Apache-2.0',
          origin: 'builtin',
          ready: true,
          missing: null,
          version: '0.1.0',
          wire: 'none',
          firstPromptTokens: 0,
          minContextTokens: 0,
          seesImages: false,
          mcp: 'none',
        },
        {
          id: 'opencode',
          label: 'OpenCode',
          licence: 'MIT',
          origin: 'installable',
          ready: true,
          missing: null,
          version: '1.2.0',
          wire: 'openai-chat',
          firstPromptTokens: 9800,
          minContextTokens: 32768,
          seesImages: true,
          mcp: 'both',
        },
        {
          id: 'gemini',
          label: 'Gemini CLI',
          licence: 'Apache-2.0',
          origin: 'installable',
          ready: false,
          missing: 'Install it with `seatrial agents add gemini`.',
          version: null,
          wire: 'gemini',
          firstPromptTokens: 8200,
          minContextTokens: 32768,
          seesImages: true,
          mcp: 'both',
        },
      ],
    }),
    listContenders: () => ({
      contenders: ['refactor', 'seatrial+devstral', 'opencode+devstral'].map((id) => ({
        id,
        agent: id.split('+')[0]!,
        model: id.split('+')[1] ?? null,
        adapter: null,
        settings: {},
      })),
    }),
    listTasks: ({ query }) => {
      const waiting = (one: (typeof list)[number]) =>
        ['waiting', 'failed'].includes(one.state) || one.asks.some(({ answer }) => answer === null)
      const found = list.filter((one) => (!query.state || one.state === query.state) && (!query.inbox || waiting(one)))
      const from = query.before ? found.findIndex(({ id }) => id === query.before) + 1 : 0
      const page = found.slice(from, from + query.limit)
      return { tasks: page, next: from + query.limit < found.length ? page.at(-1)!.id : null }
    },
    getTask: ({ params }) => find(params.id),
    getDiff: ({ params, query }) => diffFor(params.id, query.trial),
    getEvidence: () => evidence,
    getPanel: ({ query }) => ({ ...panel, trialId: query.trial ?? panel.trialId }),
    getHunkNotes: ({ params, query }) => ({ notes: hunkNotes(diffFor(params.id, query.trial)) }),
    listCheckpoints: ({ query }) => ({ checkpoints: query.trial ? example.checkpoints(query.trial) : [] }),
    listEvents: ({ query }) => {
      const events = query.task ? example.eventsOf(find(query.task)).filter(({ seq }) => seq > query.after) : []
      return { events, last: events.at(-1)?.seq ?? query.after }
    },
  }
}

const paths = (Object.entries(api) as [keyof Api, Route][]).map(([name, route]) => ({
  name,
  route,
  pattern: new RegExp(`^${route.path.replace(/\{(\w+)\}/g, '(?<$1>[^/]+)')}$`),
}))

/** Serves the built page and the example API on a free port of this machine. */
export async function serveExample(options: ExampleOptions = {}): Promise<{ url: string; server: Server }> {
  const handlers = exampleHandlers(options)
  const dist = options.dist ?? join(import.meta.dirname, '../dist')
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', 'http://localhost')
    const json = (status: number, body: unknown) => {
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
    }
    if (url.pathname === '/v1/events') {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).flushHeaders()
      return
    }
    const found = paths.find(({ route, pattern }) => route.method === request.method && pattern.test(url.pathname))
    if (found) {
      try {
        let text = ''
        for await (const chunk of request) text += chunk
        const call = {
          params: found.pattern.exec(url.pathname)?.groups ?? {},
          query: found.route.query?.parse(Object.fromEntries(url.searchParams)),
          body: found.route.body?.parse(JSON.parse(text || '{}')),
        }
        const handler = handlers[found.name] as ((call: unknown) => unknown) | undefined
        if (!handler) throw new Refusal('unprocessable', 'The example house only shows things.')
        const reply = JSON.stringify(found.route.reply.parse(handler(call)))
        if (found.name === 'getDiff') await options.gate?.()
        response.writeHead(200, { 'content-type': 'application/json' }).end(reply)
      } catch (error) {
        const refusal = error instanceof Refusal ? error : new Refusal('bad_request', String(error))
        json(refusal.status, refusal.toBody())
      }
      return
    }
    const extra = options.extra?.[url.pathname]
    if (extra !== undefined) {
      await options.gate?.()
      response.writeHead(200, { 'content-type': 'application/json' }).end(extra)
      return
    }
    if (url.pathname.startsWith('/v1/')) return json(404, new Refusal('not_found', 'Not in this API.').toBody())
    const asked = join(dist, url.pathname)
    const file = asked.startsWith(dist) && extname(asked) && existsSync(asked) ? asked : join(dist, 'index.html')
    response.writeHead(200, {
      'content-type': types[extname(file)] ?? 'application/octet-stream',
      'content-security-policy': csp,
    })
    response.end(readFileSync(file))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return { url: `http://127.0.0.1:${typeof address === 'object' && address ? address.port : 0}`, server }
}

if (import.meta.main) console.log((await serveExample()).url)
