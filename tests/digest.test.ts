// The digest where things go wrong: webhooks that fail, move or are gone, letters that bounce, a quiet week, and a house
// killed between sending a letter and knowing that it was sent.
import { createHmac } from 'node:crypto'
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type IncomingHttpHeaders, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { closeDueWeek, closeWeek, deliver, type Mailroom, openMailroom } from '../server/journey/verdicts/digest.ts'
import { openTestHouse, type TestHouse } from './house.ts'
import { startHouseProcess } from './house-process.ts'
import { linkIn, type MailServer, startMailServer } from './mail-server.ts'

let house: TestHouse
let mail: MailServer
let hooks: Server
let hookUrl = ''
let answer = 200
const posts: { headers: IncomingHttpHeaders; body: string; path: string }[] = []

beforeAll(async () => {
  mail = await startMailServer()
  house = await openTestHouse({ houseToml: mail.toml, workers: 0 })
  hooks = createServer(async (request, response) => {
    const chunks: Buffer[] = []
    for await (const chunk of request) chunks.push(chunk as Buffer)
    posts.push({ headers: request.headers, body: Buffer.concat(chunks).toString(), path: request.url ?? '' })
    response.writeHead(answer, answer === 302 ? { location: '/elsewhere' } : {}).end()
  })
  await new Promise<void>((resolve) => hooks.listen(0, '127.0.0.1', () => resolve()))
  hookUrl = `http://127.0.0.1:${(hooks.address() as AddressInfo).port}`
})
afterAll(async () => {
  await house?.close()
  hooks.closeAllConnections()
  hooks.close()
  await mail.close()
})

const db = () => house.house.rooms.store.db
const room = (): Promise<Mailroom> => openMailroom(house.house.rooms, house.house.url)
const minutes = (n: number): Date => new Date(Date.now() + n * 60_000)
const states = async (): Promise<Record<string, string>> => {
  const { subscriptions } = await house.client.listSubscriptions({})
  return Object.fromEntries(subscriptions.map(({ address, state }) => [address, state]))
}

/** A new pair of dossiers, so that there is news. */
async function makeNews(name: string): Promise<void> {
  const { dossiers } = await house.client.listDossiers({})
  await house.client.addDossier({ body: { dossier: { ...dossiers[0]!, slug: name, name } } })
  await house.client.compare({ body: { a: name, b: 'mistral-small-3-1' } })
}

test('a webhook gets each digest once, signed so that anybody with the secret can check it', async () => {
  const { secret, subscription } = await house.client.addWebhook({ body: { url: `${hookUrl}/hook` } })
  await expect(house.client.addWebhook({ body: { url: `${hookUrl}/hook` } })).rejects.toThrow(
    'receives the digest already',
  )
  expect((await house.client.sendDigest({})).sent).toBe(1)
  expect((await house.client.sendDigest({})).sent).toBe(0)
  expect(posts).toHaveLength(1)
  const [{ headers, body, path }] = posts as [(typeof posts)[0]]
  expect(path).toBe('/hook')
  const signed = `${headers['webhook-id']}.${headers['webhook-timestamp']}.${body}`
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64')
  expect(headers['webhook-signature']).toBe(`v1,${createHmac('sha256', key).update(signed).digest('base64')}`)
  expect(Math.abs(Date.now() / 1000 - Number(headers['webhook-timestamp']))).toBeLessThan(60)
  expect(JSON.parse(body)).toMatchObject({ type: 'digest', items: [{ title: expect.stringContaining('Mistral') }] })
  await house.client.endSubscription({ params: { id: subscription.id } })
})

