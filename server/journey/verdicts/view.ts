// A comparison as people read it: the newest verdict with everything it rests on.

import { join } from 'node:path'
import type { Argument, ComparisonView, Dossier, RunFacts, SideCard, Stance, VerdictRow } from '@seatrial/protocol'
import { parseContender } from '@seatrial/protocol'
import { desc, eq, inArray } from 'drizzle-orm'
import { pricesSnapshot } from '../../gateway/prices.ts'
import { withoutNames } from '../../panel/without-names.ts'
import { readHouseToml } from '../../project/house-toml.ts'
import { task, trial } from '../../store/tables.ts'
import { dossier, reviewer, run } from '../../store/verdict-tables.ts'
import { readDossier } from '../../verdicts/dossier-stances.ts'
import { recordWords } from '../../verdicts/reviewer-words.ts'
import { dollars, evidenceOf, labelWords, type Names, plural, rateWords, shareWords } from '../../verdicts/words.ts'
import type { Rooms } from '../rooms.ts'
import { historyOf, plan } from './compare.ts'
import { type ComparisonRow, namesOf, newestVerdict, type VerdictDbRow } from './count.ts'
import type { RunRow } from './runs.ts'
import { communityOf } from './votes.ts'

type TrialRow = typeof trial.$inferSelect
type Sides<T> = { a: T; b: T }
const mostRows = 200

export async function viewComparison(
  rooms: Rooms,
  row: ComparisonRow,
  personId: string | null,
): Promise<ComparisonView> {
  const { db } = rooms.store
  const newest = await newestVerdict(db, row.id)
  if (!newest) throw new Error(`Comparison ${row.slug} has no verdict`)
  const names = await namesOf(db, row)
  const dossiers = await dossiersOf(rooms, row)
  const runs = await sharedRuns(rooms, row)
  const trials = await trialsOf(rooms, row, runs)
  const history = (await historyOf(db, row.id)).map((each) => toRow(each, names))
  const estimate = newest.estimateView
  const cards = {
    a: await cardOf(rooms, row, 'a', names.a, dossiers.a),
    b: await cardOf(rooms, row, 'b', names.b, dossiers.b),
  }
  const [owner] =
    row.kind === 'candidates' && trials[0] ? await db.select().from(task).where(eq(task.id, trials[0].taskId)) : []
  const facts = { a: dossiers.a?.facts ?? [], b: dossiers.b?.facts ?? [] }
  return {
    slug: row.slug,
    kind: row.kind as ComparisonView['kind'],
    published: row.published,
    words: labelWords(estimate.label, names),
    sentence: newest.sentence,
    evidence: evidenceOf(row.kind as ComparisonView['kind'], estimate, { a: facts.a.length, b: facts.b.length }),
    ...cards,
    estimate,
    infrastructureRuns: { a: infrastructure(runs, row, 'a'), b: infrastructure(runs, row, 'b') },
    grid: await gridOf(rooms, row, runs),
    arguments: await argumentsOf(rooms, row, trials, dossiers),
    facts,
    prices: pricesOf(row, estimate, cards),
    matrix: owner?.selection?.matrix ?? null,
    community: await communityOf(db, row, personId),
    whatWouldChange: (await plan(db, row.slug)).sentences,
    history,
    formula: newest.formula,
    inputsSha: newest.inputsSha,
    at: newest.at.toISOString(),
  }
}

export const toRow = (row: VerdictDbRow, names: Names): VerdictRow => ({
  version: row.version,
  label: row.estimateView.label,
  words: labelWords(row.estimateView.label, names),
  sentence: row.sentence,
  at: row.at.toISOString(),
  formula: row.formula,
  inputsSha: row.inputsSha,
})

async function dossiersOf(rooms: Rooms, row: ComparisonRow): Promise<Sides<Dossier | null>> {
  if (row.kind !== 'dossiers') return { a: null, b: null }
  const found = await rooms.store.db
    .select()
    .from(dossier)
    .where(inArray(dossier.slug, [row.a, row.b]))
  const body = (slug: string): Dossier | null => found.find((each) => each.slug === slug)?.body ?? null
  return { a: body(row.a), b: body(row.b) }
}

