// What calls nobody waits for any more had reserved is given back; one that settles late still counts.
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ProjectSettings } from '@seatrial/protocol'
import { eq } from 'drizzle-orm'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Spender } from '../gateway/gateway.ts'
import { openStore, type Store } from '../store/database.ts'
import { moveTrial, releaseHeld } from '../store/move.ts'
import { project, task, trial, usage } from '../store/tables.ts'
import { usageOf } from '../store/views.ts'
import { openBudgets } from './budgets.ts'

let dataDir = ''
let store: Store

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'held-'))
  store = await openStore({ dataDir, databaseUrl: null })
  const settings = ProjectSettings.parse({})
  const budget = { micros: null, tokens: 1000, minutes: null }
  await store.db.insert(project).values({ id: 'p', name: 'p', path: '/p', settings, detectedFrom: {} })
  const row = {
    projectId: 'p',
    title: 'x',
    prompt: 'x',
    images: [],
    settings,
    contenders: [],
    attempts: 1,
    untrusted: [],
  }
  await store.db.insert(task).values({ ...row, id: 't', state: 'working', budget, checks: [] })
  await store.db.insert(trial).values({ id: 'r', taskId: 't', contender: 'a', attempt: 1, state: 'running' })
})
afterEach(async () => {
  await store.close()
  rmSync(dataDir, { recursive: true })
})

const spender = { trialId: 'r', taskId: 't', model: { name: 'm' } } as Spender

const call = (tokens: number, inputTokens = 0) => ({ tokens, micros: tokens, inputTokens, inputMicros: inputTokens })

test('a take-over gives back what a dead call held for its answer, and its late cost still counts', async () => {
  const budgets = openBudgets(store, { dayMicros: null, dayTokens: null })
  expect(await budgets.reserve(spender, 'dead', call(900))).toBeNull()
  expect(await budgets.reserve(spender, 'next', call(900))).not.toBeNull()
  await releaseHeld(store.db, 'r')
  expect(await budgets.reserve(spender, 'next', call(900))).toBeNull()
  const late = { calls: 1, inputTokens: 40, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 2, micros: 7 }
  await budgets.settle(spender, 'dead', late, 'm')
  expect((await usageOf(store.db, ['r'])).get('r')).toMatchObject({ inputTokens: 40, outputTokens: 2, micros: 7 })
})

test('what a dead call had sent stays spent: a house that is killed over and over is no way past a budget', async () => {
  const budgets = openBudgets(store, { dayMicros: null, dayTokens: null })
  for (const life of ['first', 'second', 'third']) {
    expect(await budgets.reserve(spender, life, call(400, 300))).toBeNull()
    await releaseHeld(store.db, 'r')
  }
  expect(await budgets.reserve(spender, 'fourth', call(400, 300))).toMatch(/budget of 1000 tokens is spent \(900 used/)
  expect((await usageOf(store.db, ['r'])).get('r')).toMatchObject({ calls: 3, inputTokens: 900, micros: 900 })
})

test('a trial that ends holds nothing', async () => {
  const budgets = openBudgets(store, { dayMicros: null, dayTokens: null })
  await budgets.reserve(spender, 'dead', call(900))
  await store.db.transaction((tx) => moveTrial(tx as never, 'r', ['running'], 'failed'))
  const [row] = await store.db.select().from(usage).where(eq(usage.callId, 'dead'))
  expect(row).toMatchObject({ heldTokens: 0, heldMicros: 0 })
})
