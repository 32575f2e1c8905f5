// A team signs in: the whole way through a real provider over HTTP, with everything that may be wrong on that way.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { type Jar, openJar } from './browser-jar.ts'
import { openTestHouse, type TestHouse } from './house.ts'
import {
  clientId,
  clientSecret,
  type IdentityProvider,
  startIdentityProvider,
  type Visitor,
} from './identity-provider.ts'

let provider: IdentityProvider
let house: TestHouse
let secretDir: string

const ada: Visitor = { sub: 'ada', name: 'Ada', email: 'Ada@Example.org', email_verified: true }

beforeAll(async () => {
  provider = await startIdentityProvider()
  secretDir = mkdtempSync(join(tmpdir(), 'secret-'))
  writeFileSync(join(secretDir, 'oidc'), `${clientSecret}\n`)
  house = await openTestHouse({
    workers: 1,
    houseToml: `
[house]
trust_proxy = true
[oidc]
issuer = "${provider.issuer}"
client_id = "${clientId}"
client_secret_file = "${join(secretDir, 'oidc')}"
domains = ["example.org"]
`,
  })
})
afterEach(() => {
  provider.spoil = {}
  provider.visitor = ada
})
afterAll(async () => {
  await house.close()
  await provider.close()
  rmSync(secretDir, { recursive: true })
})

let callers = 0
/** Each browser comes from an address of its own, as a trusted proxy tells it, so that limits of one do not reach another. */
const browser = (more: Record<string, string> = {}): Jar =>
  openJar({ 'x-forwarded-for': `203.0.113.${++callers}`, ...more })

const at = (path: string): string => house.house.url + path
const locationOf = (response: Response): string => response.headers.get('location') ?? ''

/** From the house to the provider and to the address that leads back, which is not opened yet. */
async function begin(jar: Jar, returnTo = '/'): Promise<string> {
  const there = await jar.go(at(`/auth/login?return=${encodeURIComponent(returnTo)}`))
  expect(there.status).toBe(302)
  return locationOf(await fetch(locationOf(there), { redirect: 'manual' }))
}
const signIn = async (jar: Jar, visitor: Visitor, returnTo = '/'): Promise<Response> => {
  provider.visitor = visitor
  return jar.go(await begin(jar, returnTo))
}
const me = async (jar: Jar) => {
  const response = await jar.go(at('/v1/session'))
  return { status: response.status, ...((await response.json()) as { personId: string; name: string; role: string }) }
}
/** The one sentence of a refusal. */
const refused = async (response: Response): Promise<string> => {
  const { error } = (await response.json()) as { error: { sentence: string } }
  expect(error.sentence).toMatch(/^[A-Z].*\.$/)
  return `${response.status} ${error.sentence}`
}

test('the page knows which ways there are before anybody signed in', async () => {
  expect(await (await fetch(at('/v1/session/ways'))).json()).toEqual({ token: true, oidc: true })
})

test('the provider gets code, PKCE, state and nonce, all new each time', async () => {
  const one = new URL(locationOf(await browser().go(at('/auth/login'))))
  const two = new URL(locationOf(await browser().go(at('/auth/login'))))
  expect(one.origin + one.pathname).toBe(`${provider.issuer}/authorize`)
  expect(Object.fromEntries(one.searchParams)).toMatchObject({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: at('/auth/callback'),
    scope: 'openid profile email',
    code_challenge_method: 'S256',
  })
  for (const name of ['state', 'nonce', 'code_challenge']) {
    expect(one.searchParams.get(name)?.length).toBeGreaterThan(20)
    expect(one.searchParams.get(name)).not.toBe(two.searchParams.get(name))
  }
})

test('somebody new becomes a member, never an admin, and comes back as the same person', async () => {
  const jar = browser()
  const response = await signIn(jar, ada, '/tasks/t-1?tab=review#hunk')
  expect([response.status, locationOf(response)]).toEqual([302, '/tasks/t-1?tab=review#hunk'])
  expect(response.headers.getSetCookie().join()).toMatch(
    /seatrial_session=sts_[\w-]+; Max-Age=\d+; Path=\/; HttpOnly; SameSite=Lax/,
  )
  const first = await me(jar)
  expect(first).toMatchObject({ status: 200, name: 'Ada', role: 'member', kind: 'person' })
  const elsewhere = browser()
  await signIn(elsewhere, { ...ada, name: 'Ada L.', email: 'ada.l@example.org' })
  expect(await me(elsewhere)).toMatchObject({ personId: first.personId, name: 'Ada L.' })
  const { people } = await house.client.listPeople({})
  expect(people.find(({ id }) => id === first.personId)).toMatchObject({ email: 'ada@example.org', role: 'member' })
})

