// The weekly digest: what is told, to whom, and never twice. Weeks and deliveries are rows; a lost timer loses nothing.
import { createHmac, randomBytes, timingSafeEqual } from 'node:crypto'
import { link, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type Digest, type DigestItem, newId, Refusal } from '@seatrial/protocol'
import { and, asc, count, desc, eq, gt, inArray, max } from 'drizzle-orm'
import { readHouseToml, readSecret } from '../../project/house-toml.ts'
import type { Db } from '../../store/database.ts'
import { comparison, delivery, digest, subscription, verdict } from '../../store/verdict-tables.ts'
import { composeDigest } from '../../verdicts/digest/compose.ts'
import { openPost, type Post, type Posted } from '../../verdicts/digest/mail.ts'
import { isoWeek, weekBefore } from '../../verdicts/digest/week.ts'
import { labelWords } from '../../verdicts/words.ts'
import type { Rooms } from '../rooms.ts'
import { namesOf } from './count.ts'

export type SubscriptionRow = typeof subscription.$inferSelect
type DigestRow = typeof digest.$inferSelect

const mostTries = 5
const againAfterMs = 15 * 60_000
/** Requests for confirmation that one address gets at most, and not more often than this. */
const mostAsked = 3
const askAgainMs = 60 * 60_000

export interface Mailroom {
  post: Post
  /** Address under which readers reach the house. */
  baseUrl: string
  /** What links are signed with. */
  key: Buffer
}

/** Reads the SMTP settings anew, so that no restart is needed. */
export async function openMailroom(rooms: Rooms, url: string): Promise<Mailroom> {
  const housePath = join(rooms.config.dataDir, 'house.toml')
  const { smtp, house } = await readHouseToml(housePath)
  const password = smtp
    ? await readSecret(
        { env: smtp.passwordEnv, file: smtp.passwordFile },
        rooms.config.env,
        housePath,
        'the password of [smtp]',
      )
    : null
  const post = openPost(smtp ? { ...smtp, password } : null, join(rooms.config.dataDir, 'outbox'))
  return { post, baseUrl: (house.publicUrl ?? url).replace(/\/$/, ''), key: await keyOf(rooms.config.dataDir) }
}

async function keyOf(dataDir: string): Promise<Buffer> {
  const path = join(dataDir, 'mail-key')
  const kept = await readFile(path).catch(() => null)
  if (kept && kept.length === 32) return kept
  // A key that a full disk cut short would sign with what anybody can guess.
  if (kept) await rm(path, { force: true })
  const fresh = `${path}.new-${randomBytes(4).toString('hex')}`
  try {
    await writeFile(fresh, randomBytes(32), { mode: 0o600 })
    // Two at once: the first one's key counts.
    await link(fresh, path).catch((error: NodeJS.ErrnoException) => {
      if (error.code !== 'EEXIST') throw error
    })
  } finally {
    await rm(fresh, { force: true })
  }
  return readFile(path)
}

type Purpose = 'confirm' | 'leave'

/** A link's token: nothing about it is stored, and none opens anything but its own subscription. */
export const tokenOf = (key: Buffer, id: string, purpose: Purpose): string =>
  `${id}.${createHmac('sha256', key).update(`${purpose}:${id}`).digest('base64url')}`

export async function subscriptionBy(db: Db, key: Buffer, token: string, purpose: Purpose): Promise<SubscriptionRow> {
  const [id = ''] = token.split('.')
  const [given, right] = [Buffer.from(token), Buffer.from(tokenOf(key, id, purpose))]
  const [row] =
    given.length === right.length && timingSafeEqual(given, right)
      ? await db.select().from(subscription).where(eq(subscription.id, id))
      : []
  if (!row)
    throw new Refusal('not_found', 'This link is not valid (any more); it may have been cut in two by a mail program.')
  return row
}

/** Asks an address whether it wants the digest. The answer is the same whether or not it is known, so that nobody learns who reads it. */
export async function askToSubscribe(
  db: Db,
  mail: Mailroom,
  email: string,
  audience: 'house' | 'public',
): Promise<string> {
  const address = email.trim().toLowerCase()
  await db
    .insert(subscription)
    .values({ id: newId('person').replace('u-', 'm-'), kind: 'mail', address, state: 'pending', audience })
    .onConflictDoNothing()
  const [row] = await db.select().from(subscription).where(eq(subscription.address, address))
  if (!row) throw new Error('The subscription was not written')
  const recent = row.askedAt !== null && Math.abs(Date.now() - row.askedAt.getTime()) < askAgainMs
  if (row.state !== 'confirmed' && !(recent && row.asked > 0) && row.asked < mostAsked) {
    await db
      .update(subscription)
      .set({ state: 'pending', asked: row.asked + 1, askedAt: new Date(), audience })
      .where(eq(subscription.id, row.id))
    const link = `${mail.baseUrl}/u/${tokenOf(mail.key, row.id, 'confirm')}/confirm`
    const text = `Somebody asked for the weekly digest of Seatrial at this address.\n\nIf it was you, confirm here:\n${link}\n\nIf not, do nothing: without that nothing more is sent.\n`
    const posted = await mail.post({
      to: address,
      subject: 'Confirm the weekly digest of Seatrial',
      text,
      html: `<p>Somebody asked for the weekly digest of Seatrial at this address.</p><p><a href="${link}">Confirm</a></p><p>If it was not you, do nothing: without that nothing more is sent.</p>`,
      unsubscribeUrl: null,
      messageId: `<confirm.${row.id}.${row.asked + 1}@seatrial>`,
    })
    if (posted.state === 'bounced') await setState(db, row.id, 'bounced')
    if (posted.state === 'later')
      throw new Refusal('unavailable', `The mail server did not take the letter: ${posted.why}`)
  }
  return `If ${address} is not subscribed yet, a letter with a link is on its way; nothing else is sent before it is followed.`
}

