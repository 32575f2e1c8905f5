import { lookup } from 'node:dns/promises'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, request } from 'node:http'
import { type AddressInfo, connect, createServer as createTcp, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { type EgressOptions, type EgressRequest, proxyEnv, startEgressProxy } from './egress.ts'
import { isAbout, isPattern, patternOf, ruling } from './egress-rules.ts'

const endings: (() => unknown)[] = []
afterEach(async () => {
  for (const end of endings.splice(0).reverse()) await end()
})

/** A proxy whose names all resolve to this machine, which only tests may reach. */
async function openProxy(changes: Partial<EgressOptions> = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'seatrial-egress-'))
  endings.push(() => rmSync(dir, { recursive: true }))
  const log: EgressRequest[] = []
  const proxy = await startEgressProxy({
    socketPath: join(dir, 'proxy.sock'),
    allow: [],
    presets: [],
    unknown: 'deny',
    onRequest: (entry) => log.push(entry),
    ask: () => Promise.reject(new Error('nobody is there to ask')),
    trustAddresses: ['127.0.0.1'],
    resolve: async () => ['127.0.0.1'],
    ...changes,
  })
  endings.push(() => proxy.close())
  return { proxy, log }
}

/** A TCP service that answers every chunk with the same chunk. */
async function openEcho(): Promise<number> {
  const server = createTcp((socket) => socket.on('error', () => {}).pipe(socket)).listen(0, '127.0.0.1')
  await once(server, 'listening')
  endings.push(() => server.close())
  return (server.address() as AddressInfo).port
}

/** CONNECT by hand: the status line, and the socket behind it. */
async function tunnel(socketPath: string, authority: string): Promise<{ status: string; socket: Socket }> {
  const socket = connect(socketPath)
  endings.push(() => socket.destroy())
  socket.on('error', () => {})
  socket.write(`CONNECT ${authority} HTTP/1.1\r\nHost: ${authority}\r\n\r\n`)
  const [chunk] = (await once(socket, 'data')) as [Buffer]
  return { status: String(chunk).split('\r\n')[0] ?? '', socket }
}

async function get(socketPath: string, url: string, headers = {}): Promise<{ status: number; text: string }> {
  const asked = request({ socketPath, path: url, method: 'GET', headers }).end()
  const [answer] = (await once(asked, 'response')) as [IncomingMessage]
  const chunks = await answer.toArray()
  return { status: answer.statusCode ?? 0, text: Buffer.concat(chunks).toString() }
}

const settled = (log: EgressRequest[]) => expect.poll(() => log.length).toBeGreaterThan(0)

test('passes an allowed host through and tells how many bytes went', async () => {
  const port = await openEcho()
  const { proxy, log } = await openProxy({ allow: [`good.example:${port}`] })
  const { status, socket } = await tunnel(proxy.socketPath, `good.example:${port}`)
  expect(status).toBe('HTTP/1.1 200 Connection Established')
  socket.write('ping!')
  expect(String(((await once(socket, 'data')) as [Buffer])[0])).toBe('ping!')
  socket.end()
  await settled(log)
  expect(log).toEqual([{ host: 'good.example', port, verdict: 'allowed', sentBytes: 5, receivedBytes: 5 }])
})

test.each([
  ['a host no rule names', 'other.example:443'],
  ['an allowed host on another port', 'good.example:22'],
  ['a host that only ends alike', 'evilgood.example:443'],
  ['the parent of a wildcard', 'wild.example:443'],
  ['a refused host below a wildcard', 'bad.wild.example:443'],
])('denies %s', async (_name, authority) => {
  const { proxy, log } = await openProxy({
    allow: ['good.example', '*.wild.example'],
    ruled: async (host) => (host === 'bad.wild.example' ? 'never' : null),
  })
  expect((await tunnel(proxy.socketPath, authority)).status).toBe('HTTP/1.1 403 Forbidden')
  expect(log).toMatchObject([{ verdict: 'denied', sentBytes: 0, receivedBytes: 0 }])
})

