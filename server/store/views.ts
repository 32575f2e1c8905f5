// Rows as the protocol's words: task, trial and decision views, in as few queries as there are tables.
import {
  type Ask,
  type Checkpoint,
  type Decision,
  noUsage,
  type Project,
  Refusal,
  type TaskState,
  type Trial,
  type Usage,
} from '@seatrial/protocol'
import type { TaskView } from '@seatrial/protocol/api'
import { and, asc, desc, eq, inArray, like, lt, or, type SQL, sql } from 'drizzle-orm'
import type { Db } from './database.ts'
import { ask, type checkpoint, decision, event, project, task, trial, usage } from './tables.ts'

type TaskRow = typeof task.$inferSelect
type TrialRow = typeof trial.$inferSelect

const iso = (date: Date): string => date.toISOString()
const isoOrNull = (date: Date | null): string | null => date?.toISOString() ?? null

/** A worker that has not been heard of for this long no longer counts as working. */
export const leaseMs = 10_000

/** Turns a shortened id into the whole one. Refuses unknown and ambiguous ones. */
export async function wholeTaskId(db: Db, id: string): Promise<string> {
  const rows = await db.select({ id: task.id }).from(task).where(eq(task.id, id))
  if (rows[0]) return rows[0].id
  const found = /^[a-z0-9-]{2,}$/.test(id)
    ? await db
        .select({ id: task.id })
        .from(task)
        .where(or(like(task.id, `${id}%`), like(task.id, `t-${id}%`)))
        .limit(2)
    : []
  if (found.length === 1 && found[0]) return found[0].id
  throw found.length > 1
    ? new Refusal('bad_request', `More than one task starts with ${id}; type more of the id.`)
    : new Refusal('not_found', `There is no task ${id}; list them with \`seatrial list\`.`)
}

export function toTrial(row: TrialRow, spent: Usage): Trial {
  return {
    id: row.id,
    taskId: row.taskId,
    contender: row.contender,
    parentId: row.parentId,
    attempt: row.attempt,
    state: row.state as Trial['state'],
    instruction: row.instruction,
    candidate: row.candidate,
    failure: row.failure,
    usage: spent,
    summary: row.summary,
    createdAt: iso(row.createdAt),
    startedAt: isoOrNull(row.startedAt),
    endedAt: isoOrNull(row.endedAt),
  }
}

export const toDecision = (row: typeof decision.$inferSelect): Decision => ({
  id: row.id,
  taskId: row.taskId,
  trialId: row.trialId,
  kind: row.kind as Decision['kind'],
  pick: row.pick,
  target: row.target,
  reason: row.reason,
  code: row.code as Decision['code'],
  state: row.state as Decision['state'],
  result: row.result,
  by: row.by,
  at: iso(row.at),
})

export const toAsk = (row: typeof ask.$inferSelect): Ask => ({
  id: row.id,
  taskId: row.taskId,
  trialId: row.trialId,
  kind: row.kind as Ask['kind'],
  text: row.text,
  options: row.options,
  answer: row.answer,
  askedAt: iso(row.askedAt),
  answeredAt: isoOrNull(row.answeredAt),
})

export const toCheckpoint = (row: typeof checkpoint.$inferSelect): Checkpoint => ({ ...row, at: iso(row.at) })

export const toProject = (row: typeof project.$inferSelect): Project => ({
  id: row.id,
  name: row.name,
  path: row.path,
  settings: row.settings,
  detectedFrom: row.detectedFrom,
  createdAt: iso(row.createdAt),
})

/** What trials have spent, settled calls only; `micros` is null while the price of any call is unknown. */
export async function usageOf(db: Db, trialIds: string[]): Promise<Map<string, Usage>> {
  if (trialIds.length === 0) return new Map()
  const rows = await db
    .select({
      trialId: usage.trialId,
      calls: sql<number>`count(*)`.mapWith(Number),
      inputTokens: sql<number>`sum(${usage.inputTokens})`.mapWith(Number),
      cacheReadTokens: sql<number>`sum(${usage.cacheReadTokens})`.mapWith(Number),
      cacheWriteTokens: sql<number>`sum(${usage.cacheWriteTokens})`.mapWith(Number),
      outputTokens: sql<number>`sum(${usage.outputTokens})`.mapWith(Number),
      micros: sql<number | null>`case when bool_or(${usage.micros} is null) then null else sum(${usage.micros}) end`,
    })
    .from(usage)
    .where(and(inArray(usage.trialId, trialIds), eq(usage.settled, true)))
    .groupBy(usage.trialId)
  return new Map(
    rows.map(({ trialId, micros, ...rest }) => [trialId, { ...rest, micros: micros === null ? null : Number(micros) }]),
  )
}

