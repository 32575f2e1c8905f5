// What people decide: accept, reject, rework, compose, roll back, cancel, undo. Each is written once, then carried out.
import { EventEmitter, once } from 'node:events'
import {
  type AcceptInput,
  type ComposePick,
  type Decision,
  type LineComment,
  newId,
  Refusal,
  type RejectInput,
  type ReworkInput,
  type TrialState,
  trialEnded,
} from '@seatrial/protocol'
import { and, desc, eq, sql } from 'drizzle-orm'
import type { Db } from '../store/database.ts'
import { append, transact } from '../store/log.ts'
import { moveTask, moveTrial } from '../store/move.ts'
import { checkpoint, decision, event, task, trial } from '../store/tables.ts'
import { toDecision, wholeTaskId } from '../store/views.ts'
import type { TreePick } from '../workspace/workspace.ts'
import { cancels, type TrialRow } from './lease.ts'
import type { Rooms } from './rooms.ts'
import { openTrial } from './submit.ts'

/** Emits a decision's id when it was carried out or taken back in this process. */
export const carriedOut = new EventEmitter()
carriedOut.setMaxListeners(0)
const mostWaitMs = 60_000

/** The trial meant: the named one, else the selected one, else the only or newest one that is ready. */
export async function trialOf(db: Db, taskId: string, named: string | undefined): Promise<TrialRow> {
  const rows = await db.select().from(trial).where(eq(trial.taskId, taskId)).orderBy(desc(trial.createdAt))
  if (named) {
    const row = rows.find((each) => each.id === named || each.id === `r-${named}` || each.contender === named)
    if (row) return row
    throw new Refusal('not_found', `Task ${taskId} has no trial ${named}; see \`seatrial show ${taskId}\`.`)
  }
  const [owner] = await db.select({ selection: task.selection }).from(task).where(eq(task.id, taskId))
  const winner = rows.find((each) => each.id === owner?.selection?.winner)
  const row = winner ?? rows.find((each) => each.state === 'ready') ?? rows.find((each) => each.candidate) ?? rows[0]
  if (!row) throw new Refusal('not_found', `Task ${taskId} has no trial yet.`)
  return row
}

/** Records an accept and waits until it was applied or collided. A second accept while one is applied is refused. */
export async function accept(rooms: Rooms, id: string, input: AcceptInput, by: string | null): Promise<Decision> {
  const taskId = await wholeTaskId(rooms.store.db, id)
  const row = await trialOf(rooms.store.db, taskId, input.trialId)
  if (!row.candidate || row.state !== 'ready') {
    throw new Refusal('conflict', `Trial ${row.id} has no finished candidate to accept (it is ${row.state}).`)
  }
  const decisionId = newId('decision')
  await transact(rooms.store.db, async (tx) => {
    if (!(await moveTask(tx, taskId, ['waiting', 'done'], 'applying'))) throw notWaiting(taskId)
    await tx.insert(decision).values({
      id: decisionId,
      taskId,
      trialId: row.id,
      kind: 'accept',
      pick: input.pick,
      target: input.target,
      input,
      reason: input.reason,
      code: 'unknown',
      state: 'pending',
      by,
    })
    await append(tx, { taskId, trialId: row.id }, [{ type: 'decision.made', decisionId, kind: 'accept', by }])
    await rooms.queue.send(tx, 'apply', { decisionId })
  })
  return toDecision(await settled(rooms, decisionId))
}

/** The decision's row once its job is done; as it stands when that takes longer than a caller should wait. */
async function settled(rooms: Rooms, decisionId: string): Promise<typeof decision.$inferSelect> {
  const signal = AbortSignal.any([rooms.stopping, AbortSignal.timeout(mostWaitMs)])
  for (;;) {
    const [row] = await rooms.store.db.select().from(decision).where(eq(decision.id, decisionId))
    if (!row) throw new Error(`Decision ${decisionId} has no row`)
    if (!['pending', 'undoing'].includes(row.state) || signal.aborted) return row
    await once(carriedOut, decisionId, { signal: AbortSignal.any([signal, AbortSignal.timeout(1000)]) }).catch(() => {})
  }
}