test('a subject that changes its name at the provider is told by userinfo where the token is silent', async () => {
  provider.spoil = { inUserinfo: true }
  const jar = browser()
  await signIn(jar, { sub: 'grace', name: 'Grace', email: 'grace@example.org', email_verified: true })
  expect(await me(jar)).toMatchObject({ status: 200, name: 'Grace' })
})

test.each([
  ['//evil.example/x'],
  ['/\\evil.example'],
  ['/.//evil.example'],
  ['https://evil.example/'],
  ['javascript:alert(1)'],
  ['/\t/evil.example'],
  ['/auth/login'],
  ['/v1/session'],
])('the way back never leads out of the house: %j', async (path) => {
  expect(locationOf(await signIn(browser(), ada, path))).toBe('/')
})

test('a state of nobody, of another browser, or used before opens nothing and spends no code', async () => {
  const jar = browser()
  const back = await begin(jar)
  const before = provider.granted
  const wrong = new URL(back)
  wrong.searchParams.set('state', 'x'.repeat(32))
  expect(await refused(await jar.go(wrong.href))).toMatch(/^403 This sign-in was not started in this browser/)
  expect(await refused(await browser().go(back))).toMatch(/^403 This sign-in was not started in this browser/)
  expect(provider.granted).toBe(before)
  expect((await me(jar)).status).toBe(401)
  expect((await jar.go(back)).status).toBe(302)
  expect(await refused(await jar.go(back))).toMatch(/^403 This sign-in was not started/)
  expect(provider.granted).toBe(before + 1)
})

test('two answers at the same moment sign in once', async () => {
  const jar = browser()
  const back = await begin(jar)
  const answers = await Promise.all([jar.go(back), jar.go(back)])
  expect(answers.map(({ status }) => status).toSorted()).toEqual([302, 403])
})

test('a code used before is refused by the provider, and said in one sentence', async () => {
  const jar = browser()
  const first = new URL(await begin(jar))
  await jar.go(first.href)
  const other = browser()
  const second = new URL(await begin(other))
  second.searchParams.set('code', first.searchParams.get('code') ?? '')
  expect(await refused(await other.go(second.href))).toBe(
    '403 The identity provider refused this sign-in (invalid_grant); start it again.',
  )
  expect((await me(other)).status).toBe(401)
})

test.each<[string, IdentityProvider['spoil']]>([
  ['another nonce', { claims: { nonce: 'of-somebody-else' } }],
  ['no nonce', { claims: { nonce: undefined } }],
  ['another audience', { claims: { aud: 'another-client' } }],
  ['another issuer', { claims: { iss: 'https://evil.example' } }],
  ['a past expiry', { claims: { exp: Math.floor(Date.now() / 1000) - 120 } }],
  ['a signature of another key', { foreignKey: true }],
])('a token with %s opens nothing', async (_, spoil) => {
  const jar = browser()
  provider.spoil = spoil
  expect(await refused(await signIn(jar, ada))).toMatch(/^403 The identity provider’s answer did not stand up/)
  expect((await me(jar)).status).toBe(401)
})

test.each([
  ['of another domain', { sub: 'eve', email: 'eve@evil.example', email_verified: true }],
  ['that only ends alike', { sub: 'eve', email: 'eve@notexample.org', email_verified: true }],
  ['with two signs', { sub: 'eve', email: 'eve@example.org@evil.example', email_verified: true }],
  ['nobody verified', { sub: 'eve', email: 'eve@example.org', email_verified: false }],
  ['that says nothing of being verified', { sub: 'eve', email: 'eve@example.org' }],
  ['that is missing', { sub: 'eve' }],
])('an address %s does not sign in', async (_, visitor) => {
  expect(await refused(await signIn(browser(), visitor))).toBe(
    '403 Only verified addresses at example.org may sign in here.',
  )
  const { people } = await house.client.listPeople({})
  expect(people.filter(({ email }) => email?.startsWith('eve'))).toEqual([])
})

