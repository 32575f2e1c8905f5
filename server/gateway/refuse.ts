// What an agent is told when a call does not work out, in the words of its own wire and without any key.
import type { ModelEndpoint } from './gateway.ts'
import type { Json } from './neutral.ts'
import type { UpstreamResponse } from './upstream.ts'
import type { RefusedCall, Wire } from './wires/wire.ts'

/** Headers of an endpoint that agents use and that tell nothing about the house's account. */
const passedBack = ['retry-after', 'retry-after-ms', 'x-should-retry', 'request-id', 'x-request-id']

export function refuse(wire: Wire, refused: RefusedCall, headers: Record<string, string> = {}): Response {
  const final = refused.kind === 'budget' || refused.kind === 'auth' ? { 'x-should-retry': 'false' } : {}
  return Response.json(wire.writeError(refused), { status: refused.status, headers: { ...final, ...headers } })
}

export function headersBack(from: Headers): Record<string, string> {
  const headers: Record<string, string> = {}
  for (const name of passedBack) {
    const value = from.get(name)
    if (value !== null) headers[name] = value
  }
  return headers
}

/** Endpoints that quote a wrong key in their answer do not get to show it. */
const scrub = (text: string, endpoint: ModelEndpoint): string =>
  endpoint.apiKey ? text.replaceAll(endpoint.apiKey, '[key]') : text

const overflow = /context.?(length|window|size)|too long|exceed\w*.{0,60}(context|token)|maximum.{0,30}tokens/i

const kinds: Record<number, RefusedCall['kind']> = { 402: 'budget', 404: 'not_found', 429: 'rate_limit' }

/** An endpoint's refusal as the agent's own wire would have said it. */
export async function passError(
  response: UpstreamResponse,
  inbound: Wire,
  outbound: Wire,
  endpoint: ModelEndpoint,
): Promise<{ response: Response; sentence: string }> {
  const text = scrub((await response.text()).slice(0, 64 * 1024), endpoint)
  const headers = headersBack(response.headers)
  const { status } = response
  if (status === 401 || status === 403) {
    const sentence = `The endpoint of model ${endpoint.name} refused the house's key.`
    return { response: refuse(inbound, { status: 403, kind: 'auth', sentence }), sentence }
  }
  if (status < 400) {
    const sentence = `The endpoint of model ${endpoint.name} answered ${status} instead of an answer.`
    return { response: refuse(inbound, { status: 502, kind: 'upstream', sentence }), sentence }
  }
  const body = parse(text)
  const sentence = messageOf(body) ?? `The endpoint of model ${endpoint.name} answered ${status}.`
  if (body && inbound === outbound) return { response: Response.json(body, { status, headers }), sentence }
  const tooLong = status < 500 && overflow.test(sentence)
  const kind = tooLong ? 'overflow' : (kinds[status] ?? (status < 500 ? 'invalid' : 'upstream'))
  return { response: refuse(inbound, { status, kind, sentence }, headers), sentence }
}

function parse(text: string): Json | null {
  try {
    const body = JSON.parse(text)
    // Some endpoints wrap the one error in a list.
    const one = Array.isArray(body) ? body[0] : body
    return one !== null && typeof one === 'object' ? one : null
  } catch {
    return null
  }
}

function messageOf(body: Json | null): string | null {
  const message = body?.error?.message ?? body?.message ?? body?.error ?? body?.detail
  return typeof message === 'string' && message ? message : null
}