export async function setState(db: Db, id: string, state: 'confirmed' | 'ended' | 'bounced'): Promise<void> {
  const stamp = state === 'confirmed' ? { confirmedAt: new Date() } : { endedAt: new Date(), asked: 0 }
  await db
    .update(subscription)
    .set({ state, ...stamp })
    .where(eq(subscription.id, id))
}

/** What changed since the last digest, one line per comparison; what changed and changed back is no news. */
export async function newsOf(
  db: Db,
  audience: 'house' | 'public',
): Promise<{ items: DigestItem[]; toVerdict: number }> {
  const [last] = await db.select({ to: max(digest.toVerdict) }).from(digest)
  const rows = await db
    .select({ verdict, comparison })
    .from(verdict)
    .innerJoin(comparison, eq(comparison.id, verdict.comparisonId))
    .where(gt(verdict.id, last?.to ?? 0))
    .orderBy(asc(verdict.id))
  const items: DigestItem[] = []
  for (const [, own] of Map.groupBy(rows, (row) => row.comparison.id)) {
    const [first, newest] = [own[0]!, own.at(-1)!]
    const before = first.verdict.version === 1 ? null : await labelBefore(db, first.verdict)
    if (before === newest.verdict.label) continue
    if (audience === 'public' && !newest.comparison.published) continue
    const names = await namesOf(db, newest.comparison)
    items.push({
      slug: newest.comparison.slug,
      title: `${names.a} or ${names.b}`,
      words: labelWords(newest.verdict.estimateView.label, names),
      previous: before === null ? null : labelWords(before as 'too-early', names),
      sentence: newest.verdict.sentence,
      at: newest.verdict.at.toISOString(),
    })
  }
  return { items, toVerdict: rows.at(-1)?.verdict.id ?? last?.to ?? 0 }
}

async function labelBefore(db: Db, row: typeof verdict.$inferSelect): Promise<string | null> {
  const [before] = await db
    .select({ label: verdict.label })
    .from(verdict)
    .where(and(eq(verdict.comparisonId, row.comparisonId), eq(verdict.version, row.version - 1)))
  return before?.label ?? null
}

/** Closes a week; null when it was closed before or nothing changed. A quiet week leaves a row and sends nothing. */
export async function closeWeek(db: Db, week: string): Promise<DigestRow | null> {
  return db.transaction(async (transaction) => {
    const tx = transaction as unknown as Db
    const { items, toVerdict } = await newsOf(tx, 'house')
    const [row] = await tx
      .insert(digest)
      .values({ id: newId('review').replace('v-', 'w-'), week, toVerdict, items })
      .onConflictDoNothing()
      .returning()
    return row && items.length > 0 ? row : null
  })
}

/** What is due by the calendar: the week before this one, once. The first look only sets the mark to count from. */
export async function closeDueWeek(db: Db, now: Date): Promise<DigestRow | null> {
  const week = weekBefore(now)
  const [newest] = await db.select({ week: digest.week }).from(digest).where(eq(digest.week, week))
  if (newest) return null
  const [any] = await db.select({ id: digest.id }).from(digest).limit(1)
  if (any) return closeWeek(db, week)
  await db
    .insert(digest)
    .values({ id: newId('review').replace('v-', 'w-'), week, toVerdict: 0, items: [] })
    .onConflictDoNothing()
  return null
}

export const thisWeek = (): string => isoWeek(new Date())

let delivering: Promise<unknown> = Promise.resolve()

/**
 * Sends what is owed, one after another, and answers with how many were sent. A delivery is written before it is tried; one
 * that may have gone out is never tried again.
 */
export function deliver(db: Db, mail: Mailroom, now = new Date()): Promise<number> {
  const mine = delivering.then(() => deliverNow(db, mail, now))
  delivering = mine.catch(() => {})
  return mine
}

/** How many readers got a digest, whoever of us sent it. */
export async function readersOf(db: Db, digestId: string): Promise<number> {
  const got = inArray(delivery.state, ['sent', 'outbox'])
  const [row] = await db
    .select({ n: count() })
    .from(delivery)
    .where(and(eq(delivery.digestId, digestId), got))
  return row?.n ?? 0
}

