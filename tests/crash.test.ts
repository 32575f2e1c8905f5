// kill -9 of the house at bad moments: what was acknowledged is there, happens once, and the trial goes on.
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, realpathSync, watch, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { TaskState } from '@seatrial/protocol'
import type { TaskView } from '@seatrial/protocol/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { openWorkspaces } from '../server/workspace/open.ts'
import { leaks, makeRepo, removeRepo, scriptedPrompt, unmountBelow } from './house.ts'
import { type HouseProcess, startHouseProcess } from './house-process.ts'

let dataDir = ''
let repo = ''
let house: HouseProcess

beforeEach(async () => {
  dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'stc-')))
  repo = await makeRepo({ 'a.txt': 'a\n' })
  house = await startHouseProcess(dataDir)
})
afterEach(async () => {
  await house.stop()
  const left = leaks(dataDir)
  await unmountBelow(dataDir)
  await rm(dataDir, { recursive: true, force: true })
  await removeRepo(repo)
  expect(left).toEqual([])
})

const submit = (title: string, steps: object[]): Promise<TaskView> =>
  house.client.submitTask({
    body: { project: repo, contenders: ['scripted'], prompt: scriptedPrompt(title, steps) },
  })

const events = async (task: TaskView) =>
  (await house.client.listEvents({ query: { task: task.id, limit: 1000 } })).events

/** Waits for the event of a task that is the `times`th of its type. */
async function seen({ id }: TaskView, type: string, times = 1): Promise<void> {
  let count = 0
  for await (const { body } of house.client.follow({ after: 0, task: id }))
    if (body.type === type && ++count === times) return
}

async function moved({ id }: TaskView, to: TaskState): Promise<void> {
  for await (const { body } of house.client.follow({ after: 0, task: id }))
    if (body.type === 'task.moved' && body.to === to) return
}

/** Never lets the agent go on before a kill; afterwards `~/killed` is there and the step is skipped. */
const untilKilled = { do: 'wait', file: 'never', unless: '~/killed' }

async function killAndRestart(meanwhile = async () => {}): Promise<void> {
  await house.kill()
  const trials = join(dataDir, 'trials')
  for (const trial of readdirSync(trials)) writeFileSync(join(trials, trial, 'home', 'killed'), '')
  await meanwhile()
  house = await startHouseProcess(dataDir)
}

const filesOf = async ({ id }: TaskView): Promise<string[]> =>
  (await house.client.getDiff({ params: { id }, query: {} })).files.map((file) => file.path)

test('a trial killed in the middle goes on from its last checkpoint and ends with the whole change', async () => {
  const task = await submit('Three files', [
    { do: 'write', path: 'one.txt', text: '1\n' },
    untilKilled,
    { do: 'write', path: 'two.txt', text: '2\n' },
  ])
  await seen(task, 'checkpoint.made')
  const before = await events(task)
  await killAndRestart()
  // Every event that was there is there, in the same place.
  expect((await events(task)).slice(0, before.length)).toEqual(before)
  await moved(task, 'waiting')
  const ready = await house.client.getTask({ params: { id: task.id } })
  expect(ready.trials.map(({ state }) => state)).toEqual(['ready'])
  expect(await filesOf(task)).toEqual(['one.txt', 'two.txt'])
  expect((await events(task)).some(({ body }) => body.type === 'trial.taken-over')).toBe(true)
})

test('a checkpoint that was taken, and not written down before a kill, is in the candidate', async () => {
  const task = await submit('Two files', [{ do: 'write', path: 'one.txt', text: '1\n' }, untilKilled])
  await seen(task, 'checkpoint.made')
  await killAndRestart(async () => {
    const room = await openWorkspaces({ dataDir })
    const workspace = await room.reopen(task.trials[0]?.id ?? '')
    writeFileSync(join(workspace?.dir ?? '', 'two.txt'), '2\n')
    expect(await workspace?.checkpoint('two')).toMatchObject({ files: 1 })
    await room.close()
  })
  await moved(task, 'waiting')
  expect(await filesOf(task)).toEqual(['one.txt', 'two.txt'])
})

test('an accept acknowledged just before a kill is applied exactly once', async () => {
  const task = await submit('x', [{ do: 'write', path: 'b.txt', text: 'b\n' }])
  await moved(task, 'waiting')
  const accepted = house.client.accept({ params: { id: task.id }, body: {} }).catch(() => null)
  await seen(task, 'decision.made')
  await killAndRestart()
  await accepted

  await seen(task, 'decision.applied')
  const done = await house.client.getTask({ params: { id: task.id } })
  expect(done.state).toBe('done')
  expect(done.decisions).toMatchObject([{ kind: 'accept', state: 'applied', result: { files: ['b.txt'] } }])
  expect((await events(task)).filter(({ body }) => body.type === 'decision.applied')).toHaveLength(1)
  await house.client.undo({ params: { id: task.id } })
  expect(existsSync(join(repo, 'b.txt'))).toBe(false)
})

test('an undo cut off between the checkout and the record is finished, and the task does not claim to be done', async () => {
  const task = await submit('x', [{ do: 'write', path: 'b.txt', text: 'b\n' }])
  await moved(task, 'waiting')
  await house.client.accept({ params: { id: task.id }, body: {} })
  const watcher = watch(repo)
  const gone = once(watcher, 'change')
  const undone = house.client.undo({ params: { id: task.id } }).catch(() => null)
  await gone
  watcher.close()
  await killAndRestart()
  await undone

  await seen(task, 'decision.undone')
  expect(existsSync(join(repo, 'b.txt'))).toBe(false)
  const after = await house.client.getTask({ params: { id: task.id } })
  expect(after.state).toBe('waiting')
  expect(after.decisions).toMatchObject([{ kind: 'accept', state: 'undone' }])
})

test('a follow-up whose turn was cut off by a kill is told again', async () => {
  const task = await submit('First', [{ do: 'write', path: 'one.txt', text: '1\n' }])
  const text = scriptedPrompt('Second', [
    { do: 'write', path: 'two.txt', text: '2\n' },
    untilKilled,
    { do: 'write', path: 'three.txt', text: '3\n' },
  ])
  await house.client.messageTask({ params: { id: task.id }, body: { text } })
  await seen(task, 'checkpoint.made', 2)
  await killAndRestart()
  await moved(task, 'waiting')
  expect(await filesOf(task)).toEqual(['one.txt', 'three.txt', 'two.txt'])
})
