// The pages people and feed readers open: comparisons, blind ballots, feeds, and the links in mails.
import { Refusal } from '@seatrial/protocol'
import { type Context, Hono } from 'hono'
import type { Rooms } from '../journey/rooms.ts'
import { blindLines } from '../journey/verdicts/blind.ts'
import { pagesState } from '../journey/verdicts/changed.ts'
import { findComparison } from '../journey/verdicts/compare.ts'
import type { ComparisonRow } from '../journey/verdicts/count.ts'
import { askToSubscribe, digestsFor, type Mailroom, setState, subscriptionBy } from '../journey/verdicts/digest.ts'
import { listComparisons } from '../journey/verdicts/list.ts'
import { stakesOf } from '../journey/verdicts/stakes.ts'
import { viewComparison } from '../journey/verdicts/view.ts'
import { ballotOf, ballotView, castVote } from '../journey/verdicts/votes.ts'
import { type FeedKind, feedTypes, writeFeed } from '../verdicts/digest/feeds.ts'
import { pageScript, styleSheet } from '../verdicts/page/assets.ts'
import { comparePage } from '../verdicts/page/compare-page.ts'
import { ogPicture } from '../verdicts/page/og-picture.ts'
import { listPage, noticePage } from '../verdicts/page/small-sections.ts'
import { ballotPage } from '../verdicts/page/vote-sections.ts'
import { hashOf, type Identity, identify } from './access.ts'
import { guardAgainstForgery } from './app.ts'
import { keep } from './kept-pages.ts'
import { createRateLimit } from './rate-limit.ts'
import { readSession } from './session-cookie.ts'

const mostKept = 200
const freshMs = 5_000

