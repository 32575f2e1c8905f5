// What people said of hosts that trials want to reach, kept by project.
import { type EgressRule, Refusal } from '@seatrial/protocol'
import { and, eq } from 'drizzle-orm'
import { isPattern, notAHost } from '../sandbox/egress-rules.ts'
import type { Db } from '../store/database.ts'
import { egressRule } from '../store/tables.ts'

/** What was said of hosts, oldest first. */
export async function egressRules(db: Db, projectId: string): Promise<(EgressRule & { at: Date })[]> {
  const rows = await db.select().from(egressRule).where(eq(egressRule.projectId, projectId)).orderBy(egressRule.at)
  return rows.map(({ host, verdict, at }) => ({ host, verdict: verdict as EgressRule['verdict'], at }))
}

/** Keeps what was said of a host; it holds from the next request on, in running trials too. */
export async function keepEgressRule(tx: Db, projectId: string, rule: EgressRule): Promise<void> {
  const { verdict } = rule
  const host = rule.host.toLowerCase()
  if (!isPattern(host)) throw new Refusal('bad_request', `${notAHost(host)}.`)
  await tx
    .insert(egressRule)
    .values({ projectId, host, verdict })
    .onConflictDoUpdate({ target: [egressRule.projectId, egressRule.host], set: { verdict, at: new Date() } })
}

/** Forgets what was said of a host: it is asked about, or denied, as before. */
export async function forgetEgressRule(db: Db, projectId: string, host: string): Promise<void> {
  const gone = await db
    .delete(egressRule)
    .where(and(eq(egressRule.projectId, projectId), eq(egressRule.host, host.toLowerCase())))
    .returning({ host: egressRule.host })
  if (gone.length === 0) throw new Refusal('not_found', `Nothing was said of ${host} in this project.`)
}
