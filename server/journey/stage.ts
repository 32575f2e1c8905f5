// Runs one stage of a trial under a lease, and says what happens when it lets go, is refused or meets a bug.
import { Refusal, type TrialFailure, type TrialState } from '@seatrial/protocol'
import { and, eq, sql } from 'drizzle-orm'
import type { Finish, Jobs } from '../queue/queue.ts'
import { databaseWasAway } from '../store/away.ts'
import type { Db } from '../store/database.ts'
import { transact } from '../store/log.ts'
import { moveTask, moveTrial, releaseHeld } from '../store/move.ts'
import { trial } from '../store/tables.ts'
import { type Lease, type TrialRow, takeLease } from './lease.ts'
import type { Rooms } from './rooms.ts'
import { openSpeaker, type Speaker } from './say.ts'
import { settleWhenEnded } from './settle.ts'
import { readWorld, type World } from './world.ts'

export interface Stage {
  rooms: Rooms
  world: World
  row: TrialRow
  lease: Lease
  speaker: Speaker
  /** True when another worker held this trial at this stage before. */
  takenOver: boolean
}

const mostFaults = 3
/** Stages of this process by trial: one that lost its lease ends beside the next, whose tree it must leave alone. */
const atWork = new Map<string, number>()
const nothing: Finish = async () => {}

type StageName = Jobs['stage']['stage']

/** Runs a stage. Returns what to commit with the job's completion; throws to have the job tried again. */
export async function runStage(
  rooms: Rooms,
  job: Jobs['stage'],
  stages: Record<StageName, (stage: Stage) => Promise<Finish>>,
): Promise<Finish> {
  if (job.stage === 'preparing') await begin(rooms, job.trialId)
  const taken = await takeLease(rooms, job.trialId, [job.stage])
  if (!taken) return nothing
  const { row, lease, takenOver } = taken
  const speaker = openSpeaker(rooms, { taskId: row.taskId, trialId: row.id }, lease)
  atWork.set(row.id, (atWork.get(row.id) ?? 0) + 1)
  try {
    if (lease.signal.aborted) return await letGo(rooms, row, lease)
    if (takenOver) {
      await releaseHeld(rooms.store.db, row.id)
      const sentence = `Another worker takes the trial over while ${job.stage}.`
      await speaker.say({ type: 'trial.taken-over', fromStage: job.stage, sentence })
    }
    const world = await readWorld(rooms, row.taskId)
    const finish = await stages[job.stage]({ rooms, world, row, lease, speaker, takenOver })
    await speaker.flush()
    return lease.signal.aborted && lease.why() !== 'timeout' ? await letGo(rooms, row, lease) : finish
  } catch (error) {
    // Awaited: what is thrown while the lease is being released would end the process.
    if (lease.signal.aborted && lease.why() !== 'timeout') return await letGo(rooms, row, lease)
    if (error instanceof Refusal) return fail(rooms, row, lease, failureOf(error, job.stage))
    return await fault(rooms, row, lease, error as Error, job.stage)
  } finally {
    await rest(rooms, row.id)
    await lease.release().catch(() => {})
  }
}

async function rest(rooms: Rooms, trialId: string): Promise<void> {
  const others = (atWork.get(trialId) ?? 1) - 1
  if (others > 0) return void atWork.set(trialId, others)
  atWork.delete(trialId)
  await rooms.workspaces.rest(trialId).catch((error: Error) => rooms.report(error, `resting ${trialId}`))
}

/** Queued to preparing, and the task with its first trial to working. */
async function begin(rooms: Rooms, trialId: string): Promise<void> {
  await transact(rooms.store.db, async (tx) => {
    const [row] = await tx.select({ taskId: trial.taskId }).from(trial).where(eq(trial.id, trialId))
    if (row && (await moveTrial(tx, trialId, ['queued'], 'preparing'))) {
      await moveTask(tx, row.taskId, ['queued'], 'working')
    }
  })
}

async function letGo(rooms: Rooms, row: TrialRow, lease: Lease): Promise<Finish> {
  // Stopping and lost trials are somebody else's: throwing gives the job back.
  if (lease.why() !== 'cancelled') throw new Error(`Let go of ${row.id}: ${lease.why()}`)
  return async (tx) => {
    await moveTrial(tx, row.id, ['preparing', 'running', 'checking', 'reviewing'], 'cancelled', { fence: lease.fence })
    await settleWhenEnded(rooms, tx, row.taskId)
  }
}

/** Ends a trial with a failure; the task is settled when it was the last. */
export function fail(rooms: Rooms, row: TrialRow, lease: Lease, failure: TrialFailure): Finish {
  return async (tx: Db) => {
    const from: TrialState[] = ['preparing', 'running', 'checking', 'reviewing']
    if (await moveTrial(tx, row.id, from, 'failed', { fence: lease.fence, failure })) {
      await settleWhenEnded(rooms, tx, row.taskId)
    }
  }
}

const failureOf = (refusal: Refusal, stage: StageName): TrialFailure => ({
  kind: stage === 'preparing' ? 'setup' : 'refused',
  sentence: refusal.message,
})

/**
 * A bug: tried again twice, because the next worker may have better luck, then told as what it is. A database that was
 * away is no bug of the trial, and a worker that lost the trial has no say in it.
 */
async function fault(rooms: Rooms, row: TrialRow, lease: Lease, error: Error, stage: StageName): Promise<Finish> {
  rooms.report(error, `trial ${row.id} while ${stage}`)
  if (databaseWasAway(error)) throw error
  const [counted] = await rooms.store.db
    .update(trial)
    .set({ faults: sql`${trial.faults} + 1` })
    .where(and(eq(trial.id, row.id), eq(trial.fence, lease.fence)))
    .returning({ faults: trial.faults })
  if ((counted?.faults ?? 0) < mostFaults) throw error
  const sentence = `The house failed while ${stage}: ${error.message.slice(0, 300)}`
  return fail(rooms, row, lease, { kind: 'infrastructure', sentence })
}
