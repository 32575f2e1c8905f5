// Stuck is shown by evidence: the same call again and again while the tree stands still, or nothing at all for
// minutes. A person is asked, once per trial and worker; a running tool or model call is never mistaken for idleness.
import type { EventBody } from '@seatrial/protocol'
import { and, eq, gt } from 'drizzle-orm'
import { cpuMs } from '../agents/silence.ts'
import type { Sandbox } from '../sandbox/sandbox.ts'
import { usage } from '../store/tables.ts'
import { askPerson } from './ask.ts'
import type { Rooms } from './rooms.ts'
import type { Stage } from './stage.ts'

const sameCallsInARow = 12
/** Share of one core below which an agent counts as idle. */
const idleShare = 0.01
const mostLookMs = 15_000
/** A model call that takes longer than this counts as dead, not as work. */
const longestCallMs = 60 * 60_000

export interface Evidence {
  /** Since the last event or change of the tree. */
  quietMs: number
  /** Of one core, since the last look; null where the system does not say. */
  cpuShare: number | null
  toolsRunning: number
  modelCalls: number
  /** The same call in a row, with no file changed. */
  repeats: number
  lastCall: string
}

/** What to ask a person, or null while the evidence shows work. */
export function questionOf(evidence: Evidence, quietLimitMs: number): string | null {
  const { quietMs, cpuShare, toolsRunning, modelCalls, repeats, lastCall } = evidence
  if (repeats >= sameCallsInARow) {
    return `The agent made the same call ${sameCallsInARow} times in a row and no file changed: ${lastCall.slice(0, 200)}`
  }
  const busy = toolsRunning > 0 || modelCalls > 0 || (cpuShare ?? 0) > idleShare
  if (busy || quietMs < quietLimitMs) return null
  const minutes = Math.max(1, Math.round(quietLimitMs / 60_000))
  return `For ${minutes} minutes the agent has said nothing, changed no file, run no tool, called no model and used no CPU.`
}

export interface StuckWatch {
  saw(body: EventBody): void
  /** A step ended; did it change the tree? */
  step(changed: boolean): void
  /** The sandbox as the agent gets it: what is started in it is watched for signs of work. */
  watched(sandbox: Sandbox): Sandbox
  close(): void
}

export function watchForStuck(rooms: Rooms, { world, row, lease }: Stage): StuckWatch {
  const control = new AbortController()
  const quietLimitMs = world.settings.limits.quietMinutes * 60_000
  const running = new Set<string>()
  const roots = new Set<number>()
  let heardAt = performance.now()
  let sample: { cpu: number; at: number } | null = null
  let lastCall = ''
  let lastId = ''
  let repeats = 0
  let asked = false

  const ask = async (text: string): Promise<void> => {
    asked = true
    const question = {
      taskId: row.taskId,
      trialId: row.id,
      kind: 'stuck' as const,
      text,
      options: ['go on', 'stop it'],
    }
    const answer = await askPerson(rooms, question, AbortSignal.any([control.signal, lease.signal]))
    if (answer === 'stop it') lease.letGo('cancelled')
  }

  const look = async (): Promise<void> => {
    if (asked || control.signal.aborted) return
    const now = performance.now()
    const used = await Promise.all([...roots].map((pid) => cpuMs(pid)))
    const cpu = used.reduce<number>((sum, each) => sum + (each ?? 0), 0)
    const cpuShare = sample ? (cpu - sample.cpu) / (now - sample.at) : null
    // Work shows by CPU alone; quiet begins anew when it ends.
    if (cpuShare !== null && cpuShare > idleShare) heardAt = now
    sample = { cpu, at: now }
    const quietMs = now - heardAt
    const modelCalls = quietMs < quietLimitMs ? 0 : await callsUnderWay(rooms, row.id)
    const evidence = { quietMs, cpuShare, toolsRunning: running.size, modelCalls, repeats, lastCall }
    const question = questionOf(evidence, quietLimitMs)
    if (question && !asked && !control.signal.aborted) await ask(question)
  }
  const report = (error: Error): void => rooms.report(error, 'looking for a stuck trial')
  const timer = setInterval(() => void look().catch(report), Math.min(mostLookMs, quietLimitMs / 2))

  return {
    saw(body) {
      heardAt = performance.now()
      if (body.type !== 'agent.used-tool') return
      const { callId, status, kind, title } = body.call
      if (status === 'completed' || status === 'failed') running.delete(callId)
      else running.add(callId)
      if (status === 'pending' || callId === lastId) return
      lastId = callId
      const call = `${kind}: ${title}`
      repeats = call === lastCall ? repeats + 1 : 1
      lastCall = call
      if (repeats >= sameCallsInARow) void look().catch(report)
    },
    step(changed) {
      if (!changed) return
      repeats = 0
      heardAt = performance.now()
    },
    watched: (sandbox) => ({
      ...sandbox,
      async spawn(argv, options) {
        const child = await sandbox.spawn(argv, options)
        roots.add(child.pid)
        void child.exited.then(() => roots.delete(child.pid))
        return child
      },
    }),
    close() {
      clearInterval(timer)
      control.abort()
    },
  }
}

/** Model calls that were begun and not settled: a slow model is no sign of a stuck agent. */
async function callsUnderWay({ store: { db } }: Rooms, trialId: string): Promise<number> {
  const since = new Date(Date.now() - longestCallMs)
  const rows = await db
    .select({ id: usage.callId })
    .from(usage)
    .where(and(eq(usage.trialId, trialId), eq(usage.settled, false), gt(usage.heldTokens, 0), gt(usage.at, since)))
  return rows.length
}