export function verdictPages(rooms: Rooms, mailroom: () => Promise<Mailroom>): Hono {
  const { db } = rooms.store
  const pages = new Hono()
  const limit = createRateLimit({ perMinute: 10 })
  const style = styleSheet()
  const script = pageScript()
  const keeping = { state: pagesState, freshMs, most: mostKept }
  const kept = { pages: keep<string>(keeping), readers: keep<Identity>(keeping) }

  pages.onError(async (error, c) => {
    if (!(error instanceof Refusal)) throw error
    const { baseUrl } = await mailroom()
    const title = error.code === 'not_found' ? 'Not here' : 'Not like this'
    return c.html(noticePage({ title, sentence: error.message, baseUrl, signedIn: false }), error.status)
  })

  const readerOf = async (c: Context): Promise<Identity | null> => {
    const bearer = c.req.header('authorization')?.match(/^Bearer (.+)$/i)?.[1]
    if (bearer) return identify(db, bearer, 'token')
    const cookie = readSession(c)
    return cookie ? identify(db, cookie, 'session').catch(() => null) : null
  }
  /** The same for a page that only shows: whoever signs out or is removed in this house is forgotten at once. */
  const viewerOf = (c: Context): Promise<Identity | null> => {
    const cookie = c.req.header('authorization') ? undefined : readSession(c)
    return cookie ? kept.readers.get(hashOf(cookie), () => readerOf(c)) : readerOf(c)
  }
  /** A page that is not published says the same to strangers as one that does not exist. */
  const meant = async (slug: string, reader: Identity | null): Promise<ComparisonRow> => {
    const row = reader
      ? await findComparison(db, slug)
      : await findComparison(db, slug).catch((error: unknown) => {
          if (error instanceof Refusal) return null
          throw error
        })
    if (row && (reader || row.published)) return row
    throw new Refusal('not_found', 'There is no such published comparison; sign in to see those of the house.')
  }
  /** The person behind a form of ours. */
  const voter = async (c: Context): Promise<Identity> => {
    const reader = await readerOf(c)
    if (!reader) throw new Refusal('unauthenticated', 'Sign in to vote.')
    if (c.req.method !== 'GET') guardAgainstForgery(c)
    return reader
  }

  pages.get('/compare/style.css', (c) => c.body(style, 200, { 'content-type': 'text/css; charset=utf-8' }))
  pages.get('/compare/page.js', (c) => c.body(script, 200, { 'content-type': 'text/javascript; charset=utf-8' }))

  pages.get('/compare', async (c) => {
    const reader = await readerOf(c)
    const lines = await listComparisons(db, { published: reader === null, most: 200 })
    return c.html(listPage(lines, (await mailroom()).baseUrl, reader !== null))
  })
  pages.post('/compare/subscribe', async (c) => {
    guardAgainstForgery(c)
    limit('subscribe')
    const reader = await readerOf(c)
    const form = await c.req.parseBody()
    const email = String(form.email ?? '').trim()
    if (!/^[^\s@<>,;"]+@[^\s@<>,;"]+$/.test(email) || email.length > 200)
      throw new Refusal('bad_request', 'That is no e-mail address; go back and type it again.')
    const mail = await mailroom()
    const sentence = await askToSubscribe(db, mail, email, reader ? 'house' : 'public')
    return c.html(noticePage({ title: 'One more step', sentence, baseUrl: mail.baseUrl, signedIn: reader !== null }))
  })

  pages.get('/compare/:slug/og.png', async (c) => {
    const row = await meant(c.req.param('slug'), await readerOf(c))
    const png = ogPicture(await viewComparison(rooms, row, null))
    return c.body(new Uint8Array(png), 200, { 'content-type': 'image/png', 'cache-control': 'max-age=300' })
  })
  pages.get('/compare/:slug/vote', async (c) => {
    const reader = await voter(c)
    const row = await meant(c.req.param('slug'), reader)
    const mine = await ballotOf(db, row, reader, await stakesOf(rooms, row))
    const view = await viewComparison(rooms, row, reader.personId)
    const { baseUrl } = await mailroom()
    return c.html(ballotPage(await ballotView(db, row, mine, blindLines(view)), baseUrl))
  })
  pages.post('/compare/:slug/vote', async (c) => {
    const reader = await voter(c)
    const row = await meant(c.req.param('slug'), reader)
    const { choice } = await c.req.parseBody()
    if (choice !== 'left' && choice !== 'right' && choice !== 'neither')
      throw new Refusal('bad_request', 'A vote is for the left, the right, or neither.')
    await castVote(db, row, reader, choice, await stakesOf(rooms, row))
    return c.redirect(`/compare/${row.slug}/vote`, 303)
  })
  pages.get('/compare/:slug', async (c) => {
    const wanted = c.req.param('slug')
    const reader = await viewerOf(c)
    if (wanted.endsWith('.json')) {
      const row = await meant(wanted.slice(0, -5), reader)
      return c.json(await viewComparison(rooms, row, reader?.personId ?? null))
    }
    const page = await kept.pages.get(`${wanted} ${reader ? (reader.personId ?? reader.tokenId) : ''}`, async () => {
      const row = await meant(wanted, reader)
      if (row.slug !== wanted) return null
      const view = await viewComparison(rooms, row, reader?.personId ?? null)
      const { baseUrl } = await mailroom()
      return comparePage(view, { baseUrl, signedIn: reader !== null, assets: null })
    })
    return page === null ? c.redirect(`/compare/${(await meant(wanted, reader)).slug}`, 301) : c.html(page)
  })

  for (const kind of Object.keys(feedTypes) as FeedKind[]) {
    pages.get(`/digest.${kind}`, async (c) => {
      const digests = await digestsFor(db, (await readerOf(c)) !== null)
      return c.body(writeFeed(kind, digests, (await mailroom()).baseUrl), 200, { 'content-type': feedTypes[kind] })
    })
  }

  // Mail scanners open links, so opening one changes nothing: a button posts.
  pages.get('/u/:token/confirm', async (c) => {
    const { key, baseUrl } = await mailroom()
    const { address } = await subscriptionBy(db, key, c.req.param('token'), 'confirm')
    const sentence = `Send the weekly digest to ${address}?`
    const action = { to: `/u/${c.req.param('token')}/confirm`, words: 'Confirm' }
    return c.html(noticePage({ title: 'Weekly digest', sentence, baseUrl, signedIn: false, action }))
  })
  pages.post('/u/:token/confirm', async (c) => {
    const { key, baseUrl } = await mailroom()
    const row = await subscriptionBy(db, key, c.req.param('token'), 'confirm')
    // An old letter must not bring back somebody who has left since.
    if (row.state === 'pending') await setState(db, row.id, 'confirmed')
    const left = row.state === 'ended' || row.state === 'bounced'
    const sentence = left
      ? `${row.address} left in the meantime; subscribe again to get a new link.`
      : `The digest goes to ${row.address}, once a week, when something changed.`
    return c.html(noticePage({ title: left ? 'Not subscribed' : 'Subscribed', sentence, baseUrl, signedIn: false }))
  })
  pages.get('/u/:token', async (c) => {
    const { key, baseUrl } = await mailroom()
    const { address } = await subscriptionBy(db, key, c.req.param('token'), 'leave')
    const sentence = `No more digests to ${address}?`
    const action = { to: `/u/${c.req.param('token')}`, words: 'Unsubscribe' }
    return c.html(noticePage({ title: 'Unsubscribe', sentence, baseUrl, signedIn: false, action }))
  })
  // One click of a mail program posts here without cookie or page: the token is all it takes, and twice is once.
  pages.post('/u/:token', async (c) => {
    const { key, baseUrl } = await mailroom()
    const row = await subscriptionBy(db, key, c.req.param('token'), 'leave')
    if (row.state !== 'ended') await setState(db, row.id, 'ended')
    const sentence = `Nothing more is sent to ${row.address}.`
    return c.html(noticePage({ title: 'Unsubscribed', sentence, baseUrl, signedIn: false }))
  })
  return pages
}
