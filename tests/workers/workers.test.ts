// Workers on other machines: trials run there, are taken over from there, and come back as if they had run here.
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, realpathSync, writeFileSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { refusals } from '@seatrial/protocol'
import type { TaskView } from '@seatrial/protocol/api'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { agentsOf, makeRepo, removeRepo, scriptedPrompt } from '../house.ts'
import { startHouseProcess } from '../house-process.ts'
import { findPostgres } from '../postgres.ts'
import { openRig, type Rig, type WorkerProcess } from './rig.ts'

const takeOverWithinMs = 30_000

let rig: Rig
let repo = ''

beforeEach(async () => {
  rig = await openRig()
  repo = await makeRepo({ 'a.txt': 'a\n' })
})
afterEach(async () => {
  const left = await rig.close()
  await removeRepo(repo)
  expect(left).toEqual([])
})

/** Writes a file, waits for `~/go`, and then notes which machine let it go on. */
const steps = [
  { do: 'write', path: 'one.txt', text: '1\n' },
  { do: 'wait', file: '~/go' },
  { do: 'run', command: 'cp ~/go who.txt' },
]

const submit = (script: object[]): Promise<TaskView> =>
  rig.house.client.submitTask({
    body: { project: repo, contenders: ['scripted'], prompt: scriptedPrompt('Work', script) },
  })

const trialOf = async (task: string): Promise<string> =>
  (await rig.house.client.getTask({ params: { id: task } })).trials[0]?.id ?? ''

/** Lets the agent on one machine go on. */
const letGo = async (worker: WorkerProcess, task: string, word: string): Promise<void> =>
  writeFileSync(join(worker.dataDir, 'trials', await trialOf(task), 'home', 'go'), `${word}\n`)

const waiting = (task: string): Promise<void> =>
  rig.seen(task, (body) => body.type === 'task.moved' && ['waiting', 'failed'].includes(body.to))

/** Accepts the task and says what stands in the user's checkout. */
async function acceptedFile(task: string, path: string): Promise<string | null> {
  const { state, note } = await rig.house.client.getTask({ params: { id: task } })
  expect([state, note]).toEqual(['waiting', expect.anything()])
  const decision = await rig.house.client.accept({ params: { id: task }, body: {} })
  expect(decision.state).toBe('applied')
  const file = join(repo, path)
  return existsSync(file) ? readFileSync(file, 'utf8') : null
}

const happened = async (task: string, type: string): Promise<number> =>
  (await rig.house.client.listEvents({ query: { task, limit: 1000 } })).events.filter(({ body }) => body.type === type)
    .length

test.skipIf(!findPostgres())(
  'a second house on the database is refused with what to do, and welcome once the first is gone',
  async () => {
    const folder = realpathSync(mkdtempSync(join(tmpdir(), 'stw-second-')))
    const start = () => startHouseProcess(folder, { DATABASE_URL: rig.database, SEATRIAL_WORKERS: '0' })
    try {
      await expect(start()).rejects.toThrow(/uses this database; stop it, or add this machine.*worker --connect/)
      await rig.house.stop()
      const second = await start()
      await second.stop()
    } finally {
      await rm(folder, { recursive: true, force: true })
    }
  },
)

test.skipIf(!findPostgres())('a house that was away so long that another took its seat stops itself', async () => {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'stw-second-')))
  const { child } = rig.house
  const exited = once(child, 'exit')
  let said = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    said += chunk
  })
  try {
    child.kill('SIGSTOP')
    // Half a minute later.
    await rig.postgres.ask(
      `update chore set done_at = now() - interval '31 seconds' where name like 'house of %'`,
      rig.database,
    )
    const second = await startHouseProcess(folder, { DATABASE_URL: rig.database, SEATRIAL_WORKERS: '0' })
    child.kill('SIGCONT')
    expect(await exited).toEqual([refusals.conflict.exit, null])
    expect(said).toContain(`The house of ${folder}`)
    expect((await second.client.health({})).ok).toBe(true)
    await second.stop()
  } finally {
    child.kill('SIGCONT')
    await rm(folder, { recursive: true, force: true })
  }
})

