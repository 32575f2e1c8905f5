// Handlers of tasks: thin edges between the API table and the journey.
import { type Diff, type Evidence, Refusal } from '@seatrial/protocol'
import type { taskRoutes } from '@seatrial/protocol/api'
import { and, eq, like } from 'drizzle-orm'
import { hunkNotes } from '../checks/hunk-notes.ts'
import { answerAsk } from '../journey/ask.ts'
import { accept, cancel, compose, reject, rework, rollback, trialOf, undo } from '../journey/decide.ts'
import type { TrialRow } from '../journey/lease.ts'
import { sendMessage } from '../journey/messages.ts'
import type { Rooms } from '../journey/rooms.ts'
import { submit } from '../journey/submit.ts'
import { lastSeq, readAfter } from '../store/log.ts'
import { checkpoint, decision, evidence, task } from '../store/tables.ts'
import { toCheckpoint, viewTask, viewTasks, wholeTaskId } from '../store/views.ts'
import type { Handlers } from './handlers.ts'
import { findProject } from './projects.ts'

export function taskHandlers(rooms: Rooms): Handlers<typeof taskRoutes> {
  const { db } = rooms.store

  /** The trial meant by a request, with its task's row and its candidate's tree. */
  const meant = async (id: string, named: string | undefined) => {
    const taskId = await wholeTaskId(db, id)
    const row = await trialOf(db, taskId, named)
    const [owner] = await db.select().from(task).where(eq(task.id, taskId))
    if (!owner?.base) throw new Refusal('conflict', `Task ${taskId} has no base yet.`)
    return { row, owner, base: owner.base }
  }
  const treeOf = async (row: TrialRow): Promise<string> => {
    if (row.candidate) return row.candidate.tree
    const rows = await db.select().from(checkpoint).where(eq(checkpoint.trialId, row.id)).orderBy(checkpoint.number)
    const newest = rows.at(-1)
    if (!newest) throw new Refusal('conflict', `Trial ${row.id} has changed nothing yet.`)
    return newest.tree
  }
  /** A tree named by a trial or checkpoint id; the base when nothing is named. */
  const against = async (taskId: string, baseTree: string, named: string | undefined): Promise<string> => {
    if (!named || named === 'base') return baseTree
    const [found] = await db.select().from(checkpoint).where(eq(checkpoint.id, named))
    return found ? found.tree : treeOf(await trialOf(db, taskId, named))
  }
  const evidenceOf = async (row: TrialRow): Promise<Evidence> => {
    const [found] = await db.select().from(evidence).where(eq(evidence.trialId, row.id))
    if (!found) throw new Refusal('conflict', `Trial ${row.id} has no evidence yet; it is ${row.state}.`)
    const { tree, base, candidate, signals } = found
    return { tree, base, candidate, signals, stale: row.candidate?.tree !== tree }
  }

  return {
    async submitTask({ body }, caller) {
      const project = await findProject(rooms, body.project, true)
      return viewTask(db, await submit(rooms, project, body, caller.personId))
    },
    async listTasks({ query }) {
      const project = query.project ? await findProject(rooms, query.project, false) : null
      const { state, inbox, limit, before } = query
      return viewTasks(db, { state, inbox, limit, before, projectId: project?.id })
    },
    getTask: ({ params }) => viewTask(db, params.id),
    async cancelTask({ params }) {
      await cancel(rooms, params.id)
      return viewTask(db, params.id)
    },
    async messageTask({ params, body }, caller) {
      await sendMessage(rooms, params.id, body, caller.personId)
      return viewTask(db, params.id)
    },
    async snoozeTask({ params, body }) {
      const id = await wholeTaskId(db, params.id)
      const snoozedUntil = body.until ? new Date(body.until) : null
      await db.update(task).set({ snoozedUntil }).where(eq(task.id, id))
      return viewTask(db, id)
    },
    answerAsk: ({ params, body }) => answerAsk(rooms, params.id, body.answer),
    async getDiff({ params, query }): Promise<Diff> {
      const { row, owner, base } = await meant(params.id, query.trial)
      const from = await against(owner.id, base.tree, query.against)
      const path = query.path ? { path: query.path } : {}
      return rooms.workspaces.diff(owner.projectId, from, await treeOf(row), path)
    },
    async getPatch({ params, query }) {
      const { row, owner, base } = await meant(params.id, query.trial)
      return { patch: await rooms.workspaces.patch(owner.projectId, base.tree, await treeOf(row)) }
    },
    async getFile({ params, query }) {
      const { row, owner, base } = await meant(params.id, query.trial)
      const tree = query.side === 'base' ? base.tree : await treeOf(row)
      const bytes = await rooms.workspaces.readFile(owner.projectId, tree, query.path)
      if (!bytes) throw new Refusal('not_found', `There is no ${query.path} on that side.`)
      const binary = bytes.subarray(0, 8000).includes(0)
      return { path: query.path, text: binary ? null : new TextDecoder().decode(bytes), binary }
    },
    async getEvidence({ params, query }) {
      return evidenceOf((await meant(params.id, query.trial)).row)
    },
    async getPanel({ params, query }) {
      const { row } = await meant(params.id, query.trial)
      if (!row.panel) throw new Refusal('conflict', `Trial ${row.id} was not reviewed yet; it is ${row.state}.`)
      return row.panel
    },
    async getHunkNotes({ params, query }) {
      const { row, owner, base } = await meant(params.id, query.trial)
      const diff = await rooms.workspaces.diff(owner.projectId, base.tree, await treeOf(row))
      const { signals } = await evidenceOf(row)
      const steps = await db.select().from(checkpoint).where(eq(checkpoint.trialId, row.id)).orderBy(checkpoint.number)
      const reviews = row.panel?.reviews ?? []
      const told: { number: number; label: string; paths: string[] }[] = []
      let from = base.tree
      for (const { number, label, tree } of steps) {
        told.push({ number, label, paths: await rooms.workspaces.changedPaths(owner.projectId, from, tree) })
        from = tree
      }
      return { notes: hunkNotes({ diff, signals, reviews, steps: told }) }
    },
    async listCheckpoints({ params, query }) {
      const { row } = await meant(params.id, query.trial)
      const rows = await db.select().from(checkpoint).where(eq(checkpoint.trialId, row.id)).orderBy(checkpoint.number)
      return { checkpoints: rows.map(toCheckpoint) }
    },
    async rollback({ params, body }) {
      await rollback(rooms, params.id, body.checkpointId)
      return viewTask(db, params.id)
    },
    accept: ({ params, body }, caller) => accept(rooms, params.id, body, caller.personId),
    reject: ({ params, body }, caller) => reject(rooms, params.id, body, caller.personId),
    async rework({ params, body }, caller) {
      await rework(rooms, params.id, body, caller.personId)
      return viewTask(db, params.id)
    },
    async compose({ params, body }) {
      await compose(rooms, params.id, body.picks)
      return viewTask(db, params.id)
    },
    async undo({ params }) {
      return undo(rooms, await wholeDecisionId(rooms, params.id))
    },
    async listEvents({ query }) {
      const taskId = query.task ? await wholeTaskId(db, query.task) : undefined
      const events = await readAfter(db, { after: query.after, limit: query.limit, task: taskId })
      return { events, last: await lastSeq(db, taskId) }
    },
  }
}

/** A decision by its id, or the newest accept of a task by the task's id. */
async function wholeDecisionId(rooms: Rooms, id: string): Promise<string> {
  const { db } = rooms.store
  const [exact] = await db.select({ id: decision.id }).from(decision).where(eq(decision.id, id))
  if (exact) return exact.id
  const rows = await db
    .select({ id: decision.id, state: decision.state })
    .from(decision)
    .where(and(like(decision.taskId, `${id.startsWith('t-') ? id : `t-${id}`}%`), eq(decision.kind, 'accept')))
    .orderBy(decision.at)
  const newest = rows.filter((row) => row.state === 'applied').at(-1) ?? rows.at(-1)
  if (!newest) throw new Refusal('not_found', `There is no decision ${id} to undo.`)
  return newest.id
}
