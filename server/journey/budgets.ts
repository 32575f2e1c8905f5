// The ledger over usage rows: what a call may cost at most is reserved before it, what it did cost is written after.
import { noUsage, type Usage } from '@seatrial/protocol'
import { and, eq, gte, ne, type SQL, sql } from 'drizzle-orm'
import { type Amount, budgetVerdict, type Limits, limitsOf } from '../gateway/budget.ts'
import type { Ledger } from '../gateway/gateway.ts'
import { advisory } from '../store/advisory.ts'
import type { Db, Store } from '../store/database.ts'
import { append, transact } from '../store/log.ts'
import { task, usage } from '../store/tables.ts'

export interface Budgets extends Ledger {
  /** The sentence that said which budget of a trial is spent, or null. */
  spent(trialId: string): string | null
}

export function openBudgets(store: Store, house: { dayMicros: number | null; dayTokens: number | null }): Budgets {
  const refused = new Map<string, string>()

  const spentWhere = async (tx: Db, where: SQL | undefined): Promise<Amount> => {
    const [row] = await tx
      .select({
        micros: sql<
          number | null
        >`case when bool_or(${usage.micros} is null) then null else coalesce(sum(${usage.micros} + ${usage.heldMicros}), 0) end`,
        tokens:
          sql<number>`coalesce(sum(${usage.inputTokens} + ${usage.outputTokens} + ${usage.cacheReadTokens} + ${usage.cacheWriteTokens} + ${usage.heldTokens}), 0)`.mapWith(
            Number,
          ),
      })
      .from(usage)
      .where(where)
    return { tokens: row?.tokens ?? 0, micros: row ? (row.micros === null ? null : Number(row.micros)) : 0 }
  }

  const limitsFor = async (tx: Db, taskId: string): Promise<Limits> => {
    const [row] = await tx
      .select({ budget: task.budget, settings: task.settings })
      .from(task)
      .where(eq(task.id, taskId))
    if (!row) throw new Error(`Task ${taskId} has no row`)
    return limitsOf(row.settings.budget, row.budget, house)
  }

  return {
    spent: (trialId) => refused.get(trialId) ?? null,
    async reserve(spender, callId, most, mayAskLess) {
      const startOfDay = new Date(new Date().setUTCHours(0, 0, 0, 0))
      const verdict = await transact(store.db, async (tx) => {
        // One reservation at a time, or two calls could both fit into what is left for one.
        await tx.execute(sql`select pg_advisory_xact_lock(${advisory.budgets})`)
        const others = ne(usage.callId, callId)
        const spent = {
          trial: await spentWhere(tx, and(eq(usage.trialId, spender.trialId), others)),
          task: await spentWhere(tx, and(eq(usage.taskId, spender.taskId), others)),
          day: await spentWhere(tx, and(gte(usage.at, startOfDay), others)),
        }
        const sentence = budgetVerdict(spent, most, await limitsFor(tx, spender.taskId))
        // A call that can be made shorter is asked for again; only the last no is told.
        if (sentence && mayAskLess) return sentence
        if (sentence) {
          await append(tx, { taskId: spender.taskId, trialId: spender.trialId }, [{ type: 'budget.spent', sentence }])
          return sentence
        }
        const held = {
          inputTokens: most.inputTokens,
          heldTokens: most.tokens - most.inputTokens,
          micros: most.inputMicros,
          heldMicros: (most.micros ?? 0) - (most.inputMicros ?? 0),
        }
        await tx
          .insert(usage)
          .values({ callId, trialId: spender.trialId, taskId: spender.taskId, model: spender.model.name, ...held })
          .onConflictDoUpdate({ target: usage.callId, set: held })
        return null
      })
      if (verdict && !mayAskLess) refused.set(spender.trialId, verdict)
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
            heldMicros: 0,
            inputTokens,
            cacheReadTokens,
            cacheWriteTokens,
            outputTokens,
            micros,
            model,
          })
          .where(eq(usage.callId, callId))
        await append(tx, { taskId: spender.taskId, trialId: spender.trialId }, [
          { type: 'usage.metered', usage: { ...noUsage, ...metered }, model },
        ])
      })
    },
  }
}
