// Plain HTTP through the proxy: forwarded as it is, or over TLS with a credential that only the house knows.
import { request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders, type ServerResponse } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Pass } from './egress-gate.ts'
import { cleanHost } from './egress-rules.ts'
import { counter } from './egress-tunnel.ts'

export interface Injection {
  /** Exact host the credential is for. */
  host: string
  header: string
  value: string
  /** False sends the request on as plain HTTP; true (TLS) when left out. */
  tls?: boolean
}

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

export async function passHttp(
  request: IncomingMessage,
  response: ServerResponse,
  injections: Injection[],
  ask: (host: string, port: number) => Promise<Pass>,
): Promise<void> {
  const url = readUrl(request.url ?? '')
  const host = url && cleanHost(url.hostname)
  if (!url || !host) return refuse(response, 400, 'This is a proxy: it takes http:// addresses and CONNECT.')
  const injected = injections.filter((each) => cleanHost(each.host) === host)
  const tls = injected.length > 0 && injected.some((each) => each.tls !== false)
  const port = url.port ? Number(url.port) : tls ? 443 : 80
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
    ...(tls ? { servername: host } : {}),
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
