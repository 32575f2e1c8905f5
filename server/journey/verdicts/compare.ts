// Comparisons by name: find or open one, publish it, count it anew, explain a stored verdict, plan the next tasks.
import { type Dossier, type Estimate, Refusal } from '@seatrial/protocol'
import { and, desc, eq, inArray, or } from 'drizzle-orm'
import type { Db } from '../../store/database.ts'
import { trial } from '../../store/tables.ts'
import { cell, comparison, dossier, run, verdict, verdictInputs } from '../../store/verdict-tables.ts'
import { canonical, shaOf } from '../../verdicts/canonical.ts'
import { stepsOf } from '../../verdicts/explain.ts'
import { judge, type VerdictInputs } from '../../verdicts/judge.ts'
import { type Plan, planOf } from '../../verdicts/plan.ts'
import { slugOf, swapped } from '../../verdicts/slug.ts'
import type { Names } from '../../verdicts/words.ts'
import { changePages } from './changed.ts'
import { type ComparisonRow, judgeNow, namesOf, newestVerdict, openComparison, recount } from './count.ts'
import { runsOf } from './runs.ts'

type Kind = 'contenders' | 'candidates' | 'dossiers'
interface Side {
  kind: Kind
  /** Contender text, trial id or dossier slug. */
  name: string
  taskId?: string
}

const spoken: Record<Kind, string> = {
  contenders: 'a contender that ran here',
  candidates: 'a candidate of a task',
  dossiers: 'known by dossier only',
}

/** What a name means here: a trial, a contender with runs, or a dossier; in this order. */
async function sideOf(db: Db, name: string): Promise<Side> {
  const [one] = await db
    .select({ id: trial.id, taskId: trial.taskId, state: trial.state })
    .from(trial)
    .where(or(eq(trial.id, name), eq(trial.id, `r-${name}`)))
  if (one) {
    if (one.state === 'ready' || one.state === 'failed') return { kind: 'candidates', name: one.id, taskId: one.taskId }
    throw new Refusal('conflict', `Trial ${one.id} has offered nothing yet; it is ${one.state}.`)
  }
  const ran = (await db.select({ contender: run.contender }).from(run).groupBy(run.contender)).map(
    (row) => row.contender,
  )
  const contender = ran.find((each) => each === name) ?? ran.find((each) => slugOf(each) === slugOf(name))
  if (contender) return { kind: 'contenders', name: contender }
  const [known] = await db
    .select({ slug: dossier.slug })
    .from(dossier)
    .where(eq(dossier.slug, slugOf(name)))
  if (known) return { kind: 'dossiers', name: known.slug }
  throw new Refusal(
    'not_found',
    `Nothing here is called ${name.slice(0, 100)}: no contender that ran, no trial and no dossier; enter one with \`seatrial verdict dossier FILE.toml\`.`,
  )
}

export async function compare(db: Db, a: string, b: string, by: string | null): Promise<ComparisonRow> {
  const [left, right] = [await sideOf(db, a), await sideOf(db, b)]
  if (left.name === right.name && left.kind === right.kind)
    throw new Refusal('bad_request', `${left.name} cannot be compared with itself; name two.`)
  if (left.kind !== right.kind)
    throw new Refusal(
      'unprocessable',
      `${left.name} is ${spoken[left.kind]} and ${right.name} is ${spoken[right.kind]}: there is nothing to hold side by side.`,
    )
  if (left.taskId !== right.taskId)
    throw new Refusal('unprocessable', `${left.name} and ${right.name} are candidates of different tasks.`)
  return changePages(db, async (tx) => {
    const row = await openComparison(tx, left.kind, left.name, right.name, by)
    if (row.kind === 'contenders' && !row.tally) return recountNow(tx, row)
    await judgeNow(tx, row)
    return row
  })
}

async function recountNow(tx: Db, row: ComparisonRow): Promise<ComparisonRow> {
  const { tally, cells } = recount(row, await runsOf(tx, [row.a, row.b]))
  await tx.delete(cell).where(eq(cell.comparisonId, row.id))
  for (const [taskId, body] of cells) await tx.insert(cell).values({ comparisonId: row.id, taskId, body })
  await tx.update(comparison).set({ tally }).where(eq(comparison.id, row.id))
  await judgeNow(tx, { ...row, tally })
  return { ...row, tally }
}

/** Counts all runs of a comparison anew. */
export async function recompute(db: Db, slug: string): Promise<ComparisonRow> {
  const found = await findComparison(db, slug)
  return changePages(db, async (tx) => {
    const [row] = await tx.select().from(comparison).where(eq(comparison.id, found.id)).for('update')
    if (!row) throw new Error(`Comparison ${slug} vanished`)
    if (row.kind === 'contenders') return recountNow(tx, row)
    await judgeNow(tx, row)
    return row
  })
}

