// What may go and what must stay: a dry run shows it, a sweep removes it, and what waits for a person is untouched.
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { eq } from 'drizzle-orm'
import { afterEach, expect, test } from 'vitest'
import { removable, remove } from '../server/journey/retention.ts'
import { parcel, parcelPart } from '../server/store/parcel-tables.ts'
import { task } from '../server/store/tables.ts'
import { makeRepo, openTestHouse, removeRepo, scriptedPrompt, type TestHouse } from './house.ts'

let opened: TestHouse | null = null
let repo = ''

afterEach(async () => {
  await opened?.close()
  opened = null
  await removeRepo(repo)
})

test('gc shows sizes, removes decided work, keeps what waits, and an accepted task can still be undone', async () => {
  const house = await openTestHouse()
  opened = house
  repo = await makeRepo({ 'a.txt': 'a\n' })
  const submit = (name: string) =>
    house.client.submitTask({
      body: {
        project: repo,
        contenders: ['scripted'],
        prompt: scriptedPrompt(name, [{ do: 'write', path: `${name}.txt`, text: `${name}\n` }]),
      },
    })
  const [decided, undecided] = [await submit('decided'), await submit('undecided')]
  const done = await house.until(decided.id, 'waiting')
  const waits = await house.until(undecided.id, 'waiting')
  await house.client.accept({ params: { id: decided.id }, body: {} })
  const log = join(house.dataDir, 'house.log')
  writeFileSync(log, `${'old\n'.repeat(3_000_000)}newest\n`)
  const trials = () => readdirSync(join(house.dataDir, 'trials'))
  const before = trials()

  const dry = await house.client.collectGarbage({ body: { dryRun: true } })
  expect(dry.removed).toBe(false)
  expect(dry.items.map(({ kind, id }) => [kind, id])).toEqual([
    ['workspace', done.trials[0]?.id],
    ['log', 'house.log'],
  ])
  expect(dry.bytes).toBeGreaterThan(9_000_000)
  expect(trials()).toEqual(before)

  const swept = await house.client.collectGarbage({ body: { dryRun: false } })
  expect(swept.items).toEqual(dry.items)
  expect(trials()).toEqual([waits.trials[0]?.id])
  expect(readFileSync(log, 'utf8').length).toBeLessThan(3_000_000)
  expect(readFileSync(log, 'utf8').endsWith('newest\n')).toBe(true)
  expect((await house.client.collectGarbage({ body: { dryRun: true } })).items).toEqual([])

  // The workspace is gone, its snapshots are not: diff and undo work, and the other task is accepted as ever.
  expect((await house.client.getDiff({ params: { id: decided.id }, query: {} })).files).toHaveLength(1)
  await house.client.undo({ params: { id: decided.id } })
  expect(existsSync(join(repo, 'decided.txt'))).toBe(false)
  await house.client.accept({ params: { id: undecided.id }, body: {} })
  expect(readFileSync(join(repo, 'undecided.txt'), 'utf8')).toBe('undecided\n')
})

test('what was listed as idle and is needed by the time it would go stays', async () => {
  const house = await openTestHouse()
  opened = house
  repo = await makeRepo({ 'a.txt': 'a\n' })
  const { id } = await house.client.submitTask({
    body: {
      project: repo,
      contenders: ['scripted'],
      prompt: scriptedPrompt('One', [{ do: 'write', path: 'one.txt', text: '1\n' }]),
    },
  })
  await house.until(id, 'waiting')
  await house.client.reject({ params: { id }, body: { reason: 'not now' } })
  const { rooms } = house.house
  const { db } = rooms.store
  const longAgo = new Date(Date.now() - 31 * 86_400_000)
  const become = (state: 'working' | 'rejected') =>
    db.update(task).set({ state, updatedAt: longAgo }).where(eq(task.id, id))
  await become('rejected')
  const { trials, projectId } = await house.client.getTask({ params: { id } })
  const trialId = trials[0]?.id ?? ''
  const [sent] = await db.insert(parcel).values({ projectId, trialId, commit: 'c', at: longAgo }).returning()
  await db.insert(parcelPart).values({ parcelId: sent?.id ?? 0, number: 0, bytes: Buffer.from('x') })
  const listed = await removable(rooms, true)
  expect(listed.map(({ kind }) => kind)).toEqual(['workspace', 'snapshots', 'parcels'])
  await become('working')
  expect(await remove(rooms, listed)).toEqual([])
  await become('rejected')
  expect(await remove(rooms, listed)).toEqual(listed)
  expect(await db.select().from(parcel).where(eq(parcel.trialId, trialId))).toEqual([])
})
