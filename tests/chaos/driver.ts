// Submits, decides and kills at random, and writes down only what the house acknowledged.
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { TaskView } from '@seatrial/protocol/api'
import type { Client } from '@seatrial/protocol/client'
import { scriptedPrompt } from '../house.ts'
import { type HouseProcess, startHouseProcess } from '../house-process.ts'
import type { Random } from './random.ts'

/** What was acknowledged: it must be there afterwards, and its effects exactly once. */
export interface Acknowledged {
  tasks: Map<string, { file: string; line: string }>
  /** Decisions by task: what the house said it took. */
  accepts: Map<string, string[]>
  rejects: Set<string>
  cancels: Set<string>
  undos: Set<string>
  kills: { house: number; agent: number; worker: number }
}

export interface ChaosOptions {
  dataDir: string
  repo: string
  kills: number
  random: Random
  env: Record<string, string>
  /** Further processes that may be killed and started again: remote workers. */
  workers: { kill(): Promise<void> }[]
  say(sentence: string): void
}

const mostOpenTasks = 6

export async function drive(options: ChaosOptions): Promise<{ house: HouseProcess; acknowledged: Acknowledged }> {
  const { random, kills, dataDir, env } = options
  const acknowledged: Acknowledged = {
    tasks: new Map(),
    accepts: new Map(),
    rejects: new Set(),
    cancels: new Set(),
    undos: new Set(),
    kills: { house: 0, agent: 0, worker: 0 },
  }
  let house = await startHouseProcess(dataDir, env)
  let done = 0
  const person = { stop: false }
  const acting = act(() => house.client, options, acknowledged, person)
  while (done < kills) {
    await afterEvents(house.client, random.below(24))
    const what = random.below(10)
    if (what < 2 && killAgent(dataDir)) acknowledged.kills.agent++
    else if (what < 4 && options.workers.length > 0) {
      await random.pick(options.workers).kill()
      acknowledged.kills.worker++
    } else {
      await house.kill()
      acknowledged.kills.house++
      house = await startHouseProcess(dataDir, env)
    }
    done++
    if (done % 25 === 0) options.say(`${done} of ${kills} kills, ${acknowledged.tasks.size} tasks`)
  }
  person.stop = true
  await acting
  return { house, acknowledged }
}

const mostLifeMs = 15_000

/** Waits until the log has grown by so many events: kills then fall at random points of the work, not of the clock. */
async function afterEvents(client: Client, count: number): Promise<void> {
  const signal = AbortSignal.timeout(mostLifeMs)
  const { last } = await client.listEvents({ query: { limit: 1 } })
  let seen = 0
  for await (const _ of client.follow({ after: last, signal })) if (++seen > count) return
}

/** A person at work: submits and decides as long as the house answers; unanswered calls count for nothing. */
async function act(
  client: () => Client,
  options: ChaosOptions,
  acknowledged: Acknowledged,
  person: { stop: boolean },
): Promise<void> {
  let count = 0
  while (!person.stop) {
    try {
      const { tasks } = await client().listTasks({ query: { limit: 100 } })
      const open = tasks.filter((task) => ['queued', 'working', 'waiting', 'applying'].includes(task.state))
      if (open.length < mostOpenTasks) await submitOne(client(), options, acknowledged, ++count)
      const ripe = tasks.filter(
        (task) => task.state === 'waiting' || (task.state === 'done' && options.random.below(6) === 0),
      )
      if (ripe.length > 0) await decideOne(client(), options.random.pick(ripe), options, acknowledged)
      if (options.random.below(25) === 0 && open.length > 0) {
        const { id } = options.random.pick(open)
        await client().cancelTask({ params: { id } })
        acknowledged.cancels.add(id)
      }
    } catch {
      // The house was killed under the call, or refused it: nothing was acknowledged.
    }
    await new Promise((resolve) => setTimeout(resolve, 50 + options.random.below(200)))
  }
}

async function submitOne(
  client: Client,
  { repo, random }: ChaosOptions,
  acknowledged: Acknowledged,
  count: number,
): Promise<void> {
  const file = `made/${count}.txt`
  const line = `line of ${count}\n`
  const steps = [
    { do: 'write', path: file, text: line },
    ...(random.below(3) === 0 ? [{ do: 'sleep', ms: random.below(1200) }] : []),
    ...(random.below(2) === 0 ? [{ do: 'write', path: `made/${count}.more.txt`, text: line }] : []),
    ...(random.below(12) === 0 ? [{ do: 'crash' }] : []),
  ]
  const task = await client.submitTask({
    body: {
      project: repo,
      contenders: ['scripted'],
      prompt: scriptedPrompt(`Task ${count}`, steps),
      idempotencyKey: `chaos-${count}`,
    },
  })
  acknowledged.tasks.set(task.id, { file, line })
}

async function decideOne(
  client: Client,
  task: TaskView,
  { random }: ChaosOptions,
  acknowledged: Acknowledged,
): Promise<void> {
  const call = { params: { id: task.id } }
  if (task.state === 'done') {
    await client.undo(call)
    acknowledged.undos.add(task.id)
    return
  }
  if (random.below(6) === 0) {
    await client.reject({ ...call, body: { reason: 'chaos', code: 'workflow' } })
    acknowledged.rejects.add(task.id)
    return
  }
  const decision = await client.accept({ ...call, body: {} })
  if (decision.state !== 'conflict')
    acknowledged.accepts.set(task.id, [...(acknowledged.accepts.get(task.id) ?? []), decision.id])
}

/** Kills one agent process of a running trial, as the machine's memory killer would. */
function killAgent(dataDir: string): boolean {
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name))) {
    try {
      const line = readFileSync(join('/proc', pid, 'cmdline'), 'utf8')
      if (line.includes('scripted/agent.ts') && line.includes(dataDir)) {
        process.kill(Number(pid), 'SIGKILL')
        return true
      }
    } catch {
      // It ended while we looked.
    }
  }
  return false
}
