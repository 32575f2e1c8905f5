// Compares what was acknowledged with what is there. Every finding is a sentence; none is what is wanted.
import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type TaskState, type TrialState, taskMoves, trialEnded, trialMoves } from '@seatrial/protocol'
import type { TaskView } from '@seatrial/protocol/api'
import type { Client } from '@seatrial/protocol/client'
import type { Acknowledged } from './driver.ts'

const restingStates: TaskState[] = ['waiting', 'done', 'rejected', 'failed', 'cancelled']

async function allTasks(client: Client): Promise<TaskView[]> {
  const tasks: TaskView[] = []
  let before: string | undefined
  do {
    const page = await client.listTasks({ query: { limit: 200, ...(before ? { before } : {}) } })
    tasks.push(...page.tasks)
    before = page.next ?? undefined
  } while (before)
  return tasks
}

/** Waits until nothing is under way; gives up with a sentence naming what is stuck. */
export async function waitForRest(client: Client, limitMs: number): Promise<string[]> {
  const deadline = Date.now() + limitMs
  for (;;) {
    const open = (await allTasks(client)).filter((task) => !restingStates.includes(task.state))
    if (open.length === 0) return []
    if (Date.now() > deadline)
      return open.map((task) => `stuck: task ${task.id} is ${task.state}, ${task.trials.map((trial) => trial.state)}`)
    const look = AbortSignal.timeout(2000)
    for await (const { body } of client.follow({ after: open[0]?.seq ?? 0, signal: look })) {
      if (body.type === 'task.moved') break
    }
  }
}

export async function audit(client: Client, repo: string, acknowledged: Acknowledged): Promise<string[]> {
  const findings: string[] = []
  const tasks = await allTasks(client)
  const byId = new Map(tasks.map((task) => [task.id, task]))
  for (const id of acknowledged.tasks.keys()) if (!byId.has(id)) findings.push(`lost: task ${id}`)
  for (const id of acknowledged.rejects) {
    if (byId.get(id)?.state !== 'rejected') findings.push(`lost: the reject of ${id}, it is ${byId.get(id)?.state}`)
  }
  for (const id of acknowledged.cancels) {
    if (byId.get(id)?.state !== 'cancelled') findings.push(`lost: the cancel of ${id}, it is ${byId.get(id)?.state}`)
  }
  for (const [id, decisions] of acknowledged.accepts) {
    const task = byId.get(id)
    for (const decision of decisions) {
      const found = task?.decisions.find((each) => each.id === decision)
      if (!found) findings.push(`lost: accept ${decision} of ${id}`)
      else if (!['applied', 'undone'].includes(found.state))
        findings.push(`stuck: accept ${decision} is ${found.state}`)
    }
  }
  for (const task of tasks) findings.push(...(await auditTask(client, repo, task, acknowledged)))
  return findings
}

async function auditTask(client: Client, repo: string, task: TaskView, acknowledged: Acknowledged): Promise<string[]> {
  const findings: string[] = []
  for (const trial of task.trials) {
    if (!trialEnded(trial.state) && task.state !== 'cancelled')
      findings.push(`stuck: trial ${trial.id} is ${trial.state}`)
  }
  const { events } = await client.listEvents({ query: { task: task.id, limit: 1000 } })
  let state: TaskState = 'queued'
  const trials = new Map<string, TrialState>()
  const applied = new Map<string, number>()
  let seq = 0
  for (const { seq: at, trialId, body } of events) {
    if (at <= seq) findings.push(`corrupt: event ${at} of ${task.id} stands behind ${seq}`)
    seq = at
    if (body.type === 'task.moved') {
      if (body.from !== state || !taskMoves[state].includes(body.to))
        findings.push(`corrupt: ${task.id} went from ${state} to ${body.to}`)
      state = body.to
    }
    if (body.type === 'trial.moved' && trialId) {
      const was = trials.get(trialId) ?? 'queued'
      if (body.from !== was || !trialMoves[was].includes(body.to))
        findings.push(`corrupt: ${trialId} went from ${was} to ${body.to}`)
      trials.set(trialId, body.to)
    }
    if (body.type === 'decision.applied') applied.set(body.decisionId, (applied.get(body.decisionId) ?? 0) + 1)
  }
  if (state !== task.state) findings.push(`corrupt: the log says ${task.id} is ${state}, the row ${task.state}`)
  for (const [decision, times] of applied)
    if (times > 1) findings.push(`twice: decision ${decision} was applied ${times} times`)
  const made = acknowledged.tasks.get(task.id)
  if (made) {
    const path = join(repo, made.file)
    const there = existsSync(path) ? readFileSync(path, 'utf8') : null
    const wanted = task.state === 'done' ? made.line : null
    if (there !== wanted)
      findings.push(
        `${there === null ? 'lost' : 'twice'}: ${made.file} of ${task.id} (${task.state}) is ${JSON.stringify(there)}`,
      )
  }
  return findings
}

/** Everything of a data folder outside it that must be gone when its house is: cgroups and sockets. */
export function leftovers(dataDir: string): string[] {
  const run = join(dataDir, 'run')
  const sockets = existsSync(run) ? readdirSync(run).filter((name) => name !== 'gateway.sock') : []
  return sockets.map((name) => `left: run/${name}`)
}
