import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { newId, Refusal } from '@seatrial/protocol'
import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openStore, type Store } from './database.ts'
import { append, lastSeq, readAfter, transact } from './log.ts'
import { moveTask } from './move.ts'
import { syncs } from './pglite.ts'
import { project, task } from './tables.ts'
import { viewTask, viewTasks } from './views.ts'

let dataDir: string
let store: Store

beforeEach(async () => {
  dataDir = await mkdtemp(join(tmpdir(), 'store-'))
  store = await openStore({ dataDir, databaseUrl: null })
})
afterEach(async () => {
  await store.close()
  await rm(dataDir, { recursive: true })
})

const makeTask = async (): Promise<string> => {
  const [owner] = await store.db
    .insert(project)
    .values({
      id: newId('project'),
      name: 'p',
      path: `/p/${newId('project')}`,
      settings: {} as never,
      detectedFrom: {},
    })
    .returning()
  const id = newId('task')
  const budget = { micros: null, tokens: null, minutes: null }
  await store.db.insert(task).values({
    id,
    projectId: owner?.id ?? '',
    state: 'queued',
    title: 't',
    prompt: 'p',
    images: [],
    settings: {} as never,
    contenders: [],
    attempts: 1,
    budget,
    checks: [],
    untrusted: [],
  })
  return id
}

test('a move writes row and event together, and only allowed moves are made', async () => {
  const id = await makeTask()
  const moved = await transact(store.db, (tx) => moveTask(tx, id, ['queued'], 'working'))
  expect(moved).toBe(true)
  expect(await transact(store.db, (tx) => moveTask(tx, id, ['queued'], 'working'))).toBe(false)
  await expect(transact(store.db, (tx) => moveTask(tx, id, ['working'], 'done'))).rejects.toThrow('cannot move')
  const events = await readAfter(store.db, { after: 0, limit: 10 })
  expect(events.map((each) => each.body)).toEqual([{ type: 'task.moved', from: 'queued', to: 'working', note: null }])
  expect(await lastSeq(store.db)).toBe(events[0]?.seq)
})

test('a transaction that fails leaves neither row nor event', async () => {
  const id = await makeTask()
  await expect(
    transact(store.db, async (tx) => {
      await moveTask(tx, id, ['queued'], 'working')
      throw new Error('no')
    }),
  ).rejects.toThrow('no')
  const [row] = await store.db.select().from(task).where(eq(task.id, id))
  expect(row?.state).toBe('queued')
  expect(await lastSeq(store.db)).toBe(0)
})

test('a commit reaches the disk', async () => {
  const before = syncs.count
  for (let i = 0; i < 10; i++) {
    await transact(store.db, (tx) => append(tx, {}, [{ type: 'budget.spent', sentence: 'x' }]))
  }
  expect(syncs.count - before).toBeGreaterThanOrEqual(10)
})

test('a second house on the same folder is refused in one sentence', async () => {
  const second = openStore({ dataDir, databaseUrl: null })
  await expect(second).rejects.toThrow(Refusal)
  await expect(second).rejects.toThrow(/already uses .*seatrial down/)
})

test('what was written is there after closing and opening again', async () => {
  const id = await makeTask()
  await store.close()
  store = await openStore({ dataDir, databaseUrl: null })
  expect((await viewTask(store.db, id.slice(2, 7))).id).toBe(id)
})

test('tasks are listed newest first, in pages that neither skip nor repeat', async () => {
  const ids: string[] = []
  for (let i = 0; i < 7; i++) ids.push(await makeTask())
  const seen: string[] = []
  let before: string | undefined
  do {
    const page = await viewTasks(store.db, { limit: 3, before })
    seen.push(...page.tasks.map((each) => each.id))
    before = page.next ?? undefined
  } while (before)
  expect(seen.toSorted()).toEqual(ids.toSorted())
  await expect(viewTasks(store.db, { limit: 3, before: 'nonsense' })).rejects.toThrow('next')
})

test('an unknown task is refused with where to look', async () => {
  await expect(viewTask(store.db, 't-nothere1')).rejects.toThrow('seatrial list')
})
