// Answers TLS in the name of hosts that a credential is kept for, so that tools inside need no other address for them.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { Duplex } from 'node:stream'
import { createSecureContext, type SecureContext, TLSSocket } from 'node:tls'
import { makeAuthority } from './certificate.ts'
import { credentialsFor } from './egress-credential.ts'
import { passHttp, type Way } from './egress-http.ts'

interface Target {
  host: string
  port: number
}

export interface Answers {
  certificate: string
  inNameOf(host: string, port: number): boolean
  /** Takes a connection that was asked for by CONNECT; every request inside is decided on by itself. */
  take(client: Duplex, head: Buffer, target: Target): void
  close(): void
}

export function openAnswers(way: Way): Answers {
  const authority = makeAuthority()
  const contexts = new Map<string, SecureContext>()
  const contextFor = (host: string): SecureContext => {
    const context = contexts.get(host) ?? createSecureContext(authority.issue(host))
    contexts.set(host, context)
    return context
  }
  const bases = new WeakMap<Duplex, URL>()
  const server = createServer({ maxHeaderSize: 32 * 1024 }, (request: IncomingMessage, response: ServerResponse) => {
    void passHttp(request, response, way, bases.get(request.socket) ?? null)
  })
  return {
    certificate: authority.certificate,
    inNameOf: (host, port) => credentialsFor(way.credentials, host).some((each) => (each.port ?? 443) === port),
    take(client, head, { host, port }) {
      client.write('HTTP/1.1 200 Connection Established\r\n\r\n')
      if (head.length > 0) client.unshift(head)
      const inside = new TLSSocket(client as never, {
        isServer: true,
        secureContext: contextFor(host),
        ALPNProtocols: ['http/1.1'],
      })
      inside.on('error', () => client.destroy())
      bases.set(inside, new URL(`https://${host.includes(':') ? `[${host}]` : host}:${port}`))
      server.emit('connection', inside)
    },
    close: () => server.closeAllConnections(),
  }
}
