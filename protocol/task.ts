// Task and trial: what a person asked for, and one contender's go at it; the states and the allowed moves.
import { z } from 'zod'
import { CheckSpec } from './project.ts'

export const TaskState = z.enum(['queued', 'working', 'waiting', 'applying', 'done', 'rejected', 'failed', 'cancelled'])
export type TaskState = z.infer<typeof TaskState>

export const TrialState = z.enum([
  'queued',
  'preparing',
  'running',
  'checking',
  'reviewing',
  'ready',
  'failed',
  'cancelled',
])
export type TrialState = z.infer<typeof TrialState>

/** Where a task may move. A rework leads from waiting to working through a new trial; undo leads from done to waiting. */
export const taskMoves: Record<TaskState, readonly TaskState[]> = {
  queued: ['working', 'failed', 'cancelled'],
  working: ['waiting', 'failed', 'cancelled'],
  waiting: ['working', 'applying', 'rejected', 'cancelled'],
  applying: ['done', 'waiting'],
  done: ['applying', 'waiting', 'working'],
  rejected: ['working'],
  failed: ['working'],
  cancelled: [],
}

/** Where a trial may move: only forward. */
export const trialMoves: Record<TrialState, readonly TrialState[]> = {
  queued: ['preparing', 'failed', 'cancelled'],
  preparing: ['running', 'failed', 'cancelled'],
  running: ['checking', 'failed', 'cancelled'],
  checking: ['reviewing', 'failed', 'cancelled'],
  reviewing: ['ready', 'failed', 'cancelled'],
  ready: [],
  failed: [],
  cancelled: [],
}

export const trialEnded = (state: TrialState): boolean => trialMoves[state].length === 0

/** What a task starts from: a commit-ish, or the developer's working tree as it stands. */
export const BaseSpec = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('commit'), ref: z.string().default('HEAD') }),
  z.object({ kind: z.literal('working-tree') }),
])
export type BaseSpec = z.infer<typeof BaseSpec>

/** The base as resolved at submission; both hashes exist in the house's own store. */
export const Base = z.object({
  spec: BaseSpec,
  /** Commit in the house's store whose tree is the base. */
  commit: z.string(),
  tree: z.string(),
  /** Commit of the user's repository it descends from. */
  head: z.string(),
  branch: z.string().nullable(),
})
export type Base = z.infer<typeof Base>

export const Picture = z.object({
  name: z.string(),
  mediaType: z.enum(['image/png', 'image/jpeg', 'image/webp', 'image/gif']),
  /** Base64. */
  data: z.string(),
})
export type Picture = z.infer<typeof Picture>

export const Budget = z.object({
  /** Millionths of a US dollar; null means no limit of this kind. */
  micros: z.number().int().nonnegative().nullable().default(null),
  tokens: z.number().int().nonnegative().nullable().default(null),
  minutes: z.number().positive().nullable().default(null),
})
export type Budget = z.infer<typeof Budget>

/** What a client sends to start a task. */
export const TaskInput = z.object({
  /** Id or path of the project. */
  project: z.string(),
  prompt: z.string().min(1).max(200_000),
  title: z.string().max(200).optional(),
  base: BaseSpec.default({ kind: 'commit', ref: 'HEAD' }),
  images: z.array(Picture).max(10).default([]),
  /** Contenders as text, e.g. `["refactor", "seatrial+devstral"]`; empty means the project's default. */
  contenders: z.array(z.string()).max(8).default([]),
  /** Trials per contender. */
  attempts: z.number().int().min(1).max(8).default(1),
  budget: Budget.prefault({}),
  /** Extra acceptance checks beside the project's. */
  checks: z.array(CheckSpec).default([]),
  /** Marks text that came from outside (issue, web page), quoted as untrusted in the prompt. */
  untrusted: z.array(z.object({ source: z.string(), text: z.string() })).default([]),
  /** Two submissions with one key are one task. */
  idempotencyKey: z.string().max(200).optional(),
})
export type TaskInput = z.infer<typeof TaskInput>

export const Task = z.object({
  id: z.string(),
  projectId: z.string(),
  state: TaskState,
  title: z.string(),
  prompt: z.string(),
  images: z.array(Picture.omit({ data: true })),
  base: Base.nullable(),
  contenders: z.array(z.string()),
  attempts: z.number(),
  budget: Budget,
  checks: z.array(CheckSpec),
  createdAt: z.iso.datetime(),
  updatedAt: z.iso.datetime(),
  createdBy: z.string().nullable(),
  /** Why it failed or what is awaited, in one sentence. */
  note: z.string().nullable(),
})
export type Task = z.infer<typeof Task>

/** Why a trial ended without a candidate. Infrastructure failures never count against a contender. */
export const TrialFailure = z.object({
  kind: z.enum(['agent', 'infrastructure', 'budget', 'timeout', 'setup', 'empty', 'refused', 'stuck']),
  sentence: z.string(),
})
export type TrialFailure = z.infer<typeof TrialFailure>

/** Metered by the gateway, never the agent's word. `micros` is null while any price is unknown. */
export const Usage = z.object({
  calls: z.number().int(),
  inputTokens: z.number().int(),
  cacheReadTokens: z.number().int(),
  cacheWriteTokens: z.number().int(),
  outputTokens: z.number().int(),
  micros: z.number().int().nullable(),
})
export type Usage = z.infer<typeof Usage>
export const noUsage: Usage = {
  calls: 0,
  inputTokens: 0,
  cacheReadTokens: 0,
  cacheWriteTokens: 0,
  outputTokens: 0,
  micros: 0,
}

/** What a finished trial offers: a tree in the house's store against the base. */
export const Candidate = z.object({
  commit: z.string(),
  tree: z.string(),
  files: z.number().int(),
  added: z.number().int(),
  removed: z.number().int(),
})
export type Candidate = z.infer<typeof Candidate>

export const Trial = z.object({
  id: z.string(),
  taskId: z.string(),
  contender: z.string(),
  /** The trial this one reworks or took over from. */
  parentId: z.string().nullable(),
  /** 1-based number of the attempt of this contender at this task. */
  attempt: z.number().int(),
  state: TrialState,
  /** What the agent is told besides the task's prompt (rework text, what was done before). */
  instruction: z.string().nullable(),
  candidate: Candidate.nullable(),
  failure: TrialFailure.nullable(),
  usage: Usage,
  /** The agent's closing words; data, never trusted. */
  summary: z.string().nullable(),
  createdAt: z.iso.datetime(),
  startedAt: z.iso.datetime().nullable(),
  endedAt: z.iso.datetime().nullable(),
})
export type Trial = z.infer<typeof Trial>

/** A snapshot of the workspace after a step, kept outside the sandbox. */
export const Checkpoint = z.object({
  id: z.string(),
  trialId: z.string(),
  /** 1-based order within the trial. */
  number: z.number().int(),
  commit: z.string(),
  tree: z.string(),
  label: z.string(),
  files: z.number().int(),
  at: z.iso.datetime(),
})
export type Checkpoint = z.infer<typeof Checkpoint>

/** A question that waits for a person; answering it never blocks other work. */
export const Ask = z.object({
  id: z.string(),
  taskId: z.string(),
  trialId: z.string().nullable(),
  kind: z.enum(['question', 'egress', 'stuck', 'budget', 'sensitive']),
  text: z.string(),
  options: z.array(z.string()),
  answer: z.string().nullable(),
  askedAt: z.iso.datetime(),
  answeredAt: z.iso.datetime().nullable(),
})
export type Ask = z.infer<typeof Ask>