export async function reject(rooms: Rooms, id: string, input: RejectInput, by: string | null): Promise<Decision> {
  const taskId = await wholeTaskId(rooms.store.db, id)
  const row = await trialOf(rooms.store.db, taskId, input.trialId)
  return transact(rooms.store.db, async (tx) => {
    if (!(await moveTask(tx, taskId, ['waiting'], 'rejected', input.reason || null))) throw notWaiting(taskId)
    return record(tx, row, { kind: 'reject', reason: input.reason, code: input.code, by })
  })
}

/** Opens a trial that goes on from a candidate or checkpoint with words and comments. */
export async function rework(rooms: Rooms, id: string, input: ReworkInput, by: string | null): Promise<void> {
  const taskId = await wholeTaskId(rooms.store.db, id)
  if (!input.text.trim() && input.comments.length === 0) {
    throw new Refusal('bad_request', 'Say what to change: a text or at least one line comment.')
  }
  const row = await trialOf(rooms.store.db, taskId, input.trialId)
  const start = input.checkpointId
    ? (await checkpointOf(rooms.store.db, taskId, input.checkpointId)).commit
    : (row.candidate?.commit ?? (await newestCheckpoint(rooms.store.db, row.id)))
  const instruction = [input.text.trim(), ...input.comments.map(sayComment)].filter(Boolean).join('\n\n')
  await transact(rooms.store.db, async (tx) => {
    if (!(await moveTask(tx, taskId, ['waiting', 'rejected', 'failed', 'done'], 'working'))) throw notWaiting(taskId)
    await record(tx, row, { kind: 'rework', reason: instruction, code: 'unknown', by })
    await openTrial(rooms, tx, {
      taskId,
      contender: row.contender,
      attempt: row.attempt + 1,
      parentId: row.id,
      instruction,
      ...(start ? { startCommit: start } : {}),
    })
  })
}

const sayComment = ({ path, line, side, text }: LineComment): string =>
  `${path}${line === null ? '' : `:${line}`}${side === 'old' ? ' (as it was before)' : ''}: ${text}`

/** A trial whose candidate is given: a checkpoint, or hunks and files picked from several candidates. */
async function giveCandidate(rooms: Rooms, from: TrialRow, contender: string, commit: string): Promise<void> {
  await transact(rooms.store.db, async (tx) => {
    if (!(await moveTask(tx, from.taskId, ['waiting', 'rejected', 'failed', 'done'], 'working')))
      throw notWaiting(from.taskId)
    await openTrial(rooms, tx, {
      taskId: from.taskId,
      contender,
      attempt: from.attempt,
      parentId: from.id,
      startCommit: commit,
      given: true,
    })
  })
}

export async function rollback(rooms: Rooms, id: string, checkpointId: string): Promise<void> {
  const taskId = await wholeTaskId(rooms.store.db, id)
  const found = await checkpointOf(rooms.store.db, taskId, checkpointId)
  const row = await trialOf(rooms.store.db, taskId, found.trialId)
  await giveCandidate(rooms, row, row.contender, found.commit)
}

export async function compose(rooms: Rooms, id: string, picks: ComposePick[]): Promise<void> {
  const taskId = await wholeTaskId(rooms.store.db, id)
  const [owner] = await rooms.store.db.select().from(task).where(eq(task.id, taskId))
  if (!owner?.base) throw new Refusal('conflict', `Task ${taskId} has no base to compose on.`)
  const sources: (TreePick & { row: TrialRow })[] = []
  for (const { trialId, hunks, files } of picks) {
    const row = await trialOf(rooms.store.db, taskId, trialId)
    if (!row.candidate) throw new Refusal('conflict', `Trial ${row.id} has no candidate to pick from.`)
    sources.push({ row, tree: row.candidate.tree, hunks, files })
  }
  const snapshot = await rooms.workspaces.compose(owner.projectId, owner.base, sources)
  const [first] = sources
  if (first) await giveCandidate(rooms, first.row, 'composed', snapshot.commit)
}

