// Durable work on pg-boss: a job per stage. Completing a job, moving the state and sending the next job are
// one transaction, fenced by the attempt: a late worker's result changes nothing.

import { sql } from 'drizzle-orm'
import { type DrizzleTransactionLike, fromDrizzle, fromPglite, PgBoss } from 'pg-boss'
import type { Db, Store } from '../store/database.ts'
import { transact } from '../store/log.ts'

/** The queues and what their jobs carry. */
export interface Jobs {
  stage: { trialId: string; stage: 'preparing' | 'running' | 'checking' | 'reviewing' }
  settle: { taskId: string }
  apply: { decisionId: string }
}

/** What to write when the work is done, in the same transaction as the job's completion. */
export type Finish = (tx: Db) => Promise<void>

export interface Queue {
  /** Enqueues in the caller's transaction. */
  send<Name extends keyof Jobs>(tx: Db, name: Name, job: Jobs[Name]): Promise<void>
  /** Starts workers. The handler may run more than once for a job; its `Finish` is committed at most once. */
  work<Name extends keyof Jobs>(
    name: Name,
    concurrency: number,
    handler: (job: Jobs[Name], attempt: number) => Promise<Finish>,
  ): Promise<void>
  stop(): Promise<void>
}

/** A worker that lost its job to another attempt; its result is dropped. */
class Fenced extends Error {}

const queueOptions = {
  retryLimit: 100_000,
  retryDelay: 0,
  expireInSeconds: 86_399,
  heartbeatSeconds: 10,
  notify: true,
  deleteAfterSeconds: 3600,
} as const

/** How long a stopping house waits for stages to let go of their sandboxes. */
const mostDrainMs = 10_000

/** Later stages first, so that what was begun is finished before more is begun. */
const priority: Record<Jobs['stage']['stage'], number> = { preparing: 1, running: 2, checking: 3, reviewing: 4 }

export async function openQueue(store: Store, report: (error: Error) => void): Promise<Queue> {
  const shared = { useListenNotify: true, superviseIntervalSeconds: 2, monitorIntervalSeconds: 2, schedule: false }
  const boss =
    'pglite' in store.raw
      ? new PgBoss({ db: fromPglite(store.raw.pglite), backend: 'pglite', ...shared })
      : new PgBoss({ connectionString: store.raw.connectionString, ...shared })
  boss.on('error', report)
  await boss.start()
  for (const name of ['stage', 'settle', 'apply'] satisfies (keyof Jobs)[]) {
    if (!(await boss.getQueue(name))) await boss.createQueue(name, queueOptions)
  }
  if (store.kind === 'embedded') await adoptOrphans(store, boss)
  const running = new Set<Promise<void>>()

  return {
    async send(tx, name, job) {
      const options = 'stage' in job ? { priority: priority[job.stage] } : {}
      await boss.send(name, job, { ...options, db: inTransaction(tx) })
    },
    async work(name, concurrency, handler) {
      await boss.work(
        name,
        {
          localConcurrency: concurrency,
          includeMetadata: true,
          pollingIntervalSeconds: 0.5,
          notifyPollingIntervalSeconds: 2,
        },
        async ([job]) => {
          if (!job) return
          const done = Promise.withResolvers<void>()
          running.add(done.promise)
          try {
            const finish = await handler(job.data as Jobs[typeof name], job.retryCount)
            await transact(store.db, async (tx) => {
              const done = await boss.complete(name, { id: job.id, retryCount: job.retryCount }, null, {
                db: inTransaction(tx),
              })
              // The count is there at run time; the declaration leaves it out.
              if ((done as { affected?: number }).affected !== 1) throw new Fenced()
              await finish(tx)
            }).catch((error: unknown) => {
              if (!(error instanceof Fenced)) throw error
            })
          } finally {
            running.delete(done.promise)
            done.resolve()
          }
        },
      )
    },
    async stop() {
      const patience = new Promise<void>((resolve) => setTimeout(resolve, mostDrainMs).unref())
      await boss.stop({ graceful: false, close: false })
      // Stages let go when the house stops; what they still write needs the database.
      await Promise.race([Promise.allSettled(running), patience])
      await boss.stop({ graceful: false, close: true })
    },
  }
}

const inTransaction = (tx: Db) => fromDrizzle(tx as unknown as DrizzleTransactionLike, sql)

/** Nobody else can hold a job of the embedded store, so whatever is active at start belongs to a dead house. */
async function adoptOrphans(store: Store, boss: PgBoss): Promise<void> {
  const found = (await store.db.execute(
    sql`select name, id, retry_count from pgboss.job where state = 'active' and name in ('stage', 'settle', 'apply')`,
  )) as unknown as { rows: { name: string; id: string; retry_count: number }[] }
  for (const row of found.rows) await boss.fail(row.name, { id: row.id, retryCount: row.retry_count })
}
