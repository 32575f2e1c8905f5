// The gateway's way to an endpoint: no redirects (a key must not travel), no timeouts (local models read slowly).
import { Agent, request } from 'undici'
import type { ModelEndpoint } from './gateway.ts'
import { wires } from './wires/table.ts'
import type { Outbound } from './wires/wire.ts'

/** What the gateway needs of an answer; a fetch `Response` fits. */
export interface UpstreamResponse {
  status: number
  headers: Headers
  body: { getReader(): { read(): Promise<{ done?: boolean | undefined; value?: Uint8Array | undefined }> } } | null
  text(): Promise<string>
}

export type UpstreamFetch = (
  url: string,
  init: { method: 'POST'; headers: Record<string, string>; body: string; signal: AbortSignal },
) => Promise<UpstreamResponse>

/** Makes the way out; connections are kept. `close` drops them. */
export function createUpstream(): { fetch: UpstreamFetch; close(): Promise<void> } {
  const dispatcher = new Agent({ headersTimeout: 0, bodyTimeout: 0, connect: { timeout: 30_000 } })
  return {
    // `request` follows no redirects, and costs a third of what `fetch` does per piece of a stream.
    async fetch(url, init) {
      const answer = await request(url, { ...init, dispatcher })
      const pieces = answer.body[Symbol.asyncIterator]()
      return {
        status: answer.statusCode,
        headers: headersOf(answer.headers),
        body: { getReader: () => ({ read: () => pieces.next() }) },
        text: () => answer.body.text(),
      }
    },
    close: () => dispatcher.destroy(),
  }
}

function headersOf(raw: Record<string, string | string[] | undefined>): Headers {
  const headers = new Headers()
  for (const [name, value] of Object.entries(raw)) {
    for (const one of [value ?? []].flat()) headers.append(name, one)
  }
  return headers
}

/** Path that a base address without any path is taken to mean. */
const defaultBase: Record<ModelEndpoint['wire'], string> = {
  'openai-chat': '/v1',
  'openai-responses': '/v1',
  anthropic: '/v1',
  gemini: '/v1beta',
}

/** The base address of a wire's calls. One with a path is taken as it is. */
export function baseOf({ baseUrl, wire }: Pick<ModelEndpoint, 'baseUrl' | 'wire'>): string {
  const base = new URL(baseUrl)
  return base.origin + (base.pathname.replace(/\/+$/, '') || defaultBase[wire])
}

/** Full address of a call. */
export function addressOf(endpoint: ModelEndpoint, outbound: Outbound): string {
  return baseOf(endpoint) + outbound.path
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