test('who was invited by address keeps role and history; whose address is taken is sent to an admin', async () => {
  const invited = await house.client.invitePerson({ body: { name: 'Mira', email: 'mira@example.org', role: 'admin' } })
  const jar = browser()
  await signIn(jar, { sub: 'mira', name: 'Mira M.', email: 'mira@example.org', email_verified: true })
  expect(await me(jar)).toMatchObject({ personId: invited.id, role: 'admin' })
  const twin = await signIn(browser(), { sub: 'twin', email: 'mira@example.org', email_verified: true })
  expect(await refused(twin)).toMatch(/^403 Your address belongs to another person here/)
})

test('a person removed loses sessions and streams at once, and does not come back by signing in again', async () => {
  const jar = browser()
  const visitor = { sub: 'bob', name: 'Bob', email: 'bob@example.org', email_verified: true }
  await signIn(jar, visitor)
  const { personId } = await me(jar)
  const stream = await jar.go(at('/v1/events?after=0'))
  await house.client.removePerson({ params: { id: personId } })
  // Ends by itself, or the test runs into its time limit.
  for await (const _ of stream.body as unknown as AsyncIterable<Uint8Array>);
  expect((await me(jar)).status).toBe(401)
  expect(await refused(await signIn(browser(), visitor))).toMatch(/^403 You were removed from this house/)
  await house.client.invitePerson({ body: { name: 'Bob', email: 'bob@example.org', role: 'viewer' } })
  expect((await me(jar)).status).toBe(401)
  const back = browser()
  await signIn(back, visitor)
  expect(await me(back)).toMatchObject({ personId, role: 'viewer' })
})

test('a new role counts at once, up and down', async () => {
  const jar = browser()
  await signIn(jar, { sub: 'zoe', name: 'Zoe', email: 'zoe@example.org', email_verified: true })
  const { personId: id } = await me(jar)
  for (const role of ['admin', 'viewer'] as const) {
    await house.client.changePerson({ params: { id }, body: { role } })
    expect((await me(jar)).role).toBe(role)
  }
})

test('a token for programs stays one: no session for it, whoever made it; an invitation signs in', async () => {
  const trade = (token: string, headers: Record<string, string> = {}) =>
    browser(headers).go(at('/v1/session'), { method: 'POST', body: JSON.stringify({ token }) })
  const invited = await house.client.invitePerson({ body: { name: 'Kai', role: 'admin' } })
  const jar = browser()
  const signed = await jar.go(at('/v1/session'), { method: 'POST', body: JSON.stringify({ token: invited.secret }) })
  expect([signed.status, (await me(jar)).personId]).toEqual([200, invited.id])
  const made = await jar.go(at('/v1/tokens'), {
    method: 'POST',
    headers: { origin: house.house.url },
    body: JSON.stringify({ name: 'ci', role: 'admin', days: null }),
  })
  const { secret } = (await made.json()) as { secret: string }
  const asProgram = await fetch(at('/v1/session'), { headers: { authorization: `Bearer ${secret}` } })
  expect(await asProgram.json()).toMatchObject({ personId: invited.id, kind: 'token' })
  expect(await refused(await trade(secret))).toMatch(/^403 This token is for programs/)
  // Nobody is signed in as somebody else by a page of another site.
  expect((await trade(invited.secret, { origin: 'https://evil.example' })).status).toBe(403)
  await house.client.removePerson({ params: { id: invited.id } })
  const after = await fetch(at('/v1/session'), { headers: { authorization: `Bearer ${secret}` } })
  expect(after.status).toBe(401)
  expect((await trade(invited.secret)).status).toBe(401)
})

test('signing in again ends the session before, and signing out ends the last', async () => {
  const jar = browser()
  await signIn(jar, ada)
  const old = openJar()
  for (const [name, value] of jar.cookies) old.cookies.set(name, value)
  await signIn(jar, ada)
  expect((await me(old)).status).toBe(401)
  expect((await me(jar)).status).toBe(200)
  const out = await jar.go(at('/v1/session'), { method: 'DELETE', headers: { origin: house.house.url } })
  expect(out.status).toBe(200)
  expect(jar.cookies.size).toBe(0)
})