test.each([
  '127.0.0.1',
  '10.1.2.3',
  '172.16.0.1',
  '192.168.1.1',
  '169.254.169.254',
  '100.100.100.200',
  '168.63.129.16',
  '0.0.0.0',
  '224.0.0.1',
  '255.255.255.255',
  '::1',
  '::',
  '::ffff:127.0.0.1',
  '::ffff:a9fe:a9fe',
  '64:ff9b::7f00:1',
  '2002:7f00:1::',
  'fd00:ec2::254',
  'fe80::1',
  'ff02::1',
])('never dials %s, whatever is allowed and whatever name leads there', async (address) => {
  const asked: string[] = []
  const { proxy } = await openProxy({
    allow: ['good.example', address, `[${address}]`],
    trustAddresses: [],
    resolve: async () => ['8.8.8.8', address],
    unknown: 'ask',
    ask: async (host) => {
      asked.push(host)
      return 'always'
    },
  })
  const literal = address.includes(':') ? `[${address}]` : address
  expect((await tunnel(proxy.socketPath, `${literal}:443`)).status).toBe('HTTP/1.1 403 Forbidden')
  expect((await tunnel(proxy.socketPath, 'good.example:443')).status).toBe('HTTP/1.1 403 Forbidden')
  expect(asked).toEqual([])
})

test.each(['2130706433:80', '0x7f.1:80', '017700000001:80'])('%s is a disguise of this machine', async (authority) => {
  const { proxy } = await openProxy({
    allow: [authority, authority.split(':')[0] ?? ''],
    trustAddresses: [],
    resolve: async (name) => (await lookup(name, { all: true })).map(({ address }) => address),
  })
  expect((await tunnel(proxy.socketPath, authority)).status).toMatch(/ 40[03] /)
})

test('dials the address it checked, not what the name says a moment later', async () => {
  const port = await openEcho()
  const answers = [['127.0.0.1'], ['10.0.0.1']]
  let lookups = 0
  const { proxy } = await openProxy({
    allow: [`rebind.example:${port}`],
    resolve: async () => answers[lookups++] ?? [],
  })
  expect((await tunnel(proxy.socketPath, `rebind.example:${port}`)).status).toMatch(/ 200 /)
  expect(lookups).toBe(1)
  expect((await tunnel(proxy.socketPath, `rebind.example:${port}`)).status).toMatch(/ 403 /)
})

test('asks once for many, keeps others going meanwhile, and heeds what was ruled since', async () => {
  const port = await openEcho()
  let answer: (said: 'once' | 'always' | 'never') => void = () => {}
  let questions = 0
  let rule: 'always' | 'never' | null = null
  const { proxy, log } = await openProxy({
    allow: [`good.example:${port}`],
    unknown: 'ask',
    ruled: async (host) => (host === 'new.example' ? rule : null),
    ask: () => {
      questions++
      return new Promise((resolve) => {
        answer = resolve
      })
    },
  })
  const waiting = [1, 2].map(() => tunnel(proxy.socketPath, `new.example:${port}`))
  await expect.poll(() => questions).toBe(1)
  expect((await tunnel(proxy.socketPath, `good.example:${port}`)).status).toMatch(/ 200 /)
  expect(log).toMatchObject([{ host: 'new.example', verdict: 'asked' }])
  answer('once')
  for (const each of waiting) expect((await each).status).toMatch(/ 200 /)
  const again = tunnel(proxy.socketPath, `new.example:${port}`)
  await expect.poll(() => questions).toBe(2)
  answer('never')
  expect((await again).status).toMatch(/ 403 /)
  rule = 'never'
  expect((await tunnel(proxy.socketPath, `new.example:${port}`)).status).toMatch(/ 403 /)
  rule = 'always'
  expect((await tunnel(proxy.socketPath, `new.example:${port}`)).status).toMatch(/ 200 /)
  expect(questions).toBe(2)
})

test('a rule that cannot be looked up is a no', async () => {
  const ruled = () => Promise.reject(new Error('the database is gone'))
  const { proxy } = await openProxy({ allow: ['good.example'], ruled })
  expect((await tunnel(proxy.socketPath, 'good.example:443')).status).toMatch(/ 403 /)
})

test.each([
  ['new.example', 443, 'always'],
  ['new.example', 8443, null],
  ['odd.example', 8443, 'always'],
  ['odd.example', 443, null],
  ['bad.example', 8443, 'never'],
  ['deep.bad.example', 443, null],
  ['both.example', 443, 'never'],
  ['2001:db8::1', 443, 'always'],
] as const)('what people said of hosts means %s:%i is %s', (host, port, verdict) => {
  const always = [patternOf('new.example', 443), patternOf('odd.example', 8443), patternOf('2001:db8::1', 443)]
  const rules = [
    ...always.map((each) => ({ host: each, verdict: 'always' as const })),
    { host: 'both.example', verdict: 'always' as const },
    { host: 'both.example:443', verdict: 'never' as const },
    { host: 'bad.example', verdict: 'never' as const },
  ]
  expect(ruling(rules, host, port)).toBe(verdict)
})

