// The ledger over usage rows: what a call may cost at most is reserved before it, what it did cost is written after.
import { noUsage, type Usage } from '@seatrial/protocol'
import { and, eq, gte, type SQL, sql } from 'drizzle-orm'
import { type BudgetLimits, budgetVerdict } from '../gateway/budget.ts'
import type { Ledger, Spender } from '../gateway/gateway.ts'
import type { Db, Store } from '../store/database.ts'
import { append, transact } from '../store/log.ts'
import { task, usage } from '../store/tables.ts'

export interface Budgets extends Ledger {
  /** The sentence that said which budget of a trial is spent, or null. */
  spent(trialId: string): string | null
}

export function openBudgets(store: Store, house: { dayMicros: number | null }): Budgets {
  const refused = new Map<string, string>()

  const spentWhere = async (tx: Db, where: SQL | undefined): Promise<{ micros: number; tokens: number }> => {
    const [row] = await tx
      .select({
        micros: sql<number>`coalesce(sum(${usage.micros}), 0)`.mapWith(Number),
        tokens:
          sql<number>`coalesce(sum(${usage.inputTokens} + ${usage.outputTokens} + ${usage.cacheReadTokens} + ${usage.cacheWriteTokens} + ${usage.heldTokens}), 0)`.mapWith(
            Number,
          ),
      })
      .from(usage)
      .where(where)
    return row ?? { micros: 0, tokens: 0 }
  }

  const limitsOf = async (spender: Spender): Promise<BudgetLimits> => {
    const [row] = await store.db
      .select({ budget: task.budget, settings: task.settings })
      .from(task)
      .where(eq(task.id, spender.taskId))
    const project = row?.settings.budget
    return {
      trialMicros: project?.trialMicros ?? null,
      trialTokens: row?.budget.tokens ?? project?.trialTokens ?? null,
      taskMicros: row?.budget.micros ?? project?.taskMicros ?? null,
      dayMicros: project?.dayMicros ?? house.dayMicros,
    }
  }

  return {
    spent: (trialId) => refused.get(trialId) ?? null,
    async reserve(spender, callId, most) {
      const limits = await limitsOf(spender)
      const startOfDay = new Date(new Date().setUTCHours(0, 0, 0, 0))
      const verdict = await transact(store.db, async (tx) => {
        // One reservation at a time, or two calls could both fit into what is left for one.
        await tx.execute(sql`select pg_advisory_xact_lock(742003)`)
        const spent = {
          trial: await spentWhere(tx, eq(usage.trialId, spender.trialId)),
          task: await spentWhere(tx, eq(usage.taskId, spender.taskId)),
          day: await spentWhere(tx, and(gte(usage.at, startOfDay))),
        }
        const sentence = budgetVerdict(spent, most, limits)
        if (sentence) {
          await append(tx, spender, [{ type: 'budget.spent', sentence }])
          return sentence
        }
        await tx.insert(usage).values({
          callId,
          trialId: spender.trialId,
          taskId: spender.taskId,
          model: spender.model.name,
          heldTokens: most.tokens,
          micros: most.micros,
        })
        return null
      })
      if (verdict) refused.set(spender.trialId, verdict)
      return verdict
    },
    async settle(spender, callId, metered: Usage, model) {
      await transact(store.db, async (tx) => {
        const { inputTokens, cacheReadTokens, cacheWriteTokens, outputTokens, micros } = metered
        await tx
          .update(usage)
          .set({
            settled: true,
            heldTokens: 0,
            inputTokens,
            cacheReadTokens,
            cacheWriteTokens,
            outputTokens,
            micros,
            model,
          })
          .where(eq(usage.callId, callId))
        await append(tx, spender, [{ type: 'usage.metered', usage: { ...noUsage, ...metered }, model }])
      })
    },
  }
}