/** Cancels all trials of a task. Running ones hear of it at once and stop spending. */
export async function cancel(rooms: Rooms, id: string): Promise<void> {
  const taskId = await wholeTaskId(rooms.store.db, id)
  const running = await transact(rooms.store.db, async (tx) => {
    if (!(await moveTask(tx, taskId, ['queued', 'working', 'waiting'], 'cancelled'))) {
      throw new Refusal('conflict', `Task ${taskId} has already ended.`)
    }
    await tx.update(trial).set({ cancelRequested: true }).where(eq(trial.taskId, taskId))
    const rows = await tx.select().from(trial).where(eq(trial.taskId, taskId))
    for (const row of rows) await moveTrial(tx, row.id, ['queued'], 'cancelled')
    return rows.filter((row) => !trialEnded(row.state as TrialState))
  })
  for (const row of running) {
    rooms.gateway.revoke(row.id)
    cancels.emit('cancel', row.id)
  }
}

/**
 * Takes an applied decision back; the checkout gets back exactly what the apply changed. Like an accept it is a row
 * first and carried out by a job, so that a house that dies half-way finishes it.
 */
export async function undo(rooms: Rooms, decisionId: string): Promise<Decision> {
  await transact(rooms.store.db, async (tx) => {
    const [row] = await tx.select().from(decision).where(eq(decision.id, decisionId)).for('update')
    if (!row) throw new Refusal('not_found', `There is no decision ${decisionId}.`)
    if (row.state === 'undone' || row.state === 'undoing') return
    if (row.state !== 'applied')
      throw new Refusal('conflict', `Decision ${decisionId} was not applied, so there is nothing to undo.`)
    await tx.update(decision).set({ state: 'undoing' }).where(eq(decision.id, decisionId))
    await rooms.queue.send(tx, 'apply', { decisionId })
  })
  const row = await settled(rooms, decisionId)
  if (row.state === 'applied') throw new Refusal('conflict', await whyKept(rooms.store.db, row))
  return toDecision(row)
}

/** What the job said when it could not take a decision back. */
async function whyKept(db: Db, { id, taskId }: { id: string; taskId: string }): Promise<string> {
  const said = await db
    .select({ body: event.body })
    .from(event)
    .where(and(eq(event.taskId, taskId), sql`${event.body}->>'type' = 'decision.kept'`))
    .orderBy(desc(event.seq))
  const bodies = said.map(({ body }) => body).filter((body) => body.type === 'decision.kept')
  return bodies.find((body) => body.decisionId === id)?.sentence ?? `Decision ${id} was not taken back.`
}

async function record(
  tx: Db,
  row: TrialRow,
  values: Pick<typeof decision.$inferInsert, 'kind' | 'reason' | 'code' | 'by'>,
): Promise<Decision> {
  const [written] = await tx
    .insert(decision)
    .values({ id: newId('decision'), taskId: row.taskId, trialId: row.id, state: 'recorded', ...values })
    .returning()
  if (!written) throw new Error('The decision was not written')
  const { id: decisionId, kind, by } = written
  await append(tx, { taskId: row.taskId, trialId: row.id }, [{ type: 'decision.made', decisionId, kind, by }])
  return toDecision(written)
}

async function checkpointOf(db: Db, taskId: string, id: string): Promise<typeof checkpoint.$inferSelect> {
  const [row] = await db
    .select({ checkpoint })
    .from(checkpoint)
    .innerJoin(trial, eq(checkpoint.trialId, trial.id))
    .where(and(eq(checkpoint.id, id), eq(trial.taskId, taskId)))
  if (!row)
    throw new Refusal('not_found', `Task ${taskId} has no checkpoint ${id}; see \`seatrial checkpoints ${taskId}\`.`)
  return row.checkpoint
}

async function newestCheckpoint(db: Db, trialId: string): Promise<string | null> {
  const [row] = await db
    .select({ commit: checkpoint.commit })
    .from(checkpoint)
    .where(eq(checkpoint.trialId, trialId))
    .orderBy(desc(checkpoint.number))
    .limit(1)
  return row?.commit ?? null
}

const notWaiting = (taskId: string): Refusal =>
  new Refusal('conflict', `Task ${taskId} is not waiting for a decision right now; see \`seatrial show ${taskId}\`.`)
