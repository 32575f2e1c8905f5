// Opens the store: embedded by default, any PostgreSQL by one setting. Migrates under an advisory lock.
import { chmodSync } from 'node:fs'
import { join } from 'node:path'
import type { PGlite } from '@electric-sql/pglite'
import { Refusal } from '@seatrial/protocol'
import { sql } from 'drizzle-orm'
import type { PgDatabase, PgQueryResultHKT } from 'drizzle-orm/pg-core'
import { drizzle } from 'drizzle-orm/pglite'
import { migrate } from 'drizzle-orm/pglite/migrator'
import { advisory } from './advisory.ts'
import { ensureDatabase } from './first-database.ts'
import { lockDataFolder } from './lock.ts'
import { migrationsFolder, openPglite } from './pglite.ts'

/** A connection or a transaction; both databases have the same shape. */
export type Db = Pick<
  PgDatabase<PgQueryResultHKT, Record<string, never>>,
  'select' | 'selectDistinct' | 'selectDistinctOn' | 'insert' | 'update' | 'delete' | 'execute' | 'transaction'
>

export interface Store {
  db: Db
  /** What `health` and `doctor` show. */
  kind: 'embedded' | 'postgres'
  /** For the queue: the raw embedded database, or a connection string. */
  raw: { pglite: PGlite } | { connectionString: string }
  close(): Promise<void>
}

/**
 * What a server's own processes would do, and the embedded database has none of: without checkpoints its log grows,
 * without statistics it reads whole tables, without vacuum rows that were changed stay.
 */
const upkeep = [
  { statement: 'CHECKPOINT', everyMs: 60_000 },
  { statement: 'ANALYZE task, trial, event, ask, decision, usage', everyMs: 10 * 60_000 },
  { statement: 'VACUUM', everyMs: 6 * 3_600_000 },
]

/** A worker cut off in the middle of a transaction holds locks that everybody waits for: the server lets it go after seconds. */
const soonForgotten = [
  'set idle_in_transaction_session_timeout = 15000',
  'set tcp_keepalives_idle = 5',
  'set tcp_keepalives_interval = 3',
  'set tcp_keepalives_count = 3',
  'set tcp_user_timeout = 15000',
].join('; ')

/** Opens the store. Refuses when another house uses the folder or the server cannot be reached. */
export async function openStore(options: { dataDir: string; databaseUrl: string | null }): Promise<Store> {
  // The folder holds workspaces and sockets whatever the store is: one house (or worker) to a folder.
  const unlock = await lockDataFolder(options.dataDir)
  try {
    const store = await (options.databaseUrl
      ? openServer(options.databaseUrl)
      : openEmbedded(join(options.dataDir, 'store')))
    return {
      ...store,
      async close() {
        await store.close()
        unlock()
      },
    }
  } catch (error) {
    unlock()
    throw error
  }
}

async function openEmbedded(dir: string): Promise<Store> {
  try {
    await ensureDatabase(dir)
    chmodSync(dir, 0o700)
    return await openDatabase(dir)
  } catch (error) {
    throw new Refusal(
      'unavailable',
      `The store in ${dir} could not be opened (${(error as Error).message}); free disk space or restore a backup of that folder.`,
    )
  }
}

/** Opens (or makes) the database in a folder, with all tables. */
export async function openDatabase(dir: string): Promise<Store> {
  const pglite = await openPglite(dir)
  const db = drizzle(pglite)
  await migrate(db, { migrationsFolder })
  const timers = upkeep.map(({ statement, everyMs }) =>
    setInterval(() => void pglite.exec(statement).catch(() => {}), everyMs).unref(),
  )
  return {
    db: db as unknown as Db,
    kind: 'embedded',
    raw: { pglite },
    async close() {
      timers.forEach(clearInterval)
      await pglite.close()
    },
  }
}

async function openServer(connectionString: string): Promise<Store> {
  // Only here: the embedded store starts faster without them.
  const [{ default: pg }, server, migrator] = await Promise.all([
    import('pg'),
    import('drizzle-orm/node-postgres'),
    import('drizzle-orm/node-postgres/migrator'),
  ])
  const pool = new pg.Pool({
    connectionString,
    max: 10,
    connectionTimeoutMillis: 10_000,
    query_timeout: 60_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    async onConnect(client) {
      client.on('error', () => {})
      await client.query(soonForgotten)
    },
  })
  // A connection that breaks, idle or in use, must not end the house; the next query gets a new one.
  pool.on('error', () => {})
  const client = await pool.connect().catch((error: Error) => {
    throw new Refusal('unavailable', `PostgreSQL at DATABASE_URL cannot be reached: ${error.message}.`)
  })
  try {
    const own = server.drizzle(client)
    await own.execute(sql`select pg_advisory_lock(${advisory.migrate})`)
    await migrator.migrate(own, { migrationsFolder })
    await own.execute(sql`select pg_advisory_unlock(${advisory.migrate})`)
  } finally {
    client.release()
  }
  const db = server.drizzle(pool)
  return { db: db as unknown as Db, kind: 'postgres', raw: { connectionString }, close: () => pool.end() }
}
