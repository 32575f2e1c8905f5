// Carries a decision out: the picked changes land on the user's checkout, or are taken back from it; where they collide
// with what the user has, nothing is touched and it is told.
import { type AcceptInput, type ApplyResult, Refusal } from '@seatrial/protocol'
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

type Row = typeof decision.$inferSelect
type Decided = NonNullable<Awaited<ReturnType<typeof readDecided>>>

/** Tells who waits for the decision, after the commit: in the next turn of the event loop. */
const tell = (decisionId: string): void => void setTimeout(() => carriedOut.emit(decisionId), 0)

async function bringOver(rooms: Rooms, row: Decided, input: AcceptInput): Promise<Finish> {
  const { base } = row.task
  const { candidate } = row.trial
  if (!base || !candidate) throw new Error(`Decision ${row.decision.id} has no candidate`)
  const result = await applyCandidate({
    storeDir: rooms.workspaces.storeDir(row.project.id),
    checkout: row.project.path,
    base,
    candidateTree: candidate.tree,
    decisionId: row.decision.id,
    taskId: row.task.id,
    title: row.task.title,
    input,
    sensitive: row.task.settings.sensitive,
  }).catch((error: unknown): ApplyResult => {
    // A refusal (merge under way, sensitive file not allowed) is an answer to the person, not a bug.
    if (!(error instanceof Refusal)) throw error
    return collision(error.message)
  })
  return applied(row.decision, result)
}

const collision = (sentence: string): ApplyResult => ({
  outcome: 'conflict',
  files: [],
  conflicts: [{ path: '', sentence }],
  branch: null,
  commit: null,
  undoRef: null,
})

type Owner = Pick<Row, 'id' | 'taskId' | 'trialId'>

const applied =
  ({ id: decisionId, taskId, trialId }: Owner, result: ApplyResult): Finish =>
  async (tx) => {
    const state = result.outcome === 'conflict' ? 'conflict' : 'applied'
    await tx.update(decision).set({ state, result }).where(eq(decision.id, decisionId))
    await append(tx, { taskId, trialId }, [{ type: 'decision.applied', decisionId, result }])
    const note = result.conflicts[0]?.sentence ?? 'The change collides with the checkout.'
    if (state === 'applied') await moveTask(tx, taskId, ['applying'], 'done')
    else await moveTask(tx, taskId, ['applying'], 'waiting', note)
    tell(decisionId)
  }

const undone =
  ({ id: decisionId, taskId, trialId }: Owner): Finish =>
  async (tx) => {
    await tx.update(decision).set({ state: 'undone' }).where(eq(decision.id, decisionId))
    await append(tx, { taskId, trialId }, [{ type: 'decision.undone', decisionId }])
    await moveTask(tx, taskId, ['done'], 'waiting', 'The accepted change was taken back.')
    tell(decisionId)
  }

const kept =
  ({ id: decisionId, taskId, trialId }: Owner, sentence: string): Finish =>
  async (tx) => {
    await tx.update(decision).set({ state: 'applied' }).where(eq(decision.id, decisionId))
    await append(tx, { taskId, trialId }, [{ type: 'decision.kept', decisionId, sentence }])
    tell(decisionId)
  }

/** When carrying it out failed again and again: told to the person, who may decide anew. */
export const leaveUnapplied =
  (decisionId: string, sentence: string): Finish =>
  async (tx) => {
    const [row] = await tx.select().from(decision).where(eq(decision.id, decisionId))
    if (row?.state === 'pending') await applied(row, collision(sentence))(tx)
    if (row?.state === 'undoing') await kept(row, sentence)(tx)
  }

async function takeBack({ decision: row, project: { path } }: Decided): Promise<Finish> {
  return undoApplied({ checkout: path, decisionId: row.id, result: row.result }).then(
    () => undone(row),
    (error: unknown) => {
      if (error instanceof Refusal) return kept(row, error.message)
      throw error
    },
  )
}
