// Keeps verdicts up to date: a decision touches the cells of its own task and the sums they are part of, nothing else.
import { type Cell, type RunFacts, Stance, type Tally } from '@seatrial/protocol'
import { and, desc, eq, inArray, or } from 'drizzle-orm'
import type { Db } from '../../store/database.ts'
import { append } from '../../store/log.ts'
import { task } from '../../store/tables.ts'
import { cell, comparison, dossier, reviewer, run, verdict, verdictInputs } from '../../store/verdict-tables.ts'
import { canonical, shaOf } from '../../verdicts/canonical.ts'
import { formula } from '../../verdicts/formula.ts'
import { judge, type VerdictInputs } from '../../verdicts/judge.ts'
import { type Calibrations, uncalibrated } from '../../verdicts/panel-share.ts'
import { slugOf, slugOfPair } from '../../verdicts/slug.ts'
import { calibrate } from '../../verdicts/statistics/calibration.ts'
import { compareRuns, noTally, withCell } from '../../verdicts/tally.ts'
import { type Names, sentenceOf } from '../../verdicts/words.ts'
import { namesOfAll } from './list.ts'
import { type RunRow, recordRuns } from './runs.ts'

export type ComparisonRow = typeof comparison.$inferSelect
export type VerdictDbRow = typeof verdict.$inferSelect

const factsOf = (runs: readonly RunRow[], contender: string): RunFacts[] =>
  runs.filter((run) => run.contender === contender).map(({ facts }) => facts)

/** Takes in what happened to one task: its runs, the cells of every pair that met there, and their verdicts. */
export async function countTask(tx: Db, taskId: string): Promise<void> {
  const runs = await recordRuns(tx, taskId)
  const met = [...new Set(runs.map(({ contender }) => contender))].sort()
  for (const [i, a] of met.entries()) {
    for (const b of met.slice(i + 1)) {
      const body = compareRuns(factsOf(runs, a), factsOf(runs, b))
      const existing = await findPair(tx, a, b)
      if (!existing && !body) continue
      const row = existing ?? (await openComparison(tx, 'contenders', a, b, null))
      await countCell(tx, row, taskId, inOrder(row, a, b) ? body : compareRuns(factsOf(runs, b), factsOf(runs, a)))
    }
  }
  const ids = runs.map(({ trialId }) => trialId)
  if (ids.length === 0) return
  const rows = await tx
    .select()
    .from(comparison)
    .where(and(eq(comparison.kind, 'candidates'), or(inArray(comparison.a, ids), inArray(comparison.b, ids))))
  for (const row of rows) await judgeNow(tx, row)
}

const inOrder = (row: ComparisonRow, a: string, b: string): boolean => row.a === a && row.b === b

async function findPair(tx: Db, a: string, b: string): Promise<ComparisonRow | undefined> {
  const [x, y] = sorted(a, b)
  const [row] = await tx
    .select()
    .from(comparison)
    .where(and(eq(comparison.kind, 'contenders'), eq(comparison.a, x), eq(comparison.b, y)))
    .for('update')
  return row
}

/** The side whose slug comes first is `a`, whoever asks. */
export function sorted(a: string, b: string): [string, string] {
  const [x, y] = [slugOf(a), slugOf(b)]
  return x < y || (x === y && a < b) ? [a, b] : [b, a]
}

/** Opens the comparison of a pair; the same pair twice is one comparison. */
export async function openComparison(
  tx: Db,
  kind: 'contenders' | 'candidates' | 'dossiers',
  a: string,
  b: string,
  by: string | null,
): Promise<ComparisonRow> {
  const [x, y] = sorted(a, b)
  const [found] = await tx
    .select()
    .from(comparison)
    .where(and(eq(comparison.kind, kind), eq(comparison.a, x), eq(comparison.b, y)))
  if (found) return found
  const wanted = slugOfPair(x, y)
  const [clash] = await tx.select({ id: comparison.id }).from(comparison).where(eq(comparison.slug, wanted))
  const id = shaOf(canonical([kind, x, y])).slice(0, 16)
  const [row] = await tx
    .insert(comparison)
    .values({ id, slug: clash ? `${wanted}-${id.slice(0, 4)}` : wanted, kind, a: x, b: y, createdBy: by })
    .returning()
  if (!row) throw new Error('The comparison was not written')
  return row
}

async function countCell(tx: Db, row: ComparisonRow, taskId: string, body: Cell | null): Promise<void> {
  const where = and(eq(cell.comparisonId, row.id), eq(cell.taskId, taskId))
  const [old] = await tx.select().from(cell).where(where)
  if (canonical(old?.body ?? null) === canonical(body) && row.tally) return
  let tally: Tally = row.tally ?? noTally()
  if (old) tally = withCell(tally, taskId, old.body, -1)
  if (body) {
    tally = withCell(tally, taskId, body, 1)
    await tx
      .insert(cell)
      .values({ comparisonId: row.id, taskId, body })
      .onConflictDoUpdate({ target: [cell.comparisonId, cell.taskId], set: { body } })
  } else await tx.delete(cell).where(where)
  await tx.update(comparison).set({ tally }).where(eq(comparison.id, row.id))
  await judgeNow(tx, { ...row, tally })
}