test.each([
  ['new.example', 'new.example', true],
  ['*.example', 'new.example', true],
  ['*.example', 'new.example:8443', false],
  ['*.example:8443', 'new.example:8443', true],
  ['[2001:db8::1]', '[2001:db8::1]', true],
  ['other.example', 'new.example', false],
])('a rule for %s answers the question about %s: %s', (host, subject, is) =>
  expect(isAbout({ host, verdict: 'always' }, subject)).toBe(is),
)

test.each([
  ['api.example.org', true],
  ['*.example.org:8443', true],
  ['[2001:db8::1]:80', true],
  ['https://api.example.org', false],
  ['api.example.org/v1', false],
  ['api.example.org:99999', false],
  ['*', false],
  ['', false],
])('%s as a pattern: %s', (text, is) => expect(isPattern(text)).toBe(is))

test('a question nobody can answer is a no', async () => {
  const { proxy } = await openProxy({ unknown: 'ask' })
  expect((await tunnel(proxy.socketPath, 'new.example:443')).status).toMatch(/ 403 /)
})

test('a flood of questions is cut off', async () => {
  let questions = 0
  const { proxy } = await openProxy({ unknown: 'ask', ask: () => new Promise(() => questions++) })
  for (let i = 0; i < 20; i++)
    connect(proxy.socketPath)
      .on('error', () => {})
      .write(`CONNECT h${i}.example:443 HTTP/1.1\r\n\r\n`)
  await expect.poll(() => questions).toBe(20)
  expect((await tunnel(proxy.socketPath, 'one-more.example:443')).status).toMatch(/ 403 /)
})

test('ends a connection that overdraws the budget, and denies from then on', async () => {
  const port = await openEcho()
  const { proxy } = await openProxy({ allow: [`good.example:${port}`], byteBudget: 1000 })
  const { socket } = await tunnel(proxy.socketPath, `good.example:${port}`)
  socket.write('x'.repeat(2000))
  await once(socket, 'close')
  expect((await tunnel(proxy.socketPath, `good.example:${port}`)).status).toMatch(/ 403 /)
})

test('adds a credential the trial never holds, to that host alone, in place of its own', async () => {
  const seen: (string | undefined)[] = []
  const upstream = createServer((incoming, response) => {
    seen.push(incoming.headers.authorization, incoming.headers.host, incoming.headers['proxy-authorization'] as string)
    response.end('package')
  }).listen(0, '127.0.0.1')
  await once(upstream, 'listening')
  endings.push(() => upstream.close())
  const { port } = upstream.address() as AddressInfo
  const { proxy, log } = await openProxy({
    allow: [`registry.example:${port}`, `other.example:${port}`],
    credentials: [{ host: 'registry.example', header: 'Authorization', value: 'Bearer secret', tls: false }],
  })
  const headers = { authorization: 'Bearer forged', 'proxy-authorization': 'Basic eA==' }
  expect(await get(proxy.socketPath, `http://registry.example:${port}/thing`, headers)).toEqual({
    status: 200,
    text: 'package',
  })
  expect(await get(proxy.socketPath, `http://other.example:${port}/thing`)).toEqual({ status: 200, text: 'package' })
  expect(seen).toEqual([
    'Bearer secret',
    `registry.example:${port}`,
    undefined,
    undefined,
    `other.example:${port}`,
    undefined,
  ])
  await expect.poll(() => log.length).toBe(2)
  expect(log[0]).toMatchObject({ host: 'registry.example', verdict: 'allowed', receivedBytes: 7 })
})

test.each(['/just/a/path', 'ftp://good.example/', 'http://user:word@good.example/', 'https://good.example/'])(
  'takes no %s',
  async (url) => {
    const { proxy } = await openProxy({ allow: ['good.example'] })
    expect((await get(proxy.socketPath, url)).status).toBe(400)
  },
)

test('refuses a preset that does not exist, and one of them opens its hosts', async () => {
  await expect(openProxy({ presets: ['constructor'] })).rejects.toMatchObject({ code: 'bad_request' })
  const { proxy } = await openProxy({ presets: ['npm'], resolve: async () => [] })
  const answer = await get(proxy.socketPath, 'http://registry.npmjs.org/')
  expect(answer).toEqual({ status: 403, text: 'registry.npmjs.org has no address.\n' })
})

test('proxyEnv points every tool at the one port and leaves localhost direct', () => {
  const env = proxyEnv(3128)
  expect(env.https_proxy).toBe('http://127.0.0.1:3128')
  expect(env.NO_PROXY).toContain('127.0.0.1')
})
