// Carries a decision out: the picked changes land on the user's checkout, or are taken back from it; where they collide
// with what the user has, nothing is touched and it is told.
import { type AcceptInput, type ApplyResult, type EventBody, Refusal } from '@seatrial/protocol'
import { eq } from 'drizzle-orm'
import { applyCandidate } from '../decision/apply.ts'
import { undoApplied } from '../decision/undo.ts'
import type { Finish } from '../queue/queue.ts'
import { append } from '../store/log.ts'
import { moveTask } from '../store/move.ts'
import { decision, project, task, trial } from '../store/tables.ts'
import { carriedOut } from './decide.ts'
import type { Rooms } from './rooms.ts'

/** Doing it twice with one decision id is doing it once: the second finds what the first left. */
export async function apply(rooms: Rooms, decisionId: string): Promise<Finish> {
  const row = await readDecided(rooms, decisionId)
  if (row?.decision.state === 'pending' && row.decision.input) return bringOver(rooms, row, row.decision.input)
  if (row?.decision.state === 'undoing') return takeBack(row)
  return async () => {}
}

async function readDecided(rooms: Rooms, decisionId: string) {
  const [row] = await rooms.store.db
    .select()
    .from(decision)
    .innerJoin(task, eq(decision.taskId, task.id))
    .innerJoin(project, eq(task.projectId, project.id))
    .innerJoin(trial, eq(decision.trialId, trial.id))
    .where(eq(decision.id, decisionId))
  return row
}

type Decided = NonNullable<Awaited<ReturnType<typeof readDecided>>>

/** Tells who waits for the decision, after the commit: in the next turn of the event loop. */
const tell = (decisionId: string): void => void setTimeout(() => carriedOut.emit(decisionId), 0)

async function bringOver(rooms: Rooms, row: Decided, input: AcceptInput): Promise<Finish> {
  const decisionId = row.decision.id
  const { base } = row.task
  const { candidate } = row.trial
  if (!base || !candidate) throw new Error(`Decision ${decisionId} has no candidate`)
  const result = await applyCandidate({
    storeDir: rooms.workspaces.storeDir(row.project.id),
    checkout: row.project.path,
    base,
    candidateTree: candidate.tree,
    decisionId,
    taskId: row.task.id,
    title: row.task.title,
    input,
    sensitive: row.task.settings.sensitive,
  }).catch((error: unknown): ApplyResult => {
    // A refusal (merge under way, sensitive file not allowed) is an answer to the person, not a bug.
    if (!(error instanceof Refusal)) throw error
    return {
      outcome: 'conflict',
      files: [],
      conflicts: [{ path: '', sentence: error.message }],
      branch: null,
      commit: null,
      undoRef: null,
    }
  })
  return async (tx) => {
    const applied = result.outcome !== 'conflict'
    await tx
      .update(decision)
      .set({ state: applied ? 'applied' : 'conflict', result })
      .where(eq(decision.id, decisionId))
    await append(tx, { taskId: row.task.id, trialId: row.trial.id }, [{ type: 'decision.applied', decisionId, result }])
    const note = applied ? null : (result.conflicts[0]?.sentence ?? 'The change collides with the checkout.')
    await moveTask(tx, row.task.id, ['applying'], applied ? 'done' : 'waiting', note)
    tell(decisionId)
  }
}

async function takeBack({
  decision: { id: decisionId, result },
  task: { id: taskId },
  ...row
}: Decided): Promise<Finish> {
  const sentence = await undoApplied({ checkout: row.project.path, decisionId, result }).then(
    () => null,
    (error: unknown) => {
      if (error instanceof Refusal) return error.message
      throw error
    },
  )
  return async (tx) => {
    const state = sentence === null ? 'undone' : 'applied'
    await tx.update(decision).set({ state }).where(eq(decision.id, decisionId))
    const body: EventBody =
      sentence === null ? { type: 'decision.undone', decisionId } : { type: 'decision.kept', decisionId, sentence }
    await append(tx, { taskId, trialId: row.trial.id }, [body])
    if (sentence === null) await moveTask(tx, taskId, ['done'], 'waiting', 'The accepted change was taken back.')
    tell(decisionId)
  }
}
