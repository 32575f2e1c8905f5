// Reads the forecasts on changes that people took, with what became of those changes.
import { and, desc, eq, inArray } from 'drizzle-orm'
import type { Db } from '../../store/database.ts'
import { decision, outcome, trial } from '../../store/tables.ts'
import type { Told } from '../../verdicts/forecasts.ts'

const mostRead = 2_000

/** The newest forecasts; a trial that was accepted twice counts by its last accept. */
export async function toldForecasts(db: Db): Promise<Told[]> {
  const rows = await db
    .select({ id: decision.id, trialId: trial.id, state: decision.state, panel: trial.panel })
    .from(decision)
    .innerJoin(trial, eq(decision.trialId, trial.id))
    .where(and(eq(decision.kind, 'accept'), inArray(decision.state, ['applied', 'undone'])))
    .orderBy(desc(decision.at))
    .limit(mostRead)
  const last = [...new Map(rows.toReversed().map((row) => [row.trialId, row])).values()]
  const ids = last.map(({ id }) => id)
  const outcomes = ids.length === 0 ? [] : await db.select().from(outcome).where(inArray(outcome.decisionId, ids))
  return last.flatMap(({ id, state, panel }) => {
    const own = outcomes.filter(({ decisionId }) => decisionId === id)
    const seen = own.map(({ kind, at }) => ({ kind: kind as Told['outcomes'][number]['kind'], at: at.toISOString() }))
    const forecasts = (panel?.reviews ?? []).flatMap((review) => review.forecast ?? [])
    return forecasts.map((forecast) => ({ forecast, outcomes: seen, undone: state === 'undone' }))
  })
}