/** Runs on tasks that both sides were given, newest first. */
async function sharedRuns(rooms: Rooms, row: ComparisonRow): Promise<RunRow[]> {
  if (row.kind === 'dossiers') return []
  const { db } = rooms.store
  if (row.kind === 'candidates')
    return db
      .select()
      .from(run)
      .where(inArray(run.trialId, [row.a, row.b]))
  const rows = await db
    .select()
    .from(run)
    .where(inArray(run.contender, [row.a, row.b]))
    .orderBy(desc(run.at))
  const met = Map.groupBy(rows, ({ taskId }) => taskId)
  return rows.filter(({ taskId }) => new Set(met.get(taskId)?.map(({ contender }) => contender)).size === 2)
}

const isSide = (row: ComparisonRow, side: 'a' | 'b', each: { trialId: string; contender: string }): boolean =>
  (row.kind === 'candidates' ? each.trialId : each.contender) === row[side]

const infrastructure = (runs: RunRow[], row: ComparisonRow, side: 'a' | 'b'): number =>
  runs.filter((each) => isSide(row, side, each) && each.facts.status === 'infrastructure').length

/** The newest judged candidate of each side: its reviewers speak on the page. */
async function trialsOf(rooms: Rooms, row: ComparisonRow, runs: RunRow[]): Promise<TrialRow[]> {
  const newest = (side: 'a' | 'b'): string | undefined =>
    runs.find((each) => isSide(row, side, each) && each.facts.reviews.length > 0)?.trialId
  const ids = [newest('a'), newest('b')].filter((id) => id !== undefined)
  if (ids.length === 0) return []
  return rooms.store.db.select().from(trial).where(inArray(trial.id, ids))
}

function word({ status, kept, gates, chosen }: RunFacts): string {
  if (status === 'infrastructure') return 'not counted: infrastructure'
  if (status === 'failed') return 'failed'
  if (chosen === 'taken') return kept === 1 ? 'taken' : 'taken, then undone'
  if (gates === false) return 'broke a gate'
  if (kept === 0) return 'turned down'
  if (chosen === 'left') return 'passed over'
  return gates ? 'passed the gates' : 'not judged'
}

async function gridOf(rooms: Rooms, row: ComparisonRow, runs: RunRow[]): Promise<ComparisonView['grid']> {
  const byTask = [...Map.groupBy(runs, ({ taskId }) => taskId)].slice(0, mostRows)
  if (byTask.length === 0) return []
  const titles = await rooms.store.db
    .select({ id: task.id, title: task.title })
    .from(task)
    .where(
      inArray(
        task.id,
        byTask.map(([id]) => id),
      ),
    )
  return byTask.map(([taskId, own]) => {
    const side = (which: 'a' | 'b') => {
      const mine = own.filter((each) => isSide(row, which, each))
      const known = mine.flatMap(({ facts }) => (facts.kept === null ? [] : [facts.kept]))
      const costs = mine.map(({ facts }) => facts.costMicros)
      return {
        trialIds: mine.map(({ trialId }) => trialId),
        word: [...new Set(mine.map(({ facts }) => word(facts)))].join(', ') || 'not tried',
        score: known.length > 0 ? known.reduce<number>((sum, kept) => sum + kept, 0) / known.length : null,
        costMicros: costs.includes(null) ? null : costs.reduce<number>((sum, cost) => sum + (cost ?? 0), 0),
      }
    }
    return { taskId, title: titles.find(({ id }) => id === taskId)?.title ?? taskId, a: side('a'), b: side('b') }
  })
}

async function argumentsOf(
  rooms: Rooms,
  row: ComparisonRow,
  trials: TrialRow[],
  dossiers: Sides<Dossier | null>,
): Promise<Argument[]> {
  const records = await rooms.store.db.select().from(reviewer)
  const record = (stance: Stance): string => recordWords(records.find((each) => each.stance === stance)?.labels ?? null)
  const stances: Stance[] = ['builder', 'skeptic', 'futurist', 'product']
  return (['a', 'b'] as const).flatMap((side): Argument[] => {
    const body = dossiers[side]
    if (body) {
      const none = 'No record: nothing here was shipped or turned down.'
      return stances.map((stance) => ({ side, record: none, ...readDossier(body, stance) }))
    }
    const found = trials.find((each) => isSide(row, side, { trialId: each.id, contender: each.contender }))
    return (found?.panel?.reviews ?? [])
      .filter(({ engine, excluded }) => engine === 'rules' && excluded === null)
      .map(({ stance, vote, pShip, text, cites, changeMyMind }) => ({
        side,
        stance,
        vote,
        pShip,
        text,
        cites,
        changeMyMind,
        record: record(stance),
      }))
  })
}