test('a webhook that fails is tried again later under the same id; one that is gone or moved is not followed', async () => {
  posts.length = 0
  await house.client.addWebhook({ body: { url: `${hookUrl}/fails` } })
  await house.client.addWebhook({ body: { url: `${hookUrl}/gone` } })
  await makeNews('first')
  await closeWeek(db(), '2031-W01')
  answer = 500
  expect(await deliver(db(), await room())).toBe(0)
  // Too soon: nothing is asked again.
  expect(await deliver(db(), await room(), minutes(1))).toBe(0)
  expect(posts).toHaveLength(2)
  answer = 302
  expect(await deliver(db(), await room(), minutes(20))).toBe(0)
  expect(posts.map(({ path }) => path).sort()).toEqual(['/fails', '/fails', '/gone', '/gone'])
  answer = 410
  await deliver(db(), await room(), minutes(120))
  expect(await states()).toMatchObject({ [`${hookUrl}/fails`]: 'bounced', [`${hookUrl}/gone`]: 'bounced' })
  const ids = posts.filter(({ path }) => path === '/fails').map(({ headers }) => headers['webhook-id'])
  expect(new Set(ids).size).toBe(1)
  answer = 200
  expect(await deliver(db(), await room(), minutes(600))).toBe(0)
})

test('a letter that bounces ends the subscription; who never confirmed gets nothing', async () => {
  await house.client.subscribe({ body: { email: 'reader@example.org' } })
  await house.client.subscribe({ body: { email: 'never@example.org' } })
  const confirm = linkIn(mail.letters.find(({ to }) => to === 'reader@example.org')?.body ?? '')
  await fetch(house.house.url + confirm, { method: 'POST' })
  await makeNews('second')
  await closeWeek(db(), '2031-W02')
  mail.letters.length = 0
  mail.gone.add('reader@example.org')
  expect(await deliver(db(), await room())).toBe(0)
  expect(await states()).toMatchObject({ 'reader@example.org': 'bounced', 'never@example.org': 'pending' })
  mail.gone.clear()
  await deliver(db(), await room(), minutes(600))
  expect(mail.letters).toEqual([])
})

test('a quiet week leaves a mark, sends nothing and is in no feed; the next week tells what came since', async () => {
  posts.length = 0
  await house.client.addWebhook({ body: { url: `${hookUrl}/quiet` } })
  const feed = async () => (await (await fetch(`${house.house.url}/digest.json`)).json()) as { items: object[] }
  const before = (await feed()).items.length
  const day = 86_400_000
  const later = (weeks: number) => new Date(Date.parse('2032-01-07T00:00:00Z') + weeks * 7 * day)
  expect(await closeDueWeek(db(), later(0))).toBeNull()
  expect(await deliver(db(), await room())).toBe(0)
  expect(posts).toEqual([])
  expect((await feed()).items).toHaveLength(before)
  expect((await house.client.previewDigest({})).items).toEqual([])
  await makeNews('third')
  const told = await closeDueWeek(db(), later(1))
  expect(told?.items.map(({ title }) => title)).toEqual(['Mistral Small 3.1 or third'])
  expect(await deliver(db(), await room())).toBe(1)
  expect(posts).toHaveLength(1)
})

test('a house killed after the letter left and before it knew: the letter is not sent a second time', async () => {
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'digest-')))
  writeFileSync(join(dataDir, 'house.toml'), mail.toml)
  let own = await startHouseProcess(dataDir, { SEATRIAL_WORKERS: '0' })
  try {
    mail.letters.length = 0
    await own.client.subscribe({ body: { email: 'once@example.org' } })
    await fetch(own.url + linkIn(mail.letters[0]?.body ?? ''), { method: 'POST' })
    mail.letters.length = 0
    const { arrived } = mail.holdNext()
    const sending = own.client.sendDigest({}).catch(() => null)
    await arrived
    await own.kill()
    await sending
    own = await startHouseProcess(dataDir, { SEATRIAL_WORKERS: '0' })
    expect((await own.client.sendDigest({})).sent).toBe(0)
    expect(mail.letters.map(({ to }) => to)).toEqual(['once@example.org'])
    const { subscriptions } = await own.client.listSubscriptions({})
    expect(subscriptions).toMatchObject([{ address: 'once@example.org', state: 'confirmed' }])
  } finally {
    await own.stop()
    rmSync(dataDir, { recursive: true, force: true })
  }
})
