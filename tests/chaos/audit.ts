// Compares what was acknowledged with what is there. Every finding is a sentence; none is what is wanted.
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { type TaskState, type TrialState, taskMoves, trialEnded, trialMoves } from '@seatrial/protocol'
import type { TaskView } from '@seatrial/protocol/api'
import type { Client } from '@seatrial/protocol/client'
import { mountsBelow, openSandboxes } from '../house.ts'
import type { Acknowledged } from './person.ts'

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

const rests = (task: TaskView): boolean =>
  restingStates.includes(task.state) && !task.decisions.some(({ state }) => ['pending', 'undoing'].includes(state))

function sayStuck({ id, state, trials, decisions }: TaskView): string {
  return `stuck: task ${id} is ${state}, trials ${trials.map((trial) => trial.state)}, decisions ${decisions.map((each) => each.state)}`
}

/** Waits until nothing is under way; gives up with a sentence naming what is stuck. */
export async function waitForRest(client: Client, limitMs: number): Promise<string[]> {
  const deadline = Date.now() + limitMs
  for (;;) {
    const open = (await allTasks(client)).filter((task) => !rests(task))
    if (open.length === 0) return []
    if (Date.now() > deadline) return open.map(sayStuck)
    const look = AbortSignal.timeout(2000)
    for await (const { body } of client.follow({ after: open[0]?.seq ?? 0, signal: look })) {
      if (body.type === 'task.moved' || body.type.startsWith('decision.')) break
    }
  }
}

/** Trials of tasks that wait for a person: their workspaces must stay. */
export async function undecidedTrials(client: Client): Promise<Set<string>> {
  const waiting = (await allTasks(client)).filter((task) => task.state === 'waiting')
  return new Set(waiting.flatMap((task) => task.trials.map((trial) => trial.id)))
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
  const undone = tasks.flatMap(({ decisions }) =>
    decisions.filter(({ state }) => state === 'undone').map(({ id }) => id),
  )
  for (const id of acknowledged.undos) if (!undone.includes(id)) findings.push(`lost: the undo of ${id}`)
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
    const wanted = task.state === 'done' ? made.line : null
    for (const file of made.files) {
      const path = join(repo, file)
      const there = existsSync(path) ? readFileSync(path, 'utf8') : null
      const what = there === null ? 'lost' : 'twice'
      if (there !== wanted) findings.push(`${what}: ${file} of ${task.id} (${task.state}) is ${JSON.stringify(there)}`)
    }
  }
  return findings
}

/** Control groups of houses and workers that are gone. */
export const leftGroups = (pids: number[]): string[] =>
  groupFolders()
    .filter((path) => pids.includes(Number(path.split('/').at(-1)?.split('-')[0])))
    .map((path) => `left: control group ${path}`)

const closeMs = 15_000

/** Sandboxes that are open although no trial is at work: each keeps a socket. A stage may be letting go just now. */
export async function leftOpen(dataDirs: string[]): Promise<string[]> {
  const open = (): string[] => dataDirs.flatMap(openSandboxes)
  for (const deadline = Date.now() + closeMs; open().length > 0 && Date.now() < deadline; ) await sleep(200)
  return open().map((name) => `left: open sandbox ${name}`)
}

/** Layers that nobody builds any more. */
export function leftLayers(dataDir: string): string[] {
  const names = (dir: string): string[] => (existsSync(dir) ? readdirSync(dir) : [])
  const halfBuilt = names(join(dataDir, 'layers')).flatMap((project) =>
    names(join(dataDir, 'layers', project)).filter((name) => name.includes('.new-')),
  )
  return halfBuilt.map((name) => `left: half-built layer ${name}`)
}

/**
 * Processes of ours in a network of their own that nobody started any more: all that tells whose they were is gone, so
 * one of another run beside this one is named too. What was killed a moment ago may still be on its way out.
 */
export async function orphans(): Promise<string[]> {
  let found = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
  for (const deadline = Date.now() + 5_000; ; ) {
    found = found.filter(isOrphan)
    if (found.length === 0 || Date.now() > deadline) return found.map((pid) => `left: orphan ${pid}`)
    await sleep(200)
  }
}

function isOrphan(pid: string): boolean {
  try {
    const status = readFileSync(`/proc/${pid}/status`, 'utf8')
    const isOurs = readlinkSync(`/proc/${pid}/exe`) === process.execPath
    return (
      isOurs && /^PPid:\t1$/m.test(status) && readlinkSync(`/proc/${pid}/ns/net`) !== readlinkSync('/proc/self/ns/net')
    )
  } catch {
    return false // It ended while we looked, or is a kernel thread.
  }
}

/** Mounts and folders of trials, but those that a person still has to decide on. */
export function leftWorkspaces(dataDir: string, undecided: Set<string>): string[] {
  const mounts = mountsBelow(join(dataDir, 'trials'))
  const folders = existsSync(join(dataDir, 'trials')) ? readdirSync(join(dataDir, 'trials')) : []
  const kept = (path: string): boolean => [...undecided].some((trial) => path.includes(trial))
  return [...mounts.map((path) => `mount ${path}`), ...folders.map((name) => `workspace ${name}`)]
    .filter((each) => !kept(each))
    .map((each) => `left: ${each}`)
}

function groupFolders(): string[] {
  const below = (dir: string, depth: number): string[] =>
    readdirSync(dir, { withFileTypes: true })
      .filter((entry) => entry.isDirectory())
      .flatMap((entry) => {
        const path = join(dir, entry.name)
        if (entry.name === 'seatrial') return readdirSync(path).map((name) => join(path, name))
        return depth > 0 ? below(path, depth - 1) : []
      })
  return existsSync('/sys/fs/cgroup') ? below('/sys/fs/cgroup', 4) : []
}
