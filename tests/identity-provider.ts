// A small OpenID provider on a free port: discovery, authorize, token, keys, userinfo; with the faults a bad one would have.
import { createHash, generateKeyPairSync, type KeyObject, randomUUID, sign } from 'node:crypto'
import { createServer, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Visitor {
  sub: string
  name?: string
  email?: string
  email_verified?: boolean
}

export interface IdentityProvider {
  issuer: string
  /** Who sits before the browser. Claims left out of the token come from userinfo. */
  visitor: Visitor
  /** Changes what the id token says, or who signs it. */
  spoil: { claims?: Record<string, unknown>; foreignKey?: boolean; down?: boolean; inUserinfo?: boolean }
  /** Requests to the token address that were answered well. */
  granted: number
  close(): Promise<void>
}

export const clientId = 'seatrial'
export const clientSecret = 'a secret: with signs & spaces'

interface Grant {
  challenge: string
  nonce: string
  redirectUri: string
  visitor: Visitor
}

const base64 = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url')

export async function startIdentityProvider(): Promise<IdentityProvider> {
  const own = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const foreign = generateKeyPairSync('rsa', { modulusLength: 2048 })
  const grants = new Map<string, Grant>()
  const access = new Map<string, Visitor>()
  const provider = { visitor: { sub: 'nobody' }, spoil: {}, granted: 0 } as unknown as IdentityProvider

  const jwt = (claims: object, key: KeyObject): string => {
    const text = `${base64({ alg: 'RS256', kid: 'one', typ: 'JWT' })}.${base64(claims)}`
    return `${text}.${sign('sha256', Buffer.from(text), key).toString('base64url')}`
  }
  const pages: Record<string, (url: URL, request: IncomingMessage) => Promise<[number, object]>> = {
    'GET /.well-known/openid-configuration': async () => [
      200,
      {
        issuer: provider.issuer,
        authorization_endpoint: `${provider.issuer}/authorize`,
        token_endpoint: `${provider.issuer}/token`,
        jwks_uri: `${provider.issuer}/keys`,
        userinfo_endpoint: `${provider.issuer}/me`,
        response_types_supported: ['code'],
        id_token_signing_alg_values_supported: ['RS256'],
        token_endpoint_auth_methods_supported: ['client_secret_basic'],
      },
    ],
    'GET /keys': async () => [
      200,
      { keys: [{ ...own.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'RS256' }] },
    ],
    'GET /me': async (_, { headers }) => {
      const visitor = access.get(headers.authorization?.replace('Bearer ', '') ?? '')
      return visitor ? [200, visitor] : [401, { error: 'invalid_token' }]
    },
    'POST /token': async (_, request) => {
      let text = ''
      for await (const chunk of request) text += chunk
      const form = new URLSearchParams(text)
      const [id, secret] = Buffer.from(request.headers.authorization?.replace('Basic ', '') ?? '', 'base64')
        .toString()
        .split(':')
        .map((part) => decodeURIComponent(part.replaceAll('+', ' ')))
      if (id !== clientId || secret !== clientSecret) return [401, { error: 'invalid_client' }]
      const grant = grants.get(form.get('code') ?? '')
      grants.delete(form.get('code') ?? '')
      const proof = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url')
      if (!grant || grant.challenge !== proof || grant.redirectUri !== form.get('redirect_uri')) {
        return [400, { error: 'invalid_grant' }]
      }
      const { visitor, nonce } = grant
      const now = Math.floor(Date.now() / 1000)
      const said = provider.spoil.inUserinfo ? { sub: visitor.sub } : visitor
      const claims = { iss: provider.issuer, aud: clientId, iat: now, exp: now + 300, nonce, ...said }
      const token = randomUUID()
      access.set(token, visitor)
      provider.granted++
      const key = provider.spoil.foreignKey ? foreign.privateKey : own.privateKey
      const id_token = jwt({ ...claims, ...provider.spoil.claims }, key)
      return [200, { access_token: token, token_type: 'Bearer', expires_in: 300, id_token }]
    },
  }
  const server = createServer(async (request, response) => {
    const url = new URL(request.url ?? '/', provider.issuer)
    if (provider.spoil.down) return response.writeHead(503).end('down')
    if (url.pathname === '/authorize') {
      const asked = url.searchParams
      const code = randomUUID()
      grants.set(code, {
        challenge: asked.get('code_challenge') ?? '',
        nonce: asked.get('nonce') ?? '',
        redirectUri: asked.get('redirect_uri') ?? '',
        visitor: provider.visitor,
      })
      const back = new URL(asked.get('redirect_uri') ?? '')
      back.searchParams.set('code', code)
      back.searchParams.set('state', asked.get('state') ?? '')
      return response.writeHead(302, { location: back.href }).end()
    }
    const page = pages[`${request.method} ${url.pathname}`]
    const [status, body] = page ? await page(url, request) : [404, {}]
    response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(body))
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  provider.issuer = `http://127.0.0.1:${(server.address() as AddressInfo).port}`
  provider.close = () =>
    new Promise((resolve) => {
      server.close(() => resolve())
      server.closeAllConnections()
    })
  return provider
}
