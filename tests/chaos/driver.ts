// Lets a person work while harm is done at points chosen by the work itself, until enough harm was done.
import type { EventBody } from '@seatrial/protocol'
import type { Client } from '@seatrial/protocol/client'
import {
  type HouseProcess,
  killAtStart,
  startHouseProcess,
  startWorkerProcess,
  type WorkerProcess,
} from '../house-process.ts'
import type { Postgres } from '../postgres.ts'
import { type Harm, harms, type World } from './harm.ts'
import { type Acknowledged, newPerson } from './person.ts'
import type { Random } from './random.ts'

export interface ChaosOptions {
  dataDir: string
  repo: string
  kills: number
  random: Random
  postgres: { server: Postgres; database: string } | null
  /** Data folders of remote workers. */
  workerDirs: string[]
  smallDisk: boolean
  /** Asked now and then while the person rests, and at the end: what was lost? The first finding ends the run. */
  look(client: Client, acknowledged: Acknowledged): Promise<string[]>
  say(sentence: string): void
}

export interface ChaosEnd {
  house: HouseProcess
  workers: WorkerProcess[]
  acknowledged: Acknowledged
  /** How often each harm was done. */
  done: Map<string, number>
  /** Every house and worker there was. */
  pids: number[]
  findings: string[]
}

/**
 * Where harm may strike: at once, or when the log next says this. The later moments let the person decide before the
 * house dies; without them a house that dies young would never be asked anything.
 */
const moments = [
  'agent.started',
  'checkpoint.made',
  'candidate.offered',
  'trial.moved',
  'task.moved',
  'decision.made',
  'decision.made',
  'decision.applied',
  'decision.applied',
  'decision.undone',
] as const
const mostWaitMs = 2_000
/** One harm in so many waits until the person got an accept through, or a slow machine would never show one. */
const decideEvery = 6
const mostPatienceMs = 90_000
/** So many harms lie between two looks: a loss is found near to what caused it. */
const lookEvery = 50

export async function drive(options: ChaosOptions): Promise<ChaosEnd> {
  const { random, kills, dataDir, postgres } = options
  const env: Record<string, string> = postgres ? { DATABASE_URL: postgres.database } : {}
  const pids: number[] = []
  const note = <Process extends { child: { pid?: number | undefined } }>(process: Process): Process => {
    if (process.child.pid) pids.push(process.child.pid)
    return process
  }
  let house = note(await startHouseProcess(dataDir, env))
  const workers = await Promise.all(options.workerDirs.map(async (dir) => note(await startWorkerProcess(dir, env))))
  const world: World = {
    dataDir,
    random,
    postgres: postgres && { server: postgres.server, database: new URL(postgres.database).pathname.slice(1) },
    smallDisk: options.smallDisk,
    house: {
      kill: () => house.kill(),
      async dieAtStart(afterMs) {
        pids.push(await killAtStart(dataDir, env, afterMs))
      },
      async restart() {
        house = note(await startHouseProcess(dataDir, env))
      },
      answers: () => answersAgain(house.client),
    },
    workers: options.workerDirs.map((dir, index) => ({
      dataDir: dir,
      async again() {
        await workers[index]?.kill()
        workers[index] = note(await startWorkerProcess(dir, env))
      },
    })),
  }
  const bag = harms.filter((harm) => harm.possible(world)).flatMap((harm) => Array<Harm>(harm.weight).fill(harm))
  const done = new Map<string, number>()
  const person = newPerson({ client: () => house.client, repo: options.repo, random })
  const { acknowledged } = person
  const findings: string[] = []
  const began = performance.now()
  person.work()
  let accepted = 0
  let looked = 0
  for (let count = 0; count < kills && findings.length === 0; ) {
    const harm = random.pick(bag)
    if (count >= accepted + decideEvery) {
      await untilAccepted(acknowledged)
      accepted = count
    }
    await moment(house.client, random, harm.moment)
    if (!(await harm.strike(world))) continue
    done.set(harm.name, (done.get(harm.name) ?? 0) + 1)
    count += harm.kills ?? 1
    if (count < looked + lookEvery && count < kills) continue
    looked = count
    await person.rest()
    findings.push(...(await options.look(house.client, acknowledged)))
    for (const worker of workers) {
      const how = worker.endedItself()
      if (how) findings.push(`stuck: a worker ${how}`)
    }
    const { tasks, accepts } = acknowledged
    const seconds = Math.round((performance.now() - began) / 1000)
    options.say(`${count} of ${kills}: ${tasks.size} tasks, ${accepts.size} accepted, ${seconds} s`)
    if (count < kills) person.work()
  }
  await person.rest()
  return { house, workers, acknowledged, done, pids, findings }
}

async function untilAccepted({ accepts }: Acknowledged): Promise<void> {
  const before = accepts.size
  for (const deadline = Date.now() + mostPatienceMs; accepts.size === before && Date.now() < deadline; ) {
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** Waits for a moment of the work, and then a hair longer. */
async function moment(client: Client, random: Random, only?: EventBody['type']): Promise<void> {
  const wanted = only ?? random.pick(moments)
  const signal = AbortSignal.timeout(mostWaitMs)
  try {
    const { last } = await client.listEvents({ query: { limit: 1 } })
    for await (const { body } of client.follow({ after: last, signal })) if (body.type === wanted) break
  } catch {
    // The house does not answer right now, as after a cut database: any moment is good.
  }
  await new Promise((resolve) => setTimeout(resolve, random.below(40)))
}

/** After a full disk: does it take part again within ten seconds? */
async function answersAgain(client: Client): Promise<boolean> {
  for (const deadline = Date.now() + 10_000; Date.now() < deadline; ) {
    const answered = await client.listTasks({ query: { limit: 1 } }).then(
      () => true,
      () => false,
    )
    if (answered) return true
    await new Promise((resolve) => setTimeout(resolve, 200))
  }
  return false
}