async function deliverNow(db: Db, mail: Mailroom, now: Date): Promise<number> {
  const digests = (await db.select().from(digest).orderBy(desc(digest.toVerdict)).limit(10)).filter(
    ({ items }) => items.length > 0,
  )
  const readers = await db.select().from(subscription).where(eq(subscription.state, 'confirmed'))
  let sent = 0
  for (const one of digests.reverse()) {
    for (const reader of readers) {
      if (!reader.confirmedAt || reader.confirmedAt > one.at) continue
      const items = await itemsFor(db, one, reader)
      if (items.length === 0 || !(await claim(db, one.id, reader.id, now))) continue
      const posted = reader.kind === 'mail' ? await mailTo(mail, reader, one, items) : await hook(reader, one, items)
      await settleDelivery(db, one.id, reader.id, posted)
      if (posted.state === 'sent' || posted.state === 'outbox') sent += 1
    }
  }
  return sent
}

async function itemsFor(db: Db, one: DigestRow, reader: SubscriptionRow): Promise<DigestItem[]> {
  if (reader.audience === 'house') return one.items
  const open = await db.select({ slug: comparison.slug }).from(comparison).where(eq(comparison.published, true))
  return one.items.filter(({ slug }) => open.some((each) => each.slug === slug))
}

/** True for the one who may send now. */
async function claim(db: Db, digestId: string, subscriptionId: string, now: Date): Promise<boolean> {
  const [fresh] = await db
    .insert(delivery)
    .values({ digestId, subscriptionId, state: 'sending', at: now })
    .onConflictDoNothing()
    .returning()
  if (fresh) return true
  const where = and(
    eq(delivery.digestId, digestId),
    eq(delivery.subscriptionId, subscriptionId),
    eq(delivery.state, 'later'),
  )
  const [waiting] = await db.select().from(delivery).where(where)
  if (!waiting || waiting.tries >= mostTries) return false
  if (Math.abs(now.getTime() - waiting.at.getTime()) < againAfterMs * waiting.tries) return false
  const [mine] = await db
    .update(delivery)
    .set({ state: 'sending', tries: waiting.tries + 1, at: now })
    .where(where)
    .returning()
  return mine !== undefined
}

async function settleDelivery(db: Db, digestId: string, subscriptionId: string, posted: Posted): Promise<void> {
  const note = 'why' in posted ? posted.why : null
  await db
    .update(delivery)
    .set({ state: posted.state, note })
    .where(and(eq(delivery.digestId, digestId), eq(delivery.subscriptionId, subscriptionId)))
  if (posted.state === 'bounced') await setState(db, subscriptionId, 'bounced')
}

function mailTo(mail: Mailroom, reader: SubscriptionRow, one: DigestRow, items: DigestItem[]): Promise<Posted> {
  const unsubscribeUrl = `${mail.baseUrl}/u/${tokenOf(mail.key, reader.id, 'leave')}`
  const letter = composeDigest(one.week, items, { baseUrl: mail.baseUrl, unsubscribeUrl })
  return mail.post({ to: reader.address, ...letter, unsubscribeUrl, messageId: `<${one.id}.${reader.id}@seatrial>` })
}

/** Posts to a webhook, signed in the Standard Webhooks way. */
async function hook(reader: SubscriptionRow, one: DigestRow, items: DigestItem[]): Promise<Posted> {
  const id = `${one.id}.${reader.id}`
  const at = Math.floor(Date.now() / 1000)
  const body = JSON.stringify({ type: 'digest', week: one.week, items })
  const secret = Buffer.from((reader.secret ?? '').replace(/^whsec_/, ''), 'base64')
  const signature = createHmac('sha256', secret).update(`${id}.${at}.${body}`).digest('base64')
  try {
    const response = await fetch(reader.address, {
      method: 'POST',
      redirect: 'error',
      signal: AbortSignal.timeout(15_000),
      headers: {
        'content-type': 'application/json',
        'webhook-id': id,
        'webhook-timestamp': String(at),
        'webhook-signature': `v1,${signature}`,
      },
      body,
    })
    await response.body?.cancel()
    if (response.ok) return { state: 'sent' }
    return { state: response.status === 410 ? 'bounced' : 'later', why: `It answered ${response.status}.` }
  } catch (error) {
    return { state: 'later', why: (error as Error).message.slice(0, 300) }
  }
}

export async function digestsFor(db: Db, all: boolean): Promise<Digest[]> {
  const rows = await db.select().from(digest).orderBy(desc(digest.toVerdict)).limit(30)
  const open = all
    ? null
    : (await db.select({ slug: comparison.slug }).from(comparison).where(eq(comparison.published, true))).map(
        ({ slug }) => slug,
      )
  return rows
    .map(({ id, week, items, at }) => ({
      id,
      week,
      at: at.toISOString(),
      items: items.filter(({ slug }) => open === null || open.includes(slug)),
    }))
    .filter(({ items }) => items.length > 0)
}
