// kill -9 of the house in the middle of a running trial: what was acknowledged is there, and the trial goes on.
import { once } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, realpathSync, watch, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, expect, test } from 'vitest'
import { leaks, makeRepo, removeRepo, scriptedPrompt, unmountBelow } from './house.ts'
import { type HouseProcess, startHouseProcess } from './house-process.ts'

let dataDir = ''
let repo = ''
let house: HouseProcess | null = null

afterEach(async () => {
  await house?.stop()
  house = null
  const left = leaks(dataDir)
  await unmountBelow(dataDir)
  await rm(dataDir, { recursive: true, force: true })
  await removeRepo(repo)
  expect(left).toEqual([])
})

/** Waits for an event of a task that passes. */
async function seen(which: HouseProcess, task: string, passes: (type: string, body: object) => boolean): Promise<void> {
  for await (const { body } of which.client.follow({ after: 0, task })) if (passes(body.type, body)) return
}

test('a trial killed in the middle goes on from its last checkpoint and ends with the whole change', async () => {
  dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'stc-')))
  repo = await makeRepo({ 'a.txt': 'a\n' })
  house = await startHouseProcess(dataDir)
  const task = await house.client.submitTask({
    body: {
      project: repo,
      contenders: ['scripted'],
      prompt: scriptedPrompt('Three files', [
        { do: 'write', path: 'one.txt', text: '1\n' },
        // Waits for a file that never comes; after the kill the agent's own session is loaded behind this step.
        { do: 'wait', file: 'never', unless: '~/killed' },
        { do: 'write', path: 'two.txt', text: '2\n' },
      ]),
    },
  })
  await seen(house, task.id, (type) => type === 'checkpoint.made')
  const before = await house.client.listEvents({ query: { task: task.id, limit: 1000 } })
  await house.kill()
  const home = join(dataDir, 'trials')
  for (const trial of readdirSync(home)) writeFileSync(join(home, trial, 'home', 'killed'), '')

  house = await startHouseProcess(dataDir)
  const after = await house.client.listEvents({ query: { task: task.id, limit: 1000 } })
  // Every event that was there is there, in the same place.
  expect(after.events.slice(0, before.events.length)).toEqual(before.events)
  await seen(house, task.id, (type, body) => type === 'task.moved' && (body as { to: string }).to === 'waiting')
  const ready = await house.client.getTask({ params: { id: task.id } })
  expect(ready.trials).toHaveLength(1)
  expect(ready.trials[0]?.state).toBe('ready')
  const diff = await house.client.getDiff({ params: { id: task.id }, query: {} })
  expect(diff.files.map((file) => file.path)).toEqual(['one.txt', 'two.txt'])
  const { events } = await house.client.listEvents({ query: { task: task.id, limit: 1000 } })
  expect(events.some((event) => event.body.type === 'trial.taken-over')).toBe(true)
})

test('an accept acknowledged just before a kill is applied exactly once', async () => {
  dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'stc-')))
  repo = await makeRepo({ 'a.txt': 'a\n' })
  house = await startHouseProcess(dataDir)
  const task = await house.client.submitTask({
    body: {
      project: repo,
      contenders: ['scripted'],
      prompt: scriptedPrompt('x', [{ do: 'write', path: 'b.txt', text: 'b\n' }]),
    },
  })
  await seen(house, task.id, (type, body) => type === 'task.moved' && (body as { to: string }).to === 'waiting')
  const accepted = house.client.accept({ params: { id: task.id }, body: {} }).catch(() => null)
  await seen(house, task.id, (type) => type === 'decision.made')
  await house.kill()
  await accepted

  house = await startHouseProcess(dataDir)
  await seen(house, task.id, (type) => type === 'decision.applied')
  const done = await house.client.getTask({ params: { id: task.id } })
  expect(done.state).toBe('done')
  expect(done.decisions).toMatchObject([{ kind: 'accept', state: 'applied', result: { files: ['b.txt'] } }])
  const { events } = await house.client.listEvents({ query: { task: task.id, limit: 1000 } })
  expect(events.filter((event) => event.body.type === 'decision.applied')).toHaveLength(1)
  await house.client.undo({ params: { id: task.id } })
  expect(existsSync(join(repo, 'b.txt'))).toBe(false)
})

test('an undo cut off between the checkout and the record is finished, and the task does not claim to be done', async () => {
  dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'stc-')))
  repo = await makeRepo({ 'a.txt': 'a\n' })
  house = await startHouseProcess(dataDir)
  const task = await house.client.submitTask({
    body: {
      project: repo,
      contenders: ['scripted'],
      prompt: scriptedPrompt('x', [{ do: 'write', path: 'b.txt', text: 'b\n' }]),
    },
  })
  await seen(house, task.id, (type, body) => type === 'task.moved' && (body as { to: string }).to === 'waiting')
  await house.client.accept({ params: { id: task.id }, body: {} })
  const gone = once(watch(repo), 'change')
  const undone = house.client.undo({ params: { id: task.id } }).catch(() => null)
  await gone
  await house.kill()
  await undone
  expect(existsSync(join(repo, 'b.txt'))).toBe(false)

  house = await startHouseProcess(dataDir)
  await seen(house, task.id, (type) => type === 'decision.undone')
  const after = await house.client.getTask({ params: { id: task.id } })
  expect(after.state).toBe('waiting')
  expect(after.decisions).toMatchObject([{ kind: 'accept', state: 'undone' }])
})

test('a follow-up whose turn was cut off by a kill is told again', async () => {
  dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'stc-')))
  repo = await makeRepo({ 'a.txt': 'a\n' })
  house = await startHouseProcess(dataDir)
  const task = await house.client.submitTask({
    body: {
      project: repo,
      contenders: ['scripted'],
      prompt: scriptedPrompt('First', [{ do: 'write', path: 'one.txt', text: '1\n' }]),
    },
  })
  const followUp = scriptedPrompt('Second', [
    { do: 'write', path: 'two.txt', text: '2\n' },
    { do: 'wait', file: 'never', unless: '~/killed' },
    { do: 'write', path: 'three.txt', text: '3\n' },
  ])
  await house.client.messageTask({ params: { id: task.id }, body: { text: followUp } })
  let checkpoints = 0
  await seen(house, task.id, (type) => type === 'checkpoint.made' && ++checkpoints === 2)
  await house.kill()
  const home = join(dataDir, 'trials')
  for (const trial of readdirSync(home)) writeFileSync(join(home, trial, 'home', 'killed'), '')

  house = await startHouseProcess(dataDir)
  await seen(house, task.id, (type, body) => type === 'task.moved' && (body as { to: string }).to === 'waiting')
  const diff = await house.client.getDiff({ params: { id: task.id }, query: {} })
  expect(diff.files.map((file) => file.path)).toEqual(['one.txt', 'three.txt', 'two.txt'])
})
