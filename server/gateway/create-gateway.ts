// The gateway: takes any model request from inside a sandbox and answers it in the wire it came on.
import { randomUUID } from 'node:crypto'
import { Refusal } from '@seatrial/protocol'
import { answerCall } from './answer-call.ts'
import { tokensOf, usualBytesPerToken, weigh } from './estimate.ts'
import type { CallReport, Gateway, Ledger } from './gateway.ts'
import { writeCount, writeModels } from './model-list.ts'
import type { Json } from './neutral.ts'
import type { Prices } from './prices.ts'
import { refuse } from './refuse.ts'
import { type Route, routeOf, wireOfPath } from './route.ts'
import { type Account, createSpenders } from './spenders.ts'
import { createUpstream, type UpstreamFetch } from './upstream.ts'

export interface GatewayOptions {
  ledger: Ledger
  prices: Prices
  /** Told about every call, also about those that were not started. Must not throw. */
  onUsage(report: CallReport): void
  now?: () => Date
  upstreamFetch?: UpstreamFetch
}

const mostBodyBytes = 64 * 1024 * 1024

export function createGateway(options: GatewayOptions): Gateway {
  const own = options.upstreamFetch ? null : createUpstream()
  const house = {
    ledger: options.ledger,
    prices: options.prices,
    onUsage: options.onUsage,
    now: options.now ?? (() => new Date()),
    upstreamFetch: options.upstreamFetch ?? own!.fetch,
  }
  const spenders = createSpenders()

  const answer = async (request: Request, url: URL, route: Route, account: Account): Promise<Response> => {
    const { wire } = route
    const endpoint = account.spender.model
    if (route.wants === 'models') {
      return Response.json(writeModels(wire, endpoint, !/\/models$/.test(url.pathname)))
    }
    const text = await readText(request)
    if (text === null) {
      const sentence = `A request may have at most ${mostBodyBytes / 1024 / 1024} MiB.`
      return refuse(wire, { status: 413, kind: 'invalid', sentence })
    }
    const body = parse(text)
    if (body === null) {
      return refuse(wire, { status: 400, kind: 'invalid', sentence: 'The body is no JSON object.' })
    }
    if (route.wants === 'count') {
      const bytesPerToken = account.bytesPerToken ?? usualBytesPerToken
      return Response.json(writeCount(wire, tokensOf(weigh(body, text), bytesPerToken)))
    }
    return answerCall(house, { account, route, request, body, callId: randomUUID() })
  }

  return {
    mint: (spender) => spenders.mint(spender),
    revoke: (trialId, token) => spenders.revoke(trialId, token),

    async fetch(request) {
      const url = new URL(request.url)
      // Some agents first look whether anybody is there.
      if (url.pathname === '/' && request.method !== 'POST') return new Response(null, { status: 200 })
      const route = routeOf(request.method, url)
      const wire = route?.wire ?? wireOfPath(url.pathname)
      const account = spenders.find(request, url)
      if (!account) {
        return refuse(wire, { status: 401, kind: 'auth', sentence: 'This token is not known to the gateway.' })
      }
      if (account === 'ended') {
        return refuse(wire, { status: 403, kind: 'auth', sentence: 'Spending of this trial has ended.' })
      }
      if (!route) {
        const sentence = `The gateway serves no ${request.method} ${url.pathname}.`
        return refuse(wire, { status: 404, kind: 'not_found', sentence })
      }
      try {
        return await answer(request, url, route, account)
      } catch (error) {
        if (!(error instanceof Refusal)) throw error
        return refuse(wire, { status: error.status, kind: 'invalid', sentence: error.message })
      }
    },

    async close() {
      spenders.revokeAll()
      await own?.close()
    },
  }
}

/** The body as text, or null when it is too large. */
async function readText(request: Request): Promise<string | null> {
  if (!request.body) return ''
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of request.body) {
    size += piece.byteLength
    if (size > mostBodyBytes) return null
    pieces.push(piece)
  }
  return Buffer.concat(pieces).toString('utf8')
}

function parse(text: string): Json | null {
  try {
    const body = JSON.parse(text)
    return body !== null && typeof body === 'object' && !Array.isArray(body) ? body : null
  } catch {
    return null
  }
}
