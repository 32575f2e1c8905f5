// The stream by itself, over real HTTP and the real store: slow readers, cut holders, sessions that ran out.
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, type IncomingMessage, request, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { openStore, type Store } from '../store/database.ts'
import { append, lastSeq, transact } from '../store/log.ts'
import { person, token } from '../store/tables.ts'
import { identify, startSession } from './access.ts'
import { type EventStream, openEventStream } from './stream.ts'

let dir: string
let store: Store
let stream: EventStream
let server: Server
let personId: string
let port: number
const readers = new Set<IncomingMessage>()

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), 'stream-'))
  store = await openStore({ dataDir: dir, databaseUrl: null })
  stream = await openEventStream(store.db, { poll: false, heartbeatMs: 50 })
  personId = 'u-ada'
  await store.db.insert(person).values({ id: personId, name: 'Ada', role: 'member' })
  server = createServer(async (asked, response) => {
    const after = Number(new URL(asked.url ?? '', 'http://x').searchParams.get('after'))
    const secret = asked.headers.authorization ?? ''
    const holder = secret ? await identify(store.db, secret, 'session') : { tokenId: await someToken(), personId }
    await stream.attach(response, { after, task: null, holder })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  port = (server.address() as AddressInfo).port
})
afterEach(() => {
  for (const reader of readers) reader.destroy()
  readers.clear()
})
afterAll(async () => {
  stream.close()
  server.closeAllConnections()
  server.close()
  await store.close()
  rmSync(dir, { recursive: true })
})

const someToken = async (): Promise<string> =>
  (await identify(store.db, await startSession(store.db, { personId, name: 'Ada' }), 'session')).tokenId

const open = (after: number, secret = ''): Promise<IncomingMessage> =>
  new Promise((resolve, reject) => {
    const headers = secret ? { authorization: secret } : {}
    request({ port, host: '127.0.0.1', path: `/?after=${after}`, headers }, (reader) => {
      readers.add(reader)
      resolve(reader)
    })
      .on('error', reject)
      .end()
  })

async function readUntil(reader: IncomingMessage, seq: number): Promise<number[]> {
  const seqs: number[] = []
  let text = ''
  for await (const chunk of reader) {
    text += chunk
    const whole = text.lastIndexOf('\n\n')
    seqs.push(...[...text.slice(0, whole + 1).matchAll(/^id: (\d+)$/gm)].map(([, id]) => Number(id)))
    text = text.slice(whole + 1)
    if ((seqs.at(-1) ?? 0) >= seq) break
  }
  return seqs
}

/** So many events of so many bytes; returns the newest seq. */
async function write(count: number, bytes = 10): Promise<number> {
  const words = 'x'.repeat(bytes)
  await transact(store.db, (tx) =>
    append(
      tx,
      {},
      Array.from({ length: count }, () => ({
        type: 'task.moved' as const,
        from: 'queued' as const,
        to: 'working' as const,
        note: words,
      })),
    ),
  )
  return lastSeq(store.db)
}

const range = (from: number, to: number): number[] => Array.from({ length: to - from + 1 }, (_, index) => from + index)

test('a reader slower than the past is long gets all of it on one connection', async () => {
  const last = await write(1500, 20_000)
  const reader = await open(0)
  // Reads nothing while everything would have been written at once: 30 MB, far over what may be buffered.
  reader.pause()
  await new Promise<void>((resolve) => {
    const seen = setInterval(() => {
      if (stream.size === 0) return
      clearInterval(seen)
      setTimeout(resolve, 500)
    }, 10)
  })
  const next = await write(3)
  expect(next).toBe(last + 3)
  expect(await readUntil(reader, next)).toEqual(range(1, next))
})

test('many events of one transaction reach whoever joined before, during and after, each once and in order', async () => {
  const from = await write(1)
  const before = await open(from)
  const writing = write(1200)
  const during = await open(from)
  const last = await writing
  const after = await open(from)
  for (const reader of [before, during, after]) expect(await readUntil(reader, last)).toEqual(range(from + 1, last))
})

test('a cut ends the streams of that holder and of nobody else', async () => {
  const secrets = [
    await startSession(store.db, { personId, name: 'a' }),
    await startSession(store.db, { personId, name: 'b' }),
  ]
  const from = await write(1)
  const [one, two] = await Promise.all(secrets.map((secret) => open(from, secret)))
  const { tokenId } = await identify(store.db, secrets[0]!, 'session')
  stream.cut({ tokenId })
  expect(await readUntil(one!, Number.POSITIVE_INFINITY)).toEqual([])
  const last = await write(1)
  expect(await readUntil(two!, last)).toEqual([last])
})

test.each([
  ['ran out', { expiresAt: new Date(Date.now() - 1000) }],
  ['was revoked by another house on the store', { revokedAt: new Date() }],
])('a stream whose session %s ends by the next heartbeat', async (_, change) => {
  const secret = await startSession(store.db, { personId, name: 'c' })
  const { tokenId } = await identify(store.db, secret, 'session')
  const reader = await open(await write(1), secret)
  await store.db.update(token).set(change).where(eq(token.id, tokenId))
  expect(await readUntil(reader, Number.POSITIVE_INFINITY)).toEqual([])
  await expect(identify(store.db, secret, 'session')).rejects.toThrow(/not valid/)
})
