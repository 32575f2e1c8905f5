// The way out of a trial: a proxy on a Unix socket that denies by default, resolves names itself, dials the address it
// checked, can ask a person about one host while others go on, and tells of every request.
import { lookup } from 'node:dns/promises'
import { rm } from 'node:fs/promises'
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { EventBody } from '@seatrial/protocol'
import { openAnswers } from './egress-answers.ts'
import type { Credential } from './egress-credential.ts'
import { openGate } from './egress-gate.ts'
import { passHttp, type Way } from './egress-http.ts'
import { readAuthority } from './egress-rules.ts'
import { passTunnel } from './egress-tunnel.ts'

/** One request for the log; `asked` comes first when a person was asked, the outcome follows. */
export type EgressRequest = Omit<Extract<EventBody, { type: 'egress.asked' }>, 'type'>

export interface EgressOptions {
  /** Where to listen; a file left there is replaced. */
  socketPath: string
  /** Hosts that may be reached: `host`, `*.host`, either with `:port` (443 and 80 when left out). */
  allow: string[]
  /** What a person said of a host, looked up for each request; it is stronger than `allow` and presets. */
  ruled?(host: string, port: number): Promise<'always' | 'never' | null>
  presets: string[]
  /** What becomes of a host that no rule names. */
  unknown: 'ask' | 'deny'
  /** Told when each request ends, with the bytes that went through. */
  onRequest(request: EgressRequest): void
  /** Answers one request, and those to the same host that wait with it; `ruled` is what remembers. */
  ask(host: string, port: number): Promise<'once' | 'always' | 'never'>
  /**
   * Credentials added to requests to their hosts; the trial never sees them. The proxy answers in the name of such a
   * host with a certificate of its own, or takes plain HTTP, and goes on over TLS.
   */
  credentials?: Credential[]
  /** Bytes in both directions before everything is denied; no limit when left out. */
  byteBudget?: number
  /** For tests alone: private addresses (`address`) that may be dialled all the same. Never from configuration. */
  trustAddresses?: string[]
  /** For tests alone: what the certificates of hosts with a credential are checked against. */
  ca?: string
  /** For tests alone: name resolution. */
  resolve?(host: string): Promise<string[]>
}

export interface EgressProxy {
  socketPath: string
  /** Certificate that the trial has to trust, PEM; null when there are no credentials. */
  certificate: string | null
  close(): Promise<void>
}

/** Starts the proxy of one trial. Throws `Refusal` for an unknown preset. */
export async function startEgressProxy(options: EgressOptions): Promise<EgressProxy> {
  const gate = openGate(options, options.resolve ?? resolveName)
  const open = new Set<Duplex>()
  const credentials = options.credentials ?? []
  const way: Way = { credentials, ca: options.ca, ask: (host, port) => gate.ask(host, port) }
  const answers = credentials.length > 0 ? openAnswers(way) : null
  const server = createServer({ maxHeaderSize: 32 * 1024 })
  server.maxConnections = 512
  server.on('connection', (socket: Socket) => {
    open.add(socket)
    socket.on('close', () => open.delete(socket))
    socket.on('error', () => socket.destroy())
  })
  server.on('connect', (request: IncomingMessage, client: Duplex, head: Buffer) => {
    const target = readAuthority(request.url ?? '')
    if (!target) return refuseTunnel(client, 400, 'CONNECT needs host:port.')
    if (answers?.inNameOf(target.host, target.port)) return answers.take(client, head, target)
    void gate.ask(target.host, target.port).then((pass) => {
      if (pass.verdict === 'denied') refuseTunnel(client, 403, pass.sentence)
      else passTunnel(client, head, pass, open)
    })
  })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => {
    void passHttp(request, response, way, null)
  })
  await rm(options.socketPath, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.socketPath, resolve)
  })
  return {
    socketPath: options.socketPath,
    certificate: answers?.certificate ?? null,
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of open) socket.destroy()
      server.closeAllConnections()
      answers?.close()
      await closed
      await rm(options.socketPath, { force: true })
    },
  }
}

function refuseTunnel(client: Duplex, status: 400 | 403, sentence: string): void {
  const reason = status === 403 ? 'Forbidden' : 'Bad Request'
  client.end(
    `HTTP/1.1 ${status} ${reason}\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(sentence) + 1}\r\nConnection: close\r\n\r\n${sentence}\n`,
  )
}

async function resolveName(host: string): Promise<string[]> {
  return (await lookup(host, { all: true, verbatim: true })).map(({ address }) => address)
}

/** The environment that makes tools inside use the proxy behind `port`. */
export function proxyEnv(port: number): Record<string, string> {
  const url = `http://127.0.0.1:${port}`
  const direct = 'localhost,127.0.0.1,::1'
  return {
    HTTP_PROXY: url,
    HTTPS_PROXY: url,
    ALL_PROXY: url,
    NO_PROXY: direct,
    http_proxy: url,
    https_proxy: url,
    all_proxy: url,
    no_proxy: direct,
    npm_config_proxy: url,
    npm_config_https_proxy: url,
    npm_config_noproxy: direct,
    // Node's own fetch and http look at the proxy variables only when told to.
    NODE_USE_ENV_PROXY: '1',
  }
}
