// The embedded database has no processes of its own that keep it in shape; the house does that.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { sql } from 'drizzle-orm'
import { afterEach, expect, test, vi } from 'vitest'
import { openStore } from './database.ts'

afterEach(() => {
  vi.useRealTimers()
})

test('statistics of the tables that lists read are made while a house runs', async () => {
  const dataDir = await mkdtemp(join(tmpdir(), 'upkeep-'))
  vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] })
  const store = await openStore({ dataDir, databaseUrl: null })
  const known = async () => {
    const read = await store.db.execute(sql`select count(*)::int as rows from pg_stats where tablename = 'event'`)
    return (read as unknown as { rows: { rows: number }[] }).rows[0]?.rows
  }
  try {
    await store.db.execute(sql`insert into event (body) select '{"type":"x"}'::jsonb from generate_series(1, 50)`)
    expect(await known()).toBe(0)
    vi.advanceTimersByTime(10 * 60_000)
    expect(await known()).toBeGreaterThan(0)
  } finally {
    await store.close()
    await rm(dataDir, { recursive: true })
  }
})