test('over https cookies carry the strict name, and the plain one counts for nothing', async () => {
  const jar = browser({ 'x-forwarded-proto': 'https' })
  const there = await jar.go(at('/auth/login'))
  const asked = new URL(locationOf(there))
  expect(asked.searchParams.get('redirect_uri')).toBe(at('/auth/callback').replace('http:', 'https:'))
  const back = locationOf(await fetch(asked, { redirect: 'manual' }))
  provider.visitor = ada
  const response = await jar.go(back.replace('https:', 'http:'))
  expect(response.headers.getSetCookie().join()).toMatch(
    /__Host-seatrial_session=[^;]+; Max-Age=\d+; Path=\/; HttpOnly; Secure; SameSite=Lax/,
  )
  expect([...jar.cookies.keys()]).toEqual(['__Host-seatrial_session'])
  expect((await me(jar)).status).toBe(200)
  const planted = browser({ 'x-forwarded-proto': 'https' })
  planted.cookies.set('seatrial_session', jar.cookies.get('__Host-seatrial_session') ?? '')
  expect((await me(planted)).status).toBe(401)
})

test('a browser reads a refusal as a page, with nothing of the query in it', async () => {
  const response = await browser({ accept: 'text/html' }).go(at('/auth/callback?state=<script>&error=<b>x</b>'))
  expect(response.status).toBe(403)
  expect(response.headers.get('content-type')).toMatch(/^text\/html/)
  expect(response.headers.get('content-security-policy')).toContain("default-src 'none'")
  const text = await response.text()
  expect(text).toContain('This sign-in was not started in this browser')
  expect(text).not.toContain('<script>')
  const jar = browser()
  const denied = new URL(await begin(jar))
  denied.searchParams.delete('code')
  denied.searchParams.set('error', 'access_denied')
  expect(await refused(await jar.go(denied.href))).toMatch(/refused this sign-in \(access_denied\)/)
})

test('too many tries of one address wait a minute; other addresses, and forged ones before the proxy, do not help', async () => {
  const jar = openJar({ 'x-forwarded-for': '198.51.100.7' })
  const tries = await Promise.all(Array.from({ length: 61 }, () => jar.go(at('/auth/callback?state=x'))))
  expect(tries.map(({ status }) => status).toSorted()).toEqual([...Array(60).fill(403), 429])
  const late = await openJar({ 'x-forwarded-for': '1.2.3.4, 198.51.100.7' }).go(at('/auth/login'))
  expect([late.status, late.headers.get('retry-after')]).toEqual([429, '60'])
  expect((await openJar({ 'x-forwarded-for': '198.51.100.8' }).go(at('/auth/login'))).status).toBe(302)
})

test('a provider that is away is said so, tokens still sign in, and it is asked again later', async () => {
  provider.spoil = { down: true }
  await house.restart()
  expect(await refused(await browser().go(at('/auth/login')))).toMatch(/^503 The identity provider does not answer/)
  const byToken = await fetch(at('/v1/session'), {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ token: house.house.token }),
  })
  expect(byToken.status).toBe(200)
  provider.spoil = {}
  const jar = browser()
  await signIn(jar, ada)
  expect((await me(jar)).status).toBe(200)
})

test('a house.toml that cannot work is refused at the start', async () => {
  await house.house.stop()
  const path = join(house.dataDir, 'house.toml')
  const restartWith = async (text: string) => {
    writeFileSync(path, text)
    return house.restart()
  }
  await expect(restartWith('[oidc]\nissuer = "http://sso.example.org"\nclient_id = "x"\n')).rejects.toThrow(
    /must be an https/,
  )
  await expect(
    restartWith('[oidc]\nissuer = "https://sso.example.org"\nclient_id = "x"\nclient_secret_file = "none"\n'),
  ).rejects.toThrow(/the secret of \[oidc\]/)
  await restartWith('')
  expect(await (await fetch(at('/v1/session/ways'))).json()).toEqual({ token: true, oidc: false })
  expect(await refused(await browser().go(at('/auth/login')))).toMatch(/^404 This house has no identity provider/)
})
