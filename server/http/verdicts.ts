// Handlers of comparisons, votes and the digest: thin edges between the API table and the journey.
import { randomBytes } from 'node:crypto'
import { newId, Refusal, type ReviewerRow, type Subscription } from '@seatrial/protocol'
import type { verdictRoutes } from '@seatrial/protocol/api'
import { and, desc, eq, inArray, or } from 'drizzle-orm'
import type { Rooms } from '../journey/rooms.ts'
import { blindLines } from '../journey/verdicts/blind.ts'
import { pagesChanged } from '../journey/verdicts/changed.ts'
import { compare, explain, findComparison, plan, recompute, saveDossier } from '../journey/verdicts/compare.ts'
import {
  askToSubscribe,
  closeWeek,
  deliver,
  digestsFor,
  type Mailroom,
  newsOf,
  readersOf,
  type SubscriptionRow,
  setState,
  thisWeek,
} from '../journey/verdicts/digest.ts'
import { toldForecasts } from '../journey/verdicts/forecasts.ts'
import { listComparisons } from '../journey/verdicts/list.ts'
import { rateAll } from '../journey/verdicts/rate-all.ts'
import { stakesOf } from '../journey/verdicts/stakes.ts'
import { viewComparison } from '../journey/verdicts/view.ts'
import { ballotOf, ballotView, castVote } from '../journey/verdicts/votes.ts'
import { comparison, dossier, reviewer, subscription } from '../store/verdict-tables.ts'
import { viewTask, wholeTaskId } from '../store/views.ts'
import { composeDigest } from '../verdicts/digest/compose.ts'
import { checkDossier, readDossier } from '../verdicts/dossier.ts'
import { scoreForecasts } from '../verdicts/forecasts.ts'
import { exportPage } from '../verdicts/page/export-page.ts'
import { recordWords } from '../verdicts/reviewer-words.ts'
import { brier, skill } from '../verdicts/statistics/calibration.ts'
import type { Handlers } from './handlers.ts'

const today = (): string => new Date().toISOString().slice(0, 10)

const toSubscription = ({ id, kind, address, state, createdAt }: SubscriptionRow): Subscription => ({
  id,
  kind: kind as Subscription['kind'],
  address,
  state: state as Subscription['state'],
  createdAt: createdAt.toISOString(),
})