/** By its address, or that of the swapped pair. */
export async function findComparison(db: Db, slug: string): Promise<ComparisonRow> {
  const rows = await db
    .select()
    .from(comparison)
    .where(inArray(comparison.slug, [slug, ...swapped(slug)]))
  const row = rows.find((each) => each.slug === slug) ?? rows[0]
  if (!row)
    throw new Refusal(
      'not_found',
      `There is no comparison ${slug.slice(0, 200)}; list them with \`seatrial verdict list\`, or open one with \`seatrial compare A B\`.`,
    )
  return row
}

/** Enters or replaces a dossier and judges anew whatever rests on it. Only its owner or an admin may replace one. */
export async function saveDossier(
  db: Db,
  body: Dossier,
  by: { personId: string | null; admin: boolean },
): Promise<void> {
  await changePages(db, async (tx) => {
    const [old] = await tx.select().from(dossier).where(eq(dossier.slug, body.slug)).for('update')
    if (old && !by.admin && (old.ownerId === null || old.ownerId !== by.personId))
      throw new Refusal('forbidden', `The dossier ${body.slug} belongs to somebody else; choose another slug.`)
    await tx
      .insert(dossier)
      .values({ slug: body.slug, body, ownerId: by.personId })
      .onConflictDoUpdate({ target: dossier.slug, set: { body, updatedAt: new Date() } })
    const rows = await tx
      .select()
      .from(comparison)
      .where(and(eq(comparison.kind, 'dossiers'), or(eq(comparison.a, body.slug), eq(comparison.b, body.slug))))
    for (const row of rows) await judgeNow(tx, row)
  })
}

export interface Explanation {
  version: number
  inputsSha: string
  reproduced: boolean
  current: boolean | null
  steps: string[]
  inputs: unknown
  estimate: unknown
}

/** Runs the formula again on the stored inputs, and for the newest version counts the inputs again from the runs. */
export async function explain(db: Db, slug: string, version: number | undefined): Promise<Explanation> {
  const row = await findComparison(db, slug)
  const newest = await newestVerdict(db, row.id)
  const [found] = version
    ? await db
        .select()
        .from(verdict)
        .where(and(eq(verdict.comparisonId, row.id), eq(verdict.version, version)))
    : [newest]
  if (!found) throw new Refusal('not_found', `${row.slug} has no version ${version ?? 1} of its verdict.`)
  const [stored] = await db.select().from(verdictInputs).where(eq(verdictInputs.sha, found.inputsSha))
  if (!stored) throw new Error(`The inputs ${found.inputsSha} are gone`)
  const inputs = JSON.parse(stored.body) as VerdictInputs
  const again = canonical(judge(inputs))
  const hashed = shaOf(stored.body) === found.inputsSha
  const current =
    found.version !== newest?.version || inputs.kind !== 'contenders'
      ? null
      : canonical(recount(row, await runsOf(db, [row.a, row.b])).tally) === canonical(inputs.tally)
  return {
    version: found.version,
    inputsSha: found.inputsSha,
    reproduced: hashed && again === found.estimate,
    current,
    steps: stepsOf(inputs, found.estimateView, await namesOf(db, row)),
    inputs,
    estimate: JSON.parse(found.estimate) as unknown,
  }
}

export async function plan(db: Db, slug: string): Promise<Plan> {
  const row = await findComparison(db, slug)
  const newest = await newestVerdict(db, row.id)
  if (!newest) throw new Error(`Comparison ${row.slug} has no verdict`)
  return planFor(row, await namesOf(db, row), newest.estimateView)
}

export function planFor(row: ComparisonRow, names: Names, estimate: Estimate): Plan {
  if (row.kind !== 'contenders') {
    const sentence =
      row.kind === 'dossiers'
        ? 'Give both the same tasks here: seven that one wins and none that the other wins would name it.'
        : 'Accept or reject one of the candidates: a person decides this one.'
    return { sentences: [sentence], tasks: row.kind === 'dossiers' ? 7 : null, costMicros: null }
  }
  const track = estimate.provisional ? row.tally?.gates : row.tally?.kept
  const priced = track && track.tasks > 0 && track.unpriced.a + track.unpriced.b === 0
  return planOf(names, estimate, priced ? (track.cost.a + track.cost.b) / track.tasks : null)
}

export const historyOf = (db: Db, comparisonId: string) =>
  db.select().from(verdict).where(eq(verdict.comparisonId, comparisonId)).orderBy(desc(verdict.version)).limit(50)