async function cardOf(
  rooms: Rooms,
  row: ComparisonRow,
  side: 'a' | 'b',
  name: string,
  body: Dossier | null,
): Promise<SideCard> {
  if (body) {
    const { slug, tagline, category, entry, price, priceSource, priceDate, homepage } = body
    return { slug, name, tagline, category, entry, price, priceSource, priceDate, homepage }
  }
  const contender = row.kind === 'contenders' ? row[side] : name.replace(/ \(r-\w+\)$/, '')
  const { agent, model } = parseContender(contender)
  const card = (await rooms.agents.listAgents()).find(({ id }) => id === agent)
  const { models } = await readHouseToml(join(rooms.config.dataDir, 'house.toml'))
  const configured = model ? models[model] : undefined
  const entry = !model || card?.wire === 'none' ? 'Free' : !configured || configured.free ? 'Local' : 'BYO key'
  const note = configured?.note ? ` (${configured.note})` : ''
  const with_ = model ? ` with ${model}${note}` : ''
  return {
    slug: row[side],
    name,
    tagline:
      row.kind === 'contenders'
        ? `${card?.label ?? agent}${with_}, tried on tasks of this house`
        : `Candidate of ${card?.label ?? agent}${with_}`,
    category: row.kind === 'contenders' ? 'Coding agent' : 'Candidate change',
    entry,
    price: null,
    priceSource: null,
    priceDate: null,
    homepage: null,
  }
}

function pricesOf(
  row: ComparisonRow,
  { cost, provisional }: ComparisonView['estimate'],
  cards: Sides<SideCard>,
): ComparisonView['prices'] {
  if (row.kind === 'dossiers') {
    const words = ({ entry, price }: SideCard): string => `${entry}: ${price}.`
    return {
      sentence: 'Entry prices as cited; nothing was spent here, so there is no price per shipped change.',
      a: words(cards.a),
      b: words(cards.b),
    }
  }
  const snapshot = pricesSnapshot()
  const what =
    row.kind === 'candidates'
      ? 'for this candidate'
      : provisional
        ? 'per change that passed the gates'
        : 'per shipped change'
  const words = (micros: number | null): string =>
    micros === null
      ? `Unknown ${what}: nothing shipped, or a price is not known.`
      : `${dollars(micros)} ${what}, failed attempts included.`
  const interval = cost.interval
    ? ` The first costs ${cost.interval.lower.toFixed(2)} to ${cost.interval.upper.toFixed(2)} times the second (90%).`
    : ''
  return {
    sentence: `Metered by the gateway at list prices of ${snapshot.source} ${snapshot.version}${snapshot.checkedAt ? `, ${snapshot.checkedAt}` : ''}.${interval}`,
    a: words(cost.a),
    b: words(cost.b),
  }
}

const everyday = /^(?:.{0,2}|agent|assistant|background|code|coder|coding|large|model|small|mini|[\d.]+)$/i

/** What may be told of the two sides while their names are hidden. */
export function blindLines(view: ComparisonView): Sides<string[]> {
  // Single words of a name give it away too, unless they are words like any other.
  const words = `${view.a.name} ${view.b.name}`.split(/[\s()+]+/).filter((word) => !everyday.test(word))
  const hidden = [view.a.name, view.b.name, view.a.slug, view.b.slug, ...words]
  const hide = (text: string): string => withoutNames(text, hidden)
  const lines = (side: 'a' | 'b'): string[] => {
    const panel = side === 'a' ? view.estimate.panelA : view.estimate.panelB
    const rate = side === 'a' ? view.estimate.rateA : view.estimate.rateB
    const facts = view.facts[side].map(({ text }) => hide(text))
    return [
      `Panel: ${shareWords(panel)}.`,
      ...(rate ? [`Kept: ${rateWords(rate)} of ${plural(view.estimate.tasks, 'task')}.`] : []),
      `Price: ${hide(view.prices[side])}`,
      ...(facts.length > 0
        ? facts
        : view.arguments.filter((one) => one.side === side).map(({ stance, text }) => `${stance}: ${hide(text)}`)),
    ]
  }
  return { a: lines('a'), b: lines('b') }
}
