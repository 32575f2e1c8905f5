// Trials that ended, as runs: what they say of their contender is written anew whenever a decision or an outcome comes.
import type { Labels, RunFacts } from '@seatrial/protocol'
import { and, eq, inArray, sql } from 'drizzle-orm'
import type { Db } from '../../store/database.ts'
import { decision, outcome, trial } from '../../store/tables.ts'
import { reviewer, run } from '../../store/verdict-tables.ts'
import { toDecision, usageOf } from '../../store/views.ts'
import { canonical } from '../../verdicts/canonical.ts'
import { factsOf } from '../../verdicts/run-facts.ts'
import { addLabel, noLabels } from '../../verdicts/statistics/calibration.ts'

export type RunRow = typeof run.$inferSelect

/** Put together by a person from several candidates: nobody's own work. */
const nobodys = 'composed'

/** Writes the runs of one task and the reviewers' records; answers with all runs of the task. */
export async function recordRuns(tx: Db, taskId: string): Promise<RunRow[]> {
  const trials = (await tx.select().from(trial).where(eq(trial.taskId, taskId))).filter(
    ({ contender }) => contender !== nobodys,
  )
  const decisions = (await tx.select().from(decision).where(eq(decision.taskId, taskId)).orderBy(decision.at)).map(
    toDecision,
  )
  const ids = decisions.map(({ id }) => id)
  const outcomes = ids.length === 0 ? [] : await tx.select().from(outcome).where(inArray(outcome.decisionId, ids))
  const spent = await usageOf(
    tx,
    trials.map(({ id }) => id),
  )
  const taken = trials.filter(({ id }) =>
    decisions.some(({ trialId, kind, state }) => trialId === id && kind === 'accept' && state === 'applied'),
  )
  const before = await tx.select().from(run).where(eq(run.taskId, taskId))
  const rows: RunRow[] = []
  for (const row of trials) {
    if (row.state !== 'ready' && row.state !== 'failed') continue
    const own = decisions.filter(({ trialId }) => trialId === row.id)
    const used = spent.get(row.id)
    const facts = factsOf({
      id: row.id,
      state: row.state,
      failure: row.failure,
      panel: row.panel,
      costMicros: used ? used.micros : 0,
      decisions: own,
      outcomes: outcomes.map(({ decisionId, kind, at }) => ({
        decisionId,
        kind: kind as 'merged',
        at: at.toISOString(),
      })),
      otherTaken: taken.some(({ contender }) => contender !== row.contender),
    })
    const old = before.find(({ trialId }) => trialId === row.id)
    rows.push({ trialId: row.id, taskId, contender: row.contender, facts, at: old?.at ?? new Date() })
    if (old && canonical(old.facts) === canonical(facts)) continue
    await tx
      .insert(run)
      .values({ trialId: row.id, taskId, contender: row.contender, facts })
      .onConflictDoUpdate({ target: run.trialId, set: { facts } })
    await relabel(tx, old?.facts ?? null, facts)
  }
  return rows
}

/** Reviewers are held to what people did with a candidate: the old label goes, the new one comes. */
async function relabel(tx: Db, old: RunFacts | null, now: RunFacts): Promise<void> {
  const changes = [
    ...(old && old.kept !== null ? old.reviews.map((review) => ({ review, kept: old.kept, times: -1 as const })) : []),
    ...(now.kept !== null ? now.reviews.map((review) => ({ review, kept: now.kept, times: 1 as const })) : []),
  ]
  if (changes.length === 0 || (old && old.kept === now.kept)) return
  const stances = [...new Set(changes.map(({ review }) => review.stance))].sort()
  for (const stance of stances) {
    const id = `rules/${stance}`
    await tx.insert(reviewer).values({ id, stance, labels: noLabels() }).onConflictDoNothing()
    const [row] = await tx.select().from(reviewer).where(eq(reviewer.id, id)).for('update')
    let labels: Labels = row?.labels ?? noLabels()
    for (const { review, kept, times } of changes)
      if (review.stance === stance) labels = addLabel(labels, review.pShip, kept === 1, times)
    await tx.update(reviewer).set({ labels }).where(eq(reviewer.id, id))
  }
}

/** Runs of two contenders, or of all. */
export const runsOf = (db: Db, contenders?: string[]): Promise<RunRow[]> =>
  db
    .select()
    .from(run)
    .where(and(contenders ? inArray(run.contender, contenders) : undefined))

/** Tasks that both sides of a comparison of contenders were given, as a query. */
export const sharedTasks = (db: Db, { a, b }: { a: string; b: string }) =>
  db
    .select({ taskId: run.taskId })
    .from(run)
    .where(inArray(run.contender, [a, b]))
    .groupBy(run.taskId)
    .having(sql`count(distinct ${run.contender}) = 2`)
