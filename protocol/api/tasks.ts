// Tasks, trials, checkpoints, evidence and decisions.
import { z } from 'zod'
import { Evidence } from '../check.ts'
import { AcceptInput, ComposePick, Decision, RejectInput, ReworkInput } from '../decision.ts'
import { Diff } from '../diff.ts'
import { HouseEvent } from '../event.ts'
import { PanelReport, Selection } from '../review.ts'
import { Ask, Checkpoint, Task, TaskInput, TaskState, Trial } from '../task.ts'
import { routes } from './route.ts'

/** A task with everything a list or an inbox needs to show it. */
export const TaskView = Task.extend({
  projectName: z.string(),
  trials: z.array(Trial),
  selection: Selection.nullable(),
  asks: z.array(Ask),
  decisions: z.array(Decision),
  /** Newest event's seq for this task: follow from here. */
  seq: z.number().int(),
  /** A fact, not a hope: is a worker holding a live lease on one of its trials? */
  alive: z.boolean(),
})
export type TaskView = z.infer<typeof TaskView>

const TrialQuery = z.object({ trial: z.string().optional() })

export const taskRoutes = routes({
  submitTask: {
    method: 'POST',
    path: '/v1/tasks',
    summary: 'Start a task; returns at once.',
    scope: 'task:write',
    body: TaskInput,
    reply: TaskView,
    status: 201,
  },
  listTasks: {
    method: 'GET',
    path: '/v1/tasks',
    summary: 'Tasks, newest first.',
    scope: 'view',
    query: z.object({
      state: TaskState.optional(),
      project: z.string().optional(),
      /** `true`: only what needs a person. */
      inbox: z.stringbool().optional(),
      limit: z.coerce.number().int().min(1).max(200).default(50),
      before: z.string().optional(),
    }),
    reply: z.object({ tasks: z.array(TaskView), next: z.string().nullable() }),
  },
  getTask: {
    method: 'GET',
    path: '/v1/tasks/{id}',
    summary: 'One task; the id may be shortened while it stays unique.',
    scope: 'view',
    reply: TaskView,
  },
  cancelTask: {
    method: 'POST',
    path: '/v1/tasks/{id}/cancel',
    summary: 'Stop all trials and their spending.',
    scope: 'task:write',
    reply: TaskView,
  },
  messageTask: {
    method: 'POST',
    path: '/v1/tasks/{id}/messages',
    summary: 'A follow-up for a running trial; delivered when its current turn ends.',
    scope: 'task:write',
    body: z.object({ text: z.string().min(1).max(50_000), trialId: z.string().optional() }),
    reply: TaskView,
  },
  snoozeTask: {
    method: 'POST',
    path: '/v1/tasks/{id}/snooze',
    summary: 'Hide from the inbox until a time.',
    scope: 'task:write',
    body: z.object({ until: z.iso.datetime().nullable() }),
    reply: TaskView,
  },
  answerAsk: {
    method: 'POST',
    path: '/v1/asks/{id}/answer',
    summary: 'Answer what a trial asked.',
    scope: 'task:write',
    body: z.object({ answer: z.string().min(1).max(20_000) }),
    reply: Ask,
  },
  getDiff: {
    method: 'GET',
    path: '/v1/tasks/{id}/diff',
    summary: "A candidate's diff against the base; the recommended trial's unless one is named.",
    scope: 'view',
    query: TrialQuery.extend({
      /** Another trial or checkpoint to compare against instead of the base. */
      against: z.string().optional(),
      path: z.string().optional(),
    }),
    reply: Diff,
  },
  getPatch: {
    method: 'GET',
    path: '/v1/tasks/{id}/patch',
    summary: 'The same as a git patch.',
    scope: 'view',
    query: TrialQuery,
    reply: z.object({ patch: z.string() }),
  },
  getFile: {
    method: 'GET',
    path: '/v1/tasks/{id}/file',
    summary: 'One file of base or candidate, to expand context.',
    scope: 'view',
    query: TrialQuery.extend({ path: z.string(), side: z.enum(['base', 'candidate']).default('candidate') }),
    reply: z.object({ path: z.string(), text: z.string().nullable(), binary: z.boolean() }),
  },
  getEvidence: {
    method: 'GET',
    path: '/v1/tasks/{id}/evidence',
    summary: 'Check results and signals of a candidate.',
    scope: 'view',
    query: TrialQuery,
    reply: Evidence,
  },
  getPanel: {
    method: 'GET',
    path: '/v1/tasks/{id}/panel',
    summary: "The reviewers' word on a candidate.",
    scope: 'view',
    query: TrialQuery,
    reply: PanelReport,
  },
  getHunkNotes: {
    method: 'GET',
    path: '/v1/tasks/{id}/hunk-notes',
    summary: 'Evidence beside each hunk: signals, covering tests, findings, the step that made it.',
    scope: 'view',
    query: TrialQuery,
    reply: z.object({
      notes: z.array(
        z.object({
          hunkId: z.string(),
          path: z.string(),
          risk: z.enum(['low', 'medium', 'high']),
          why: z.string().nullable(),
          signals: z.array(z.string()),
          findings: z.array(z.string()),
          coverage: z.enum(['covered', 'uncovered', 'not_measured']),
        }),
      ),
    }),
  },
  listCheckpoints: {
    method: 'GET',
    path: '/v1/tasks/{id}/checkpoints',
    summary: 'Snapshots of a trial.',
    scope: 'view',
    query: TrialQuery,
    reply: z.object({ checkpoints: z.array(Checkpoint) }),
  },
  rollback: {
    method: 'POST',
    path: '/v1/tasks/{id}/rollback',
    summary: 'Make a checkpoint the candidate: a new trial that starts and ends there, checked anew.',
    scope: 'task:write',
    body: z.object({ checkpointId: z.string() }),
    reply: TaskView,
  },
  accept: {
    method: 'POST',
    path: '/v1/tasks/{id}/accept',
    summary: 'Apply a candidate, or some files and hunks of it.',
    scope: 'review:decide',
    body: AcceptInput,
    reply: Decision,
  },
  reject: {
    method: 'POST',
    path: '/v1/tasks/{id}/reject',
    summary: 'Turn a task down, with a reason.',
    scope: 'review:decide',
    body: RejectInput,
    reply: Decision,
  },
  rework: {
    method: 'POST',
    path: '/v1/tasks/{id}/rework',
    summary: 'A new trial from the last checkpoint, with words and line comments.',
    scope: 'review:decide',
    body: ReworkInput,
    reply: TaskView,
  },
  compose: {
    method: 'POST',
    path: '/v1/tasks/{id}/compose',
    summary:
      'Picked hunks and files of several candidates become a new candidate, checked and reviewed like any other.',
    scope: 'review:decide',
    body: z.object({ picks: z.array(ComposePick).min(1) }),
    reply: TaskView,
  },
  undo: {
    method: 'POST',
    path: '/v1/decisions/{id}/undo',
    summary: 'Take an applied decision back.',
    scope: 'review:decide',
    reply: Decision,
  },
  listEvents: {
    method: 'GET',
    path: '/v1/log',
    summary: 'Events after a seq, oldest first. `/v1/events` streams the same as server-sent events.',
    scope: 'view',
    query: z.object({
      after: z.coerce.number().int().min(0).default(0),
      task: z.string().optional(),
      limit: z.coerce.number().int().min(1).max(1000).default(200),
    }),
    reply: z.object({ events: z.array(HouseEvent), last: z.number().int() }),
  },
})