async function toViews(db: Db, rows: TaskRow[]): Promise<TaskView[]> {
  if (rows.length === 0) return []
  const ids = rows.map((row) => row.id)
  const projectIds = [...new Set(rows.map((row) => row.projectId))]
  const trials = await db.select().from(trial).where(inArray(trial.taskId, ids)).orderBy(asc(trial.createdAt))
  const asks = await db.select().from(ask).where(inArray(ask.taskId, ids)).orderBy(asc(ask.askedAt))
  const decisions = await db.select().from(decision).where(inArray(decision.taskId, ids)).orderBy(asc(decision.at))
  const projects = await db
    .select({ id: project.id, name: project.name })
    .from(project)
    .where(inArray(project.id, projectIds))
  const seqs = await db
    .select({ taskId: event.taskId, seq: sql<number>`max(${event.seq})`.mapWith(Number) })
    .from(event)
    .where(inArray(event.taskId, ids))
    .groupBy(event.taskId)
  const spent = await usageOf(
    db,
    trials.map((row) => row.id),
  )
  const fresh = Date.now() - leaseMs
  return rows.map((row) => {
    const own = trials.filter((each) => each.taskId === row.id)
    return {
      id: row.id,
      projectId: row.projectId,
      projectName: projects.find((each) => each.id === row.projectId)?.name ?? row.projectId,
      state: row.state as TaskState,
      title: row.title,
      prompt: row.prompt,
      images: row.images.map(({ name, mediaType }) => ({ name, mediaType })),
      base: row.base,
      contenders: row.contenders,
      attempts: row.attempts,
      budget: row.budget,
      checks: row.checks,
      createdAt: iso(row.createdAt),
      updatedAt: iso(row.updatedAt),
      createdBy: row.createdBy,
      note: row.note,
      trials: own.map((each) => toTrial(each, spent.get(each.id) ?? noUsage)),
      selection: row.selection,
      asks: asks.filter((each) => each.taskId === row.id).map(toAsk),
      decisions: decisions.filter((each) => each.taskId === row.id).map(toDecision),
      seq: seqs.find((each) => each.taskId === row.id)?.seq ?? 0,
      alive: own.some((each) => each.worker !== null && (each.beatAt?.getTime() ?? 0) > fresh),
    }
  })
}

export async function viewTask(db: Db, id: string): Promise<TaskView> {
  const [row] = await db
    .select()
    .from(task)
    .where(eq(task.id, await wholeTaskId(db, id)))
  const [view] = row ? await toViews(db, [row]) : []
  if (!view) throw new Refusal('not_found', `There is no task ${id}; list them with \`seatrial list\`.`)
  return view
}

export interface TaskFilter {
  state?: TaskState | undefined
  projectId?: string | undefined
  inbox?: boolean | undefined
  limit: number
  before?: string | undefined
}

function olderThan(cursor: string): SQL | undefined {
  const [time = '', id = ''] = cursor.split('~')
  const date = new Date(time)
  if (Number.isNaN(date.getTime())) throw new Refusal('bad_request', '`before` must be the `next` of an earlier page.')
  return or(lt(task.createdAt, date), and(eq(task.createdAt, date), lt(task.id, id)))
}

/** Newest first; `before` is the `next` of the page before. The inbox has what waits for a person, snoozed tasks left out. */
export async function viewTasks(db: Db, filter: TaskFilter): Promise<{ tasks: TaskView[]; next: string | null }> {
  const conditions: (SQL | undefined)[] = [
    filter.state ? eq(task.state, filter.state) : undefined,
    filter.projectId ? eq(task.projectId, filter.projectId) : undefined,
    filter.before ? olderThan(filter.before) : undefined,
  ]
  if (filter.inbox) {
    const asked = db.select({ id: ask.taskId }).from(ask).where(sql`${ask.answer} is null`)
    conditions.push(
      or(
        inArray(task.state, ['waiting', 'failed']),
        and(inArray(task.state, ['queued', 'working']), inArray(task.id, asked)),
      ),
      sql`(${task.snoozedUntil} is null or ${task.snoozedUntil} < now())`,
    )
  }
  const rows = await db
    .select()
    .from(task)
    .where(and(...conditions))
    .orderBy(desc(task.createdAt), desc(task.id))
    .limit(filter.limit + 1)
  const page = rows.slice(0, filter.limit)
  const last = page.at(-1)
  return {
    tasks: await toViews(db, page),
    next: rows.length > filter.limit && last ? `${iso(last.createdAt)}~${last.id}` : null,
  }
}