export function verdictHandlers(rooms: Rooms, mailroom: () => Promise<Mailroom>): Handlers<typeof verdictRoutes> {
  const { db } = rooms.store
  const view = async (slug: string, personId: string | null) =>
    viewComparison(rooms, await findComparison(db, slug), personId)

  return {
    async listComparisons() {
      return { comparisons: await listComparisons(db, { published: false, most: 500 }) }
    },
    async compare({ body }, caller) {
      return viewComparison(rooms, await compare(db, body.a, body.b, caller.personId), caller.personId)
    },
    getComparison: ({ params }, caller) => view(params.slug, caller.personId),
    async publishComparison({ params, body }, caller) {
      const row = await findComparison(db, params.slug)
      await db.update(comparison).set({ published: body.published }).where(eq(comparison.id, row.id))
      pagesChanged()
      return view(row.slug, caller.personId)
    },
    async recomputeComparison({ params }, caller) {
      return viewComparison(rooms, await recompute(db, params.slug), caller.personId)
    },
    explainVerdict: ({ params, query }) => explain(db, params.slug, query.version),
    planVerdict: ({ params }) => plan(db, params.slug),
    async exportComparison({ params }) {
      return { files: await exportPage(await view(params.slug, null), (await mailroom()).baseUrl) }
    },
    async addDossier({ body }, caller) {
      const parsed = 'toml' in body ? readDossier(body.toml, 'the dossier', today()) : body.dossier
      checkDossier(parsed, 'the dossier', today())
      await saveDossier(db, parsed, { personId: caller.personId, admin: caller.role === 'admin' })
      const { slug, name, tagline, category, entry, price, priceSource, priceDate, homepage } = parsed
      return { slug, name, tagline, category, entry, price, priceSource, priceDate, homepage }
    },
    async listDossiers() {
      const rows = await db.select().from(dossier).orderBy(dossier.slug)
      return { dossiers: rows.map(({ body }) => body) }
    },
    ratings: () => rateAll(db),
    async reviewers() {
      const rows = await db.select().from(reviewer).orderBy(reviewer.id)
      return {
        reviewers: rows.map(
          ({ id, stance, labels }): ReviewerRow => ({
            id,
            stance,
            labels: labels.n,
            brier: brier(labels),
            skill: skill(labels),
            sentence: recordWords(labels),
          }),
        ),
        forecasts: scoreForecasts(await toldForecasts(db), new Date().toISOString().slice(0, 10)),
      }
    },
    async pickCandidate({ params }) {
      const taskId = await wholeTaskId(db, params.id)
      const { selection, trials } = await viewTask(db, taskId)
      const ids = trials.map(({ id }) => id)
      const rows = await db
        .select({ slug: comparison.slug })
        .from(comparison)
        .where(and(eq(comparison.kind, 'candidates'), or(inArray(comparison.a, ids), inArray(comparison.b, ids))))
      return { taskId, selection, comparisons: rows.map(({ slug }) => slug) }
    },
    async getBallot({ params }, caller) {
      const row = await findComparison(db, params.slug)
      const mine = await ballotOf(db, row, caller, await stakesOf(rooms, row))
      return ballotView(db, row, mine, blindLines(await viewComparison(rooms, row, caller.personId)))
    },
    async castVote({ params, body }, caller) {
      const row = await findComparison(db, params.slug)
      const mine = await castVote(db, row, caller, body.choice, await stakesOf(rooms, row))
      return ballotView(db, row, mine, blindLines(await viewComparison(rooms, row, caller.personId)))
    },
    async withdrawVote({ params }, caller) {
      const row = await findComparison(db, params.slug)
      await castVote(db, row, caller, null, await stakesOf(rooms, row))
      return { ok: true }
    },
    async subscribe({ body }) {
      return { sentence: await askToSubscribe(db, await mailroom(), body.email, 'house') }
    },
    async addWebhook({ body }) {
      const secret = `whsec_${randomBytes(24).toString('base64')}`
      const [row] = await db
        .insert(subscription)
        .values({
          id: newId('person').replace('u-', 'm-'),
          kind: 'webhook',
          address: body.url,
          state: 'confirmed',
          audience: 'house',
          secret,
          confirmedAt: new Date(),
        })
        .onConflictDoNothing()
        .returning()
      if (!row) throw new Refusal('conflict', `${body.url} receives the digest already; end that subscription first.`)
      return { subscription: toSubscription(row), secret }
    },
    async listSubscriptions() {
      const rows = await db.select().from(subscription).orderBy(desc(subscription.createdAt))
      return { subscriptions: rows.map(toSubscription) }
    },
    async endSubscription({ params }) {
      const [row] = await db.select().from(subscription).where(eq(subscription.id, params.id))
      if (!row) throw new Refusal('not_found', `There is no subscription ${params.id}.`)
      if (row.kind === 'webhook') await db.delete(subscription).where(eq(subscription.id, row.id))
      else await setState(db, row.id, 'ended')
      return { ok: true }
    },
    async previewDigest() {
      const { items } = await newsOf(db, 'house')
      const { baseUrl } = await mailroom()
      const text = items.length > 0 ? composeDigest(thisWeek(), items, { baseUrl, unsubscribeUrl: null }).text : ''
      return { week: thisWeek(), items, text }
    },
    async sendDigest() {
      const week = thisWeek()
      const closed = await closeWeek(db, week)
      const late = await deliver(db, await mailroom())
      const sent = closed ? await readersOf(db, closed.id) : late
      const digests = await digestsFor(db, true)
      const found = closed ? (digests.find(({ id }) => id === closed.id) ?? null) : null
      const sentence = found
        ? `Week ${week} is closed and went to ${sent} ${sent === 1 ? 'reader' : 'readers'}.`
        : `Nothing new for ${week}: it was closed before, or no verdict changed.`
      return { digest: found, sent, sentence }
    },
  }
}