/** Counts all cells of a comparison of contenders again, from the runs. */
export function recount(row: ComparisonRow, runs: readonly RunRow[]): { tally: Tally; cells: Map<string, Cell> } {
  const byTask = Map.groupBy(runs, ({ taskId }) => taskId)
  const cells = new Map<string, Cell>()
  let tally = noTally()
  for (const [taskId, own] of byTask) {
    const body = compareRuns(factsOf(own, row.a), factsOf(own, row.b))
    if (!body) continue
    cells.set(taskId, body)
    tally = withCell(tally, taskId, body, 1)
  }
  return { tally, cells }
}

export async function calibrationsOf(tx: Db): Promise<Calibrations> {
  const rows = await tx.select().from(reviewer)
  const known = rows.map(({ stance, labels }) => [Stance.parse(stance), calibrate(labels)] as const)
  return { ...uncalibrated, ...Object.fromEntries(known) }
}

/** The inputs of a verdict as they are now. */
export async function inputsOf(tx: Db, row: ComparisonRow): Promise<VerdictInputs> {
  if (row.kind === 'dossiers') {
    const found = await tx
      .select()
      .from(dossier)
      .where(inArray(dossier.slug, [row.a, row.b]))
    const [a, b] = [row.a, row.b].map((slug) => found.find((each) => each.slug === slug)?.body)
    if (!a || !b) throw new Error(`Comparison ${row.slug} has lost a dossier`)
    return { kind: 'dossiers', formula: formula.version, a, b }
  }
  const calibrations = await calibrationsOf(tx)
  if (row.kind === 'contenders')
    return { kind: 'contenders', formula: formula.version, tally: row.tally ?? noTally(), calibrations }
  return candidatesInputs(tx, row, calibrations)
}

async function candidatesInputs(tx: Db, row: ComparisonRow, calibrations: Calibrations): Promise<VerdictInputs> {
  const runs = await candidateRuns(tx, row)
  const [a, b] = [row.a, row.b].map((id) => runs.find(({ trialId }) => trialId === id)?.facts ?? notYet)
  const taskId = runs[0]?.taskId ?? ''
  const [owner] = await tx.select({ selection: task.selection }).from(task).where(eq(task.id, taskId))
  const selection = owner?.selection
  const winner = selection?.winner
  return {
    kind: 'candidates',
    formula: formula.version,
    taskId,
    a: a!,
    b: b!,
    selected: !selection ? 'pending' : !winner ? 'none' : winner === row.a ? 'a' : winner === row.b ? 'b' : 'other',
    calibrations,
  }
}

export const candidateRuns = (tx: Db, row: ComparisonRow): Promise<RunRow[]> =>
  tx
    .select()
    .from(run)
    .where(inArray(run.trialId, [row.a, row.b]))

const notYet: RunFacts = { status: 'offered', kept: null, gates: null, chosen: null, costMicros: null, reviews: [] }

/** Appends a verdict when its inputs say something new; the log hears of it when the label changed. */
export async function judgeNow(tx: Db, row: ComparisonRow): Promise<void> {
  const inputs = await inputsOf(tx, row)
  const body = canonical(inputs)
  const sha = shaOf(body)
  const last = await newestVerdict(tx, row.id)
  if (last?.inputsSha === sha) return
  const estimate = judge(inputs)
  const kind = inputs.kind
  await tx.insert(verdictInputs).values({ sha, body }).onConflictDoNothing()
  await tx.insert(verdict).values({
    comparisonId: row.id,
    version: (last?.version ?? 0) + 1,
    label: estimate.label,
    formula: formula.version,
    inputsSha: sha,
    estimate: canonical(estimate),
    estimateView: estimate,
    sentence: sentenceOf(kind, await namesOf(tx, row), estimate),
    previous: last && last.label !== estimate.label ? last.label : null,
  })
  if (last?.label !== estimate.label)
    await append(tx, {}, [
      { type: 'verdict.changed', slug: row.slug, label: estimate.label, previous: last?.label ?? null },
    ])
}

export async function newestVerdict(tx: Db, comparisonId: string): Promise<VerdictDbRow | undefined> {
  const [row] = await tx
    .select()
    .from(verdict)
    .where(eq(verdict.comparisonId, comparisonId))
    .orderBy(desc(verdict.version))
    .limit(1)
  return row
}

/** What the two sides are called. */
export async function namesOf(tx: Db, row: ComparisonRow): Promise<Names> {
  const names = await namesOfAll(tx, [row])
  return { a: names(row.kind, row.a), b: names(row.kind, row.b) }
}
