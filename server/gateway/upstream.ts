// The gateway's way to an endpoint: no redirects (a key must not travel), no timeouts (local models read slowly).
import { Agent, fetch as undiciFetch } from 'undici'
import type { ModelEndpoint } from './gateway.ts'
import { wires } from './wires/table.ts'
import type { Outbound } from './wires/wire.ts'

export type UpstreamFetch = (
  url: string,
  init: { method: 'POST'; headers: Record<string, string>; body: string; signal: AbortSignal },
) => Promise<Response>

/** Makes the way out; connections are kept. `close` drops them. */
export function createUpstream(): { fetch: UpstreamFetch; close(): Promise<void> } {
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, connectTimeout: 30_000 })
  return {
    fetch: (url, init) => undiciFetch(url, { ...init, dispatcher, redirect: 'manual' }) as unknown as Promise<Response>,
    close: () => dispatcher.destroy(),
  }
}

/** Path that a base address without any path is taken to mean. */
const defaultBase: Record<ModelEndpoint['wire'], string> = {
  'openai-chat': '/v1',
  'openai-responses': '/v1',
  anthropic: '/v1',
  gemini: '/v1beta',
}

/** Full address of a call. A base address with a path is taken as it is. */
export function addressOf(endpoint: ModelEndpoint, outbound: Outbound): string {
  const base = new URL(endpoint.baseUrl)
  const path = base.pathname.replace(/\/+$/, '') || defaultBase[endpoint.wire]
  return base.origin + path + outbound.path
}

/** Only what the endpoint needs: the agent's own headers stay behind but for those the wire names. */
export function headersFor(endpoint: ModelEndpoint, from: Headers, sameWire: boolean): Record<string, string> {
  const wire = wires[endpoint.wire]
  const headers: Record<string, string> = { 'content-type': 'application/json', 'accept-encoding': 'identity' }
  Object.assign(headers, wire.headers(endpoint))
  if (!sameWire) return headers
  for (const name of wire.passHeaders) {
    const value = from.get(name)
    if (value !== null) headers[name] = value
  }
  return headers
}
