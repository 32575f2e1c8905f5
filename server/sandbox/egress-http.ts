// Plain HTTP through the proxy: forwarded as it is, or over TLS with a credential that only the house knows.
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http'
import { request as httpsRequest } from 'node:https'
import { isIP } from 'node:net'
import { type Credential, credentialsFor, refusalOf } from './egress-credential.ts'
import type { Pass } from './egress-gate.ts'
import { cleanHost } from './egress-rules.ts'
import { counter } from './egress-tunnel.ts'

/** Headers that concern one connection only (RFC 9110, 7.6.1), and those a proxy must not pass on. */
const ownHeaders = new Set([
  'connection',
  'keep-alive',
  'proxy-authenticate',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'host',
])

export interface Way {
  credentials: readonly Credential[]
  ask(host: string, port: number): Promise<Pass>
  /** For tests alone: what the far side is checked against. */
  ca?: string | undefined
}

/** `base` is the address whose name the proxy answers in; without it, requests name their own. */
export async function passHttp(
  request: IncomingMessage,
  response: ServerResponse,
  { credentials, ask, ca }: Way,
  base: URL | null,
): Promise<void> {
  const url = base ? inside(base, request.url ?? '') : readUrl(request.url ?? '')
  const host = url && cleanHost(url.hostname)
  if (!url || !host) return refuse(response, 400, 'This is a proxy: it takes http:// addresses and CONNECT.')
  const injected = credentialsFor(credentials, host)
  const tls = base !== null || (injected.length > 0 && injected.some((each) => each.tls !== false))
  const port = url.port ? Number(url.port) : tls ? 443 : 80
  const refusal = injected.length > 0 ? refusalOf(injected, request, url) : null
  if (refusal !== null) return refuse(response, 403, refusal)
  const pass = await ask(host, port)
  if (pass.verdict === 'denied') return refuse(response, 403, pass.sentence)
  const headers = passedHeaders(request)
  for (const { header, value } of injected) headers[header.toLowerCase()] = value
  headers.host = url.host
  const far = (tls ? httpsRequest : httpRequest)({
    host: pass.address,
    port,
    method: request.method,
    path: url.pathname + url.search,
    headers,
    agent: false,
    ...(tls ? { servername: isIP(host) ? '' : host, ...(ca ? { ca } : {}) } : {}),
  })
  const end = () => {
    request.destroy()
    far.destroy()
    response.destroy()
    pass.done()
  }
  far.setTimeout(120_000, end)
  far.once('response', (answer) => {
    response.writeHead(answer.statusCode ?? 502, passedHeaders(answer))
    answer.on('error', end)
    answer.pipe(counter((bytes) => pass.count('received', bytes), end)).pipe(response)
  })
  far.once('error', () => {
    if (response.headersSent) response.destroy()
    else refuse(response, 502, `${host} could not be reached.`)
    pass.done()
  })
  response.once('close', () => {
    far.destroy()
    pass.done()
  })
  request.once('error', end)
  request.pipe(counter((bytes) => pass.count('sent', bytes), end)).pipe(far)
}

function readUrl(text: string): URL | null {
  const url = URL.canParse(text) ? new URL(text) : null
  return url?.protocol === 'http:' && !url.username && !url.password ? url : null
}

/** Addresses inside a connection are paths; an absolute one must be for the same place. */
function inside(base: URL, text: string): URL | null {
  const url = URL.canParse(text, base.href) ? new URL(text, base.href) : null
  return url?.host === base.host && url.protocol === base.protocol ? url : null
}

function passedHeaders(message: IncomingMessage): OutgoingHttpHeaders {
  const named = String(message.headers.connection ?? '')
    .toLowerCase()
    .split(/\s*,\s*/)
  return Object.fromEntries(
    Object.entries(message.headers).filter(([name]) => !ownHeaders.has(name) && !named.includes(name)),
  )
}

function refuse(response: ServerResponse, status: number, sentence: string): void {
  response.writeHead(status, { 'content-type': 'text/plain', connection: 'close' }).end(`${sentence}\n`)
}
