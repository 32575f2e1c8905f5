// What durability costs: events through the house against the bare store, restarts with many finished tasks against
// few, and work per worker with a long queue against a short one. `node bench/durability.ts [--queue 1000] [--ends 40]`.
import { mkdtempSync, realpathSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { type EventBody, newId, ProjectSettings } from '@seatrial/protocol'
import { sql } from 'drizzle-orm'
import type { Lease } from '../server/journey/lease.ts'
import type { Rooms } from '../server/journey/rooms.ts'
import { openSpeaker } from '../server/journey/say.ts'
import { openStore, type Store } from '../server/store/database.ts'
import { event, project, task, trial } from '../server/store/tables.ts'
import { makeRepo, removeRepo, scriptedPrompt, unmountBelow } from '../tests/house.ts'
import { startHouseProcess } from '../tests/house-process.ts'

const { values } = parseArgs({
  options: {
    queue: { type: 'string', default: '1000' },
    ends: { type: 'string', default: '40' },
    only: { type: 'string' },
  },
})
const longQueue = Number(values.queue)

const median = (numbers: number[]): number => numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? 0
const timed = async (work: () => Promise<unknown>): Promise<number> => {
  const started = performance.now()
  await work()
  return performance.now() - started
}
const say = (text: string): void => void process.stdout.write(`${text}\n`)
const folder = (): string => realpathSync(mkdtempSync(join(tmpdir(), 'bench-durability-')))

/** A project, and so many finished tasks with a trial and forty events each. */
async function fill(store: Store, count: number): Promise<void> {
  const { db } = store
  const settings = ProjectSettings.parse({})
  await db
    .insert(project)
    .values({ id: 'p-1', name: 'bench', path: `/nonexistent/${newId('task')}`, settings, detectedFrom: {} })
  const row = { projectId: 'p-1', title: 'x', prompt: 'x', images: [], settings, contenders: [], attempts: 1 }
  const budget = { micros: null, tokens: null, minutes: null }
  for (let from = 0; from < count; from += 500) {
    const ids = Array.from({ length: Math.min(500, count - from) }, (_, index) => `t-${from + index}`)
    const made = ids.map((id) => ({ ...row, id, state: 'done', budget, checks: [], untrusted: [] }))
    await db.insert(task).values(made)
    await db
      .insert(trial)
      .values(ids.map((id) => ({ id: `r-${id}`, taskId: id, contender: 'scripted', attempt: 1, state: 'ready' })))
    await db.execute(
      sql`insert into event (task_id, trial_id, body) select t.id, 'r-' || t.id, ${JSON.stringify(words)}::jsonb from task t, generate_series(1, 40) where t.id in ${ids}`,
    )
  }
}

const words: EventBody = { type: 'agent.said', role: 'agent', text: 'x'.repeat(300) }

async function appendRatio(): Promise<void> {
  const dataDir = folder()
  const store = await openStore({ dataDir, databaseUrl: null })
  await fill(store, 1)
  const rooms = { store, report: (error: Error) => Promise.reject(error) } as unknown as Rooms
  const lease = { fence: 0, letGo: () => {} } as unknown as Lease
  const where = { taskId: 't-0', trialId: 'r-t-0' }
  const [count, batch] = [20_000, 500]
  const bare = (): Promise<number> =>
    timed(async () => {
      const rows = Array.from({ length: batch }, () => ({ ...where, body: words }))
      for (let done = 0; done < count; done += batch) await store.db.insert(event).values(rows)
    })
  const house = (): Promise<number> =>
    timed(async () => {
      const speaker = openSpeaker(rooms, where, lease)
      for (let done = 0; done < count; done++) await speaker.say(words)
      await speaker.flush()
    })
  const [bares, houses]: [number[], number[]] = [[], []]
  await bare()
  for (let round = 0; round < 7; round++) {
    bares.push(await bare())
    houses.push(await house())
  }
  await store.close()
  await rm(dataDir, { recursive: true, force: true })
  const [perBare, perHouse] = [(count / median(bares)) * 1000, (count / median(houses)) * 1000]
  say(
    `events: bare ${Math.round(perBare)}/s, house ${Math.round(perHouse)}/s, ratio ${(perHouse / perBare).toFixed(2)}`,
  )
}

async function restartRatio(): Promise<void> {
  const [few, many] = [folder(), folder()]
  for (const [dataDir, count] of [
    [few, 10],
    [many, 10_000],
  ] as const) {
    const store = await openStore({ dataDir, databaseUrl: null })
    await fill(store, count)
    await store.close()
  }
  const start = (dataDir: string): Promise<number> => {
    let stop = async (): Promise<void> => {}
    return timed(async () => {
      const house = await startHouseProcess(dataDir)
      await house.client.listTasks({ query: { limit: 50 } })
      stop = house.stop
    }).finally(() => stop())
  }
  for (const dataDir of [few, many]) await start(dataDir)
  const [fews, manys]: [number[], number[]] = [[], []]
  for (let round = 0; round < 5; round++) {
    fews.push(await start(few))
    manys.push(await start(many))
  }
  for (const dataDir of [few, many]) await rm(dataDir, { recursive: true, force: true })
  const [one, other] = [median(fews), median(manys)]
  say(`restart: 10 tasks ${Math.round(one)} ms, 10000 tasks ${Math.round(other)} ms, ratio ${(other / one).toFixed(2)}`)
}

/** Ends that pass before the clock starts: base layer, first sandbox and warm code are nobody's throughput. */
const warmEnds = 3
/** Of a long queue so many ends are timed; the rest only waits, which is what makes the queue long. */
const timedEnds = Number(values.ends)

/** Trials per second and worker, with so many queued before the first worker starts. */
async function throughput(count: number): Promise<number> {
  const workers = 2
  const dataDir = folder()
  const repo = await makeRepo({ 'a.txt': 'a\n' })
  let house = await startHouseProcess(dataDir, { SEATRIAL_WORKERS: '0' })
  const prompt = scriptedPrompt('x', [{ do: 'write', path: 'b.txt', text: 'b\n' }])
  for (let n = 0; n < count; n++)
    await house.client.submitTask({ body: { project: repo, contenders: ['scripted'], prompt } })
  const { last } = await house.client.listEvents({ query: { limit: 1 } })
  await house.stop()
  house = await startHouseProcess(dataDir, { SEATRIAL_WORKERS: String(workers) })
  const most = Math.min(count, warmEnds + timedEnds)
  const ends: number[] = []
  for await (const { body } of house.client.follow({ after: last })) {
    if (body.type !== 'task.moved' || !['waiting', 'failed'].includes(body.to)) continue
    ends.push(performance.now())
    if (ends.length === most) break
  }
  await house.stop()
  await unmountBelow(dataDir)
  await rm(dataDir, { recursive: true, force: true })
  await removeRepo(repo)
  const perWorker = ((most - warmEnds) / (ends.at(-1)! - ends[warmEnds - 1]!) / workers) * 1000
  say(`  ${count} queued, ${most - warmEnds} timed: ${perWorker.toFixed(3)}/s per worker`)
  return perWorker
}

async function queueRatio(): Promise<void> {
  const short = [await throughput(10)]
  const long = await throughput(longQueue)
  // As many ends as of the long queue, but nothing behind them: ten are over before the machine is as busy as it gets.
  const even = await throughput(warmEnds + timedEnds)
  short.push(await throughput(10), await throughput(10))
  const one = median(short)
  say(
    `queue: 10 trials ${one.toFixed(3)}/s per worker, ${longQueue} trials ${long.toFixed(3)}/s, ratio ${(long / one).toFixed(2)}; against ${warmEnds + timedEnds} trials ${(long / even).toFixed(2)}`,
  )
}

const parts = { append: appendRatio, restart: restartRatio, queue: queueRatio }
for (const [name, run] of Object.entries(parts)) if (!values.only || values.only === name) await run()