test.skipIf(!findPostgres())(
  'a database that is away is said in a sentence, and the house goes on when it is back',
  async () => {
    const { client } = rig.house
    await rig.postgres.kill()
    await expect(client.listTasks({ query: {} })).rejects.toMatchObject({
      code: 'unavailable',
      message: 'The house cannot reach its database right now; try again when it is back.',
    })
    await rig.postgres.start()
    expect((await client.listTasks({ query: {} })).tasks).toEqual([])
  },
)

test.skipIf(!findPostgres())(
  'a worker killed in the middle: another one takes its trial over from the last checkpoint',
  async () => {
    const first = await rig.worker()
    const task = await submit(steps)
    await rig.seen(task.id, (body) => body.type === 'checkpoint.made')
    const second = await rig.worker()
    await first.kill()
    const died = performance.now()
    await rig.seen(task.id, (body) => body.type === 'trial.taken-over')
    const tookMs = performance.now() - died
    process.stderr.write(`  taken over after ${(tookMs / 1000).toFixed(1)} s\n`)
    expect(tookMs).toBeLessThan(takeOverWithinMs)
    await rig.seen(task.id, (body) => body.type === 'agent.started', 2)
    await letGo(second, task.id, 'second')
    await waiting(task.id)
    expect(await acceptedFile(task.id, 'who.txt')).toBe('second\n')
    expect(readFileSync(join(repo, 'one.txt'), 'utf8')).toBe('1\n')
    expect(await happened(task.id, 'trial.taken-over')).toBe(1)
  },
)

test.skipIf(!findPostgres() || process.getuid?.() !== 0)(
  'a worker cut off from the network loses its lease, its late results are refused, and it works again when it is back',
  async () => {
    const cut = await rig.cabledWorker()
    const task = await submit(steps)
    await rig.seen(task.id, (body) => body.type === 'checkpoint.made')
    const other = await rig.worker()
    cut.cable.cut()
    const cutAt = performance.now()
    let tookMs = Number.POSITIVE_INFINITY
    const takenOver = rig
      .seen(task.id, (body) => body.type === 'trial.taken-over')
      .then(() => {
        tookMs = performance.now() - cutAt
      })
    // The house says so within seconds; once another worker has the trial, it is alive again.
    const alive = async () => (await rig.house.client.getTask({ params: { id: task.id } })).alive
    while (tookMs === Number.POSITIVE_INFINITY && (await alive())) await sleep(250)
    const toldMs = performance.now() - cutAt
    await takenOver
    process.stderr.write(
      `  told after ${(toldMs / 1000).toFixed(1)} s, taken over after ${(tookMs / 1000).toFixed(1)} s\n`,
    )
    expect(tookMs).toBeLessThan(takeOverWithinMs)
    // Behind the cut the old agent finishes now, and its worker has results that nobody wants.
    expect(agentsOf([cut.dataDir])).toHaveLength(1)
    await letGo(cut, task.id, 'cut off')
    while (agentsOf([cut.dataDir]).length > 0) await sleep(250)
    cut.cable.mend()
    await rig.seen(task.id, (body) => body.type === 'agent.started', 2)
    await letGo(other, task.id, 'other')
    await waiting(task.id)
    expect(await acceptedFile(task.id, 'who.txt')).toBe('other\n')
    expect(await happened(task.id, 'candidate.offered')).toBe(1)
    expect(await happened(task.id, 'trial.taken-over')).toBe(1)

    await other.stop()
    const next = await submit([{ do: 'write', path: 'back.txt', text: 'back\n' }])
    await waiting(next.id)
    expect(await acceptedFile(next.id, 'back.txt')).toBe('back\n')
  },
)
