// Talks to the team's identity provider: authorization code with PKCE, state and nonce; signatures are always checked.
import { randomBytes } from 'node:crypto'
import { Refusal } from '@seatrial/protocol'
import * as openid from 'openid-client'
import { type HouseToml, readSecret } from '../project/house-toml.ts'

/** What the provider says about who came. */
export interface Claims {
  /** `issuer#sub`; the only thing that a person is known by. */
  subject: string
  name: string
  email: string | null
  /** The provider vouches for the address; an address that is only claimed opens nothing. */
  emailVerified: boolean
}

export interface Oidc {
  /** Mail domains that may sign in; empty means everybody the provider lets in. */
  domains: readonly string[]
  /** Starts a sign-in and says where to send the browser. `browser` is a secret that only this browser holds. */
  begin(start: { redirectUri: string; returnTo: string; browser: string }): Promise<URL>
  /** Ends it. Each start ends once, in the browser that began it, within ten minutes. */
  finish(answer: { search: string; browser: string | undefined }): Promise<{ claims: Claims; returnTo: string }>
}

interface Started {
  browser: string
  redirectUri: string
  returnTo: string
  verifier: string
  nonce: string
  at: number
}

type Settings = NonNullable<HouseToml['oidc']>

const startedForMs = 10 * 60_000
const mostStarted = 10_000
const answerSeconds = 10

/** Null when house.toml names no provider. Refuses when its secret cannot be read; the provider itself is asked later. */
export async function openOidc(options: {
  settings: Settings | null
  env: Readonly<Record<string, string | undefined>>
  housePath: string
  now?: () => number
}): Promise<Oidc | null> {
  const { settings } = options
  if (!settings) return null
  const issuer = new URL(settings.issuer)
  if (issuer.protocol === 'http:' && !['127.0.0.1', 'localhost', '[::1]'].includes(issuer.hostname)) {
    throw new Refusal('unprocessable', `${options.housePath}: oidc.issuer must be an https address.`)
  }
  const ref = { env: settings.clientSecretEnv, file: settings.clientSecretFile }
  const secret = await readSecret(ref, options.env, options.housePath, 'the secret of [oidc]')
  const now = options.now ?? Date.now
  const started = new Map<string, Started>()
  let known: Promise<openid.Configuration> | null = null
  /** Asked once it is needed, and again when it did not answer. */
  const provider = (): Promise<openid.Configuration> => {
    known ??= discover(issuer, settings, secret).catch((error) => {
      known = null
      throw error
    })
    return known
  }
  const remember = (state: string, one: Started): void => {
    started.set(state, one)
    for (const [other, { at }] of started) {
      if (started.size <= mostStarted && at > now() - startedForMs) break
      started.delete(other)
    }
  }

  return {
    domains: settings.domains.map((domain) => domain.toLowerCase().replace(/^@/, '')),
    async begin({ redirectUri, returnTo, browser }) {
      const config = await told(provider())
      const state = randomBytes(24).toString('base64url')
      const verifier = openid.randomPKCECodeVerifier()
      const nonce = openid.randomNonce()
      remember(state, { browser, redirectUri, returnTo, verifier, nonce, at: now() })
      return openid.buildAuthorizationUrl(config, {
        redirect_uri: redirectUri,
        scope: settings.scopes.join(' '),
        code_challenge: await openid.calculatePKCECodeChallenge(verifier),
        code_challenge_method: 'S256',
        state,
        nonce,
      })
    },
    async finish({ search, browser }) {
      const state = new URLSearchParams(search).get('state') ?? ''
      const found = started.get(state)
      if (!found || found.browser !== browser || found.at <= now() - startedForMs) {
        throw new Refusal('forbidden', 'This sign-in was not started in this browser, or not just now; start it again.')
      }
      // Before anything is awaited: the same answer sent twice at once ends once.
      started.delete(state)
      const config = await told(provider())
      return { claims: await told(readAnswer(config, found, state, search)), returnTo: found.returnTo }
    },
  }
}

async function discover(issuer: URL, settings: Settings, secret: string | null): Promise<openid.Configuration> {
  const execute = issuer.protocol === 'http:' ? [openid.allowInsecureRequests] : []
  const found = await openid.discovery(issuer, settings.clientId, undefined, openid.None(), {
    execute,
    timeout: answerSeconds,
  })
  const server = found.serverMetadata()
  const ways = server.token_endpoint_auth_methods_supported ?? ['client_secret_basic']
  const auth =
    secret === null
      ? openid.None()
      : ways.includes('client_secret_basic')
        ? openid.ClientSecretBasic(secret)
        : openid.ClientSecretPost(secret)
  const config = new openid.Configuration(server, settings.clientId, { [openid.clockTolerance]: 30 }, auth)
  config.timeout = answerSeconds
  for (const apply of execute) apply(config)
  // Without this the library trusts TLS alone for tokens that come straight from the provider.
  openid.enableNonRepudiationChecks(config)
  return config
}

async function readAnswer(
  config: openid.Configuration,
  { redirectUri, verifier, nonce }: Started,
  state: string,
  search: string,
): Promise<Claims> {
  const tokens = await openid.authorizationCodeGrant(config, new URL(redirectUri + search), {
    pkceCodeVerifier: verifier,
    expectedState: state,
    expectedNonce: nonce,
    idTokenExpected: true,
  })
  const signed = tokens.claims()
  if (!signed) throw new Refusal('forbidden', 'The identity provider did not say who you are.')
  // Some providers keep name and address out of the token; their userinfo answer must name the same subject.
  const asked = signed.email === undefined && config.serverMetadata().userinfo_endpoint !== undefined
  const more = asked ? await openid.fetchUserInfo(config, tokens.access_token, signed.sub) : {}
  const claims: Record<string, unknown> = { ...more, ...signed }
  const email = typeof claims.email === 'string' && claims.email.includes('@') ? claims.email.toLowerCase() : null
  const name = [claims.name, claims.preferred_username, email, signed.sub].find(
    (each): each is string => typeof each === 'string' && each.trim() !== '',
  )!
  return {
    subject: `${signed.iss}#${signed.sub}`,
    name: name.trim().slice(0, 100),
    email: email?.slice(0, 200) ?? null,
    emailVerified: claims.email_verified === true,
  }
}

/** Errors of the provider become one sentence each; what is ours stays a bug. */
async function told<T>(work: Promise<T>): Promise<T> {
  try {
    return await work
  } catch (error) {
    throw toRefusal(error)
  }
}

const unreachable = new Set([
  'OAUTH_TIMEOUT',
  'OAUTH_ABORT',
  'OAUTH_RESPONSE_IS_NOT_CONFORM',
  'OAUTH_RESPONSE_IS_NOT_JSON',
])

function toRefusal(error: unknown): unknown {
  if (error instanceof openid.AuthorizationResponseError || error instanceof openid.ResponseBodyError) {
    // The word comes from a query or a foreign server: only what looks like a word of the standard is shown.
    const word = /^[a-z_]{1,40}$/.test(error.error) ? ` (${error.error})` : ''
    return new Refusal('forbidden', `The identity provider refused this sign-in${word}; start it again.`)
  }
  const fetchFailed = error instanceof TypeError && error.message === 'fetch failed'
  const code = error instanceof openid.ClientError ? (error.code ?? '') : ''
  if (fetchFailed || unreachable.has(code)) {
    return new Refusal('unavailable', 'The identity provider does not answer as it should; try again, or use a token.')
  }
  if (error instanceof openid.ClientError) {
    return new Refusal('forbidden', 'The identity provider’s answer did not stand up to its checks; start again.')
  }
  return error
}
