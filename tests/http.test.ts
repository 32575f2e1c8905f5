// The HTTP face: who may call what, refusals with their statuses, and an event stream that resumes without gaps.
import { request } from 'node:http'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeRepo, openTestHouse, removeRepo, scriptedPrompt, type TestHouse } from './house.ts'

let house: TestHouse
let repo: string

beforeAll(async () => {
  house = await openTestHouse()
  repo = await makeRepo({ 'a.txt': 'a\n' })
})
afterAll(async () => {
  await removeRepo(repo)
  await house.close()
})

const call = (path: string, init: RequestInit & { token?: string | null } = {}) => {
  const token = init.token === undefined ? house.house.token : init.token
  return fetch(house.house.url + path, {
    ...init,
    headers: { ...(token ? { authorization: `Bearer ${token}` } : {}), ...init.headers },
  })
}
const post = (path: string, body: unknown, init: Parameters<typeof call>[1] = {}) =>
  call(path, {
    ...init,
    method: 'POST',
    body: JSON.stringify(body),
    headers: { 'content-type': 'application/json', ...init.headers },
  })

test('without a token nothing but health answers', async () => {
  expect((await call('/health', { token: null })).status).toBe(200)
  for (const path of ['/v1/tasks', '/v1/projects', '/v1/events', '/v1/doctor']) {
    const response = await call(path, { token: null })
    expect(response.status).toBe(401)
    expect(await response.json()).toMatchObject({ error: { code: 'unauthenticated' } })
  }
  expect((await call('/v1/tasks', { token: 'st_wrong_token_here' })).status).toBe(401)
})

test('a name that is not the house’s own is refused, so that no page can rebind its way in', async () => {
  const { port } = new URL(house.house.url)
  const status = await new Promise<number | undefined>((resolve, reject) => {
    const call = request(
      { port, host: '127.0.0.1', path: '/health', headers: { host: 'evil.example:80' } },
      (response) => {
        response.resume()
        resolve(response.statusCode)
      },
    )
    call.on('error', reject).end()
  })
  expect(status).toBe(403)
})

test('a viewer may look and nothing else; a revoked token opens nothing', async () => {
  const { secret, token } = await house.client.makeToken({ body: { name: 'look', role: 'viewer', days: 1 } })
  expect((await call('/v1/tasks', { token: secret })).status).toBe(200)
  expect((await post('/v1/projects', { path: repo }, { token: secret })).status).toBe(403)
  expect((await call('/v1/tokens', { token: secret })).status).toBe(403)
  await house.client.revokeToken({ params: { id: token.id } })
  expect((await call('/v1/tasks', { token: secret })).status).toBe(401)
})

test('a browser signs in with a token, and its cookie writes only from the house’s own page', async () => {
  const signed = await post('/v1/session', { token: house.house.token, name: 'Ada' }, { token: null })
  expect(signed.status).toBe(200)
  expect(await signed.json()).toEqual({ personId: expect.any(String), name: 'Ada', role: 'admin', kind: 'person' })
  const cookie = signed.headers.get('set-cookie') ?? ''
  expect(cookie).toContain('HttpOnly')
  expect(cookie).toContain('SameSite=Lax')
  const headers = { cookie: cookie.split(';')[0] ?? '' }
  expect((await call('/v1/session', { token: null, headers })).status).toBe(200)
  const write = (more: Record<string, string>) =>
    post('/v1/projects', { path: repo }, { token: null, headers: { ...headers, ...more } })
  expect((await write({})).status).toBe(403)
  expect((await write({ 'sec-fetch-site': 'cross-site' })).status).toBe(403)
  expect((await write({ origin: 'http://evil.example' })).status).toBe(403)
  expect((await write({ origin: house.house.url })).status).toBe(200)
  const out = await call('/v1/session', {
    method: 'DELETE',
    token: null,
    headers: { ...headers, origin: house.house.url },
  })
  expect(out.status).toBe(200)
  expect((await call('/v1/session', { token: null, headers })).status).toBe(401)
})

