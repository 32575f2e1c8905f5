// A person at work: one hand submits, one decides, one makes room on the disk. Written down is only what the house
// acknowledged.
import type { TaskView } from '@seatrial/protocol/api'
import type { Client } from '@seatrial/protocol/client'
import { scriptedPrompt } from '../house.ts'
import type { Random } from './random.ts'

/** What was acknowledged: it must be there afterwards, and its effects exactly once. */
export interface Acknowledged {
  tasks: Map<string, { files: string[]; line: string }>
  /** Decisions by task: what the house said it took. */
  accepts: Map<string, string[]>
  rejects: Set<string>
  cancels: Set<string>
  /** Decisions taken back. */
  undos: Set<string>
}

export interface Person {
  acknowledged: Acknowledged
  /** All hands begin, or go on after a rest. */
  work(): void
  /** Lets go of what is under way and resolves when all hands rest. */
  rest(): Promise<void>
}

const mostOpenTasks = 6

export function newPerson(options: { client(): Client; repo: string; random: Random }): Person {
  const acknowledged: Acknowledged = {
    tasks: new Map(),
    accepts: new Map(),
    rejects: new Set(),
    cancels: new Set(),
    undos: new Set(),
  }
  const { client, repo, random } = options
  let working = false
  let count = 0

  const hand = async (act: () => Promise<void>): Promise<void> => {
    while (working) {
      // The house was killed under the call, or refused it: nothing was acknowledged.
      await act().catch(() => {})
      await new Promise((resolve) => setTimeout(resolve, 30 + random.below(120)))
    }
  }
  const submits = async (): Promise<void> => {
    const { tasks } = await client().listTasks({ query: { limit: 50 } })
    const open = tasks.filter((task) => ['queued', 'working'].includes(task.state))
    if (open.length < mostOpenTasks) await submitOne(client(), repo, random, ++count, acknowledged)
    if (random.below(60) > 0 || open.length === 0) return
    const { id } = random.pick(open)
    await client().cancelTask({ params: { id } })
    acknowledged.cancels.add(id)
  }
  const decides = async (): Promise<void> => {
    const { tasks } = await client().listTasks({ query: { limit: 50 } })
    const waiting = tasks.filter((task) => task.state === 'waiting')
    const done = tasks.filter((task) => task.state === 'done')
    if (waiting.length > 0) await decideOne(client(), random.pick(waiting), random, acknowledged)
    else if (done.length > 0 && random.below(8) === 0) {
      const { id } = random.pick(done)
      const decision = await client().undo({ params: { id } })
      if (decision.state === 'undone') acknowledged.undos.add(decision.id)
    }
  }
  const tidies = async (): Promise<void> => {
    if (random.below(100) === 0) await client().collectGarbage({ body: { dryRun: false } })
  }
  let hands: Promise<unknown> = Promise.resolve()
  return {
    acknowledged,
    work() {
      working = true
      hands = Promise.all([hand(submits), hand(decides), hand(tidies)])
    },
    async rest() {
      working = false
      await hands
    },
  }
}

async function submitOne(
  client: Client,
  repo: string,
  random: Random,
  count: number,
  acknowledged: Acknowledged,
): Promise<void> {
  const file = `made/${count}.txt`
  const line = `line of ${count}\n`
  const more = random.below(2) === 0 ? [`made/${count}.more.txt`] : []
  const steps = [
    { do: 'write', path: file, text: line },
    ...(random.below(4) === 0 ? [{ do: 'sleep', ms: random.below(1000) }] : []),
    ...more.map((path) => ({ do: 'write', path, text: line })),
    ...(random.below(15) === 0 ? [{ do: 'crash' }] : []),
  ]
  const task = await client.submitTask({
    body: {
      project: repo,
      contenders: ['scripted'],
      prompt: scriptedPrompt(`Task ${count}`, steps),
      idempotencyKey: `chaos-${count}`,
    },
  })
  acknowledged.tasks.set(task.id, { files: [file, ...more], line })
}

async function decideOne(client: Client, task: TaskView, random: Random, acknowledged: Acknowledged): Promise<void> {
  const call = { params: { id: task.id } }
  const what = random.below(12)
  if (what === 0) {
    await client.reject({ ...call, body: { reason: 'chaos', code: 'workflow' } })
    acknowledged.rejects.add(task.id)
    return
  }
  const decision = await client.accept({ ...call, body: {} })
  if (decision.state !== 'conflict')
    acknowledged.accepts.set(task.id, [...(acknowledged.accepts.get(task.id) ?? []), decision.id])
}
