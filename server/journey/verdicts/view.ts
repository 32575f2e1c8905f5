// A comparison as people read it: the newest verdict with everything it rests on.
import { join } from 'node:path'
import type { Argument, ComparisonView, Dossier, RunFacts, Stance, VerdictRow } from '@seatrial/protocol'
import { and, count, desc, eq, inArray, max, sql } from 'drizzle-orm'
import { readHouseToml } from '../../project/house-toml.ts'
import { task, trial } from '../../store/tables.ts'
import { dossier, reviewer, run } from '../../store/verdict-tables.ts'
import { readDossier } from '../../verdicts/dossier-stances.ts'
import { recordWords } from '../../verdicts/reviewer-words.ts'
import { evidenceOf, labelWords, type Names } from '../../verdicts/words.ts'
import type { Rooms } from '../rooms.ts'
import { cardOf, pricesOf } from './cards.ts'
import { historyOf, planFor } from './compare.ts'
import { type ComparisonRow, candidateRuns, namesOf, type VerdictDbRow } from './count.ts'
import { type RunRow, sharedTasks } from './runs.ts'
import { stakesIn } from './stakes.ts'
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
  const versions = await historyOf(db, row.id)
  const [newest] = versions
  if (!newest) throw new Error(`Comparison ${row.slug} has no verdict`)
  const dossiers = await dossiersOf(rooms, row)
  const names = dossiers.a && dossiers.b ? { a: dossiers.a.name, b: dossiers.b.name } : await namesOf(db, row)
  const runs = await sharedRuns(rooms, row)
  const trials = await trialsOf(rooms, row, runs)
  const history = versions.map((each) => toRow(each, names))
  const estimate = newest.estimateView
  const { models } = await readHouseToml(join(rooms.config.dataDir, 'house.toml'))
  const card = (side: 'a' | 'b') => cardOf(rooms, row, side, { name: names[side], body: dossiers[side], models })
  const cards = { a: await card('a'), b: await card('b') }
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
    infrastructureRuns: await infrastructureOf(rooms, row, runs),
    grid: await gridOf(rooms, row, runs),
    arguments: await argumentsOf(rooms, row, trials, dossiers),
    facts,
    prices: pricesOf(row, estimate, cards),
    matrix: owner?.selection?.matrix ?? null,
    community: await communityOf(db, row, { names, personId, stakes: await stakesIn(db, row, models) }),
    whatWouldChange: planFor(row, names, estimate).sentences,
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

/** Runs on the newest tasks that both sides were given, newest first. */
async function sharedRuns(rooms: Rooms, row: ComparisonRow): Promise<RunRow[]> {
  if (row.kind === 'dossiers') return []
  const { db } = rooms.store
  if (row.kind === 'candidates') return candidateRuns(db, row)
  const shared = sharedTasks(db, row)
    .orderBy(desc(max(run.at)))
    .limit(mostRows)
    .as('shared')
  const rows = await db
    .select({ run })
    .from(run)
    .innerJoin(shared, eq(shared.taskId, run.taskId))
    .where(inArray(run.contender, [row.a, row.b]))
    .orderBy(desc(run.at))
  return rows.map((each) => each.run)
}

const isSide = (row: ComparisonRow, side: 'a' | 'b', each: { trialId: string; contender: string }): boolean =>
  (row.kind === 'candidates' ? each.trialId : each.contender) === row[side]

const failedOutside = sql`${run.facts} ->> 'status' = 'infrastructure'`

/** Runs on shared tasks that count nowhere, whether or not the grid still shows them. */
async function infrastructureOf(rooms: Rooms, row: ComparisonRow, runs: RunRow[]): Promise<Sides<number>> {
  if (row.kind !== 'contenders') {
    const own = (side: 'a' | 'b') =>
      runs.filter((each) => isSide(row, side, each) && each.facts.status === 'infrastructure').length
    return { a: own('a'), b: own('b') }
  }
  const { db } = rooms.store
  const counts = await db
    .select({ contender: run.contender, n: count() })
    .from(run)
    .where(and(inArray(run.contender, [row.a, row.b]), failedOutside, inArray(run.taskId, sharedTasks(db, row))))
    .groupBy(run.contender)
  const of = (contender: string): number => counts.find((each) => each.contender === contender)?.n ?? 0
  return { a: of(row.a), b: of(row.b) }
}

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
  const records = row.kind === 'dossiers' ? [] : await rooms.store.db.select().from(reviewer)
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