test.each([
  ['a body that is no JSON', () => call('/v1/tasks', { method: 'POST', body: '{' }), 400],
  ['a body with a missing field', () => post('/v1/tasks', { project: repo }), 400],
  ['an unknown path', () => call('/v1/nothing'), 404],
  ['an unknown task', () => call('/v1/tasks/t-nothere2'), 404],
  ['an unknown project', () => post('/v1/tasks', { project: 'ghost', prompt: 'x' }), 404],
  ['a stream from nowhere', () => call('/v1/events?after=-1'), 400],
  ['an answer to no question', () => post('/v1/asks/q-nothere2/answer', { answer: 'x' }), 404],
])('%s is refused with one sentence', async (_, send, status) => {
  const response = await send()
  expect(response.status).toBe(status)
  const { error } = (await response.json()) as { error: { sentence: string } }
  expect(error.sentence).toMatch(/\.$/)
})

test('pages carry a policy that allows no foreign script, frame or form', async () => {
  const policy = (await call('/', { token: null })).headers.get('content-security-policy')
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(policy).not.toContain("script-src 'self' 'unsafe-inline'")
})

test('the OpenAPI document lists every operation with its schemas', async () => {
  const document = (await (await call('/openapi.json', { token: null })).json()) as {
    openapi: string
    paths: Record<string, Record<string, { operationId: string; requestBody?: unknown }>>
  }
  expect(document.openapi).toBe('3.1.0')
  expect(document.paths['/v1/tasks']?.post?.operationId).toBe('submitTask')
  expect(document.paths['/v1/tasks']?.post?.requestBody).toBeDefined()
  const ids = Object.values(document.paths).flatMap((path) =>
    Object.values(path).map((operation) => operation.operationId),
  )
  expect(new Set(ids).size).toBe(ids.length)
})

test('the stream resumes behind Last-Event-ID without a gap or a double', async () => {
  const task = await house.client.submitTask({
    body: {
      project: repo,
      contenders: ['scripted'],
      prompt: scriptedPrompt('x', [{ do: 'write', path: 'b', text: 'b' }]),
    },
  })
  await house.until(task.id, 'waiting')
  const { events } = await house.client.listEvents({ query: { task: task.id, limit: 1000 } })
  const middle = events[Math.floor(events.length / 2)]
  const response = await call(`/v1/events?task=${task.id}`, { headers: { 'last-event-id': String(middle?.seq) } })
  const wanted = events.filter((event) => event.seq > (middle?.seq ?? 0)).map((event) => event.seq)
  const got: number[] = []
  let text = ''
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    text += new TextDecoder().decode(chunk)
    got.splice(0, got.length, ...[...text.matchAll(/^id: (\d+)$/gm)].map(([, seq]) => Number(seq)))
    if (got.length >= wanted.length) break
  }
  expect(got).toEqual(wanted)
})

test('two readers that join while events are written see the same story', async () => {
  const task = await house.client.submitTask({
    body: {
      project: repo,
      contenders: ['scripted'],
      prompt: scriptedPrompt('x', [
        { do: 'flood', bytes: 50_000, as: 'speech' },
        { do: 'write', path: 'c', text: 'c' },
      ]),
    },
  })
  const read = async (): Promise<number[]> => {
    const seqs: number[] = []
    for await (const event of house.client.follow({ after: 0, task: task.id })) {
      seqs.push(event.seq)
      if (event.body.type === 'task.moved' && event.body.to === 'waiting') return seqs
    }
    return seqs
  }
  const [one, two] = await Promise.all([read(), read()])
  expect(one).toEqual(two)
  expect(one).toEqual(one.toSorted((a, b) => a - b))
  expect(new Set(one).size).toBe(one.length)
  const { events } = await house.client.listEvents({ query: { task: task.id, limit: 1000 } })
  expect(one).toEqual(events.slice(0, one.length).map((event) => event.seq))
})
