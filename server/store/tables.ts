// The rows of the house. One schema for the embedded database and for PostgreSQL.
import type {
  AcceptInput,
  ApplyResult,
  Base,
  Budget,
  Candidate,
  CheckResult,
  CheckSpec,
  EventBody,
  PanelReport,
  Pick,
  Picture,
  ProjectSettings,
  Selection,
  Signal,
  Target,
  TrialFailure,
} from '@seatrial/protocol'
import { sql } from 'drizzle-orm'
import {
  bigint,
  bigserial,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
} from 'drizzle-orm/pg-core'

const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date', precision: 3 })
const now = (name: string) => at(name).notNull().defaultNow()

export const project = pgTable('project', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  path: text('path').notNull().unique(),
  settings: jsonb('settings').$type<ProjectSettings>().notNull(),
  detectedFrom: jsonb('detected_from').$type<Record<string, string>>().notNull(),
  createdAt: now('created_at'),
  removedAt: at('removed_at'),
})

export const task = pgTable(
  'task',
  {
    id: text('id').primaryKey(),
    projectId: text('project_id')
      .notNull()
      .references(() => project.id),
    state: text('state').notNull(),
    title: text('title').notNull(),
    prompt: text('prompt').notNull(),
    images: jsonb('images').$type<Picture[]>().notNull(),
    base: jsonb('base').$type<Base>(),
    settings: jsonb('settings').$type<ProjectSettings>().notNull(),
    contenders: jsonb('contenders').$type<string[]>().notNull(),
    attempts: integer('attempts').notNull(),
    budget: jsonb('budget').$type<Budget>().notNull(),
    checks: jsonb('checks').$type<CheckSpec[]>().notNull(),
    untrusted: jsonb('untrusted').$type<{ source: string; text: string }[]>().notNull(),
    selection: jsonb('selection').$type<Selection>(),
    note: text('note'),
    idempotencyKey: text('idempotency_key').unique(),
    snoozedUntil: at('snoozed_until'),
    createdBy: text('created_by'),
    createdAt: now('created_at'),
    updatedAt: now('updated_at'),
  },
  (t) => [index('task_state').on(t.state, t.createdAt), index('task_created').on(t.createdAt)],
)

export const trial = pgTable(
  'trial',
  {
    id: text('id').primaryKey(),
    taskId: text('task_id')
      .notNull()
      .references(() => task.id),
    contender: text('contender').notNull(),
    parentId: text('parent_id'),
    attempt: integer('attempt').notNull(),
    state: text('state').notNull(),
    instruction: text('instruction'),
    /** Snapshot to start from instead of the base (rework, rollback, composed candidate). */
    startCommit: text('start_commit'),
    /** The start is the candidate: no agent runs (rollback, composed candidate). */
    given: boolean('given').notNull().default(false),
    candidate: jsonb('candidate').$type<Candidate>(),
    failure: jsonb('failure').$type<TrialFailure>(),
    panel: jsonb('panel').$type<PanelReport>(),
    agentSession: text('agent_session'),
    summary: text('summary'),
    cancelRequested: boolean('cancel_requested').notNull().default(false),
    /** False once the agent's last turn has ended: it takes no more follow-ups. */
    listening: boolean('listening').notNull().default(true),
    /** Raised each time a worker takes the trial; a write with an older fence is refused. */
    fence: integer('fence').notNull().default(0),
    /** Bugs met while working on it; after three it is given up as an infrastructure failure. */
    faults: integer('faults').notNull().default(0),
    worker: text('worker'),
    /** Last sign of life of the worker that holds it. */
    beatAt: at('beat_at'),
    createdAt: now('created_at'),
    startedAt: at('started_at'),
    endedAt: at('ended_at'),
  },
  (t) => [index('trial_task').on(t.taskId), index('trial_state').on(t.state)],
)

export const event = pgTable(
  'event',
  {
    seq: bigserial('seq', { mode: 'number' }).primaryKey(),
    at: now('at'),
    taskId: text('task_id'),
    trialId: text('trial_id'),
    body: jsonb('body').$type<EventBody>().notNull(),
  },
  (t) => [index('event_task').on(t.taskId, t.seq)],
)

export const checkpoint = pgTable(
  'checkpoint',
  {
    id: text('id').primaryKey(),
    trialId: text('trial_id')
      .notNull()
      .references(() => trial.id),
    number: integer('number').notNull(),
    commit: text('commit').notNull(),
    tree: text('tree').notNull(),
    label: text('label').notNull(),
    files: integer('files').notNull(),
    at: now('at'),
  },
  (t) => [index('checkpoint_trial').on(t.trialId, t.number)],
)

/** Results of checks on a base tree, shared by every trial that starts there. */
export const baseChecks = pgTable('base_checks', {
  key: text('key').primaryKey(),
  results: jsonb('results').$type<CheckResult[]>().notNull(),
  at: now('at'),
})

export const evidence = pgTable('evidence', {
  trialId: text('trial_id')
    .primaryKey()
    .references(() => trial.id),
  tree: text('tree').notNull(),
  base: jsonb('base').$type<CheckResult[]>().notNull(),
  candidate: jsonb('candidate').$type<CheckResult[]>().notNull(),
  signals: jsonb('signals').$type<Signal[]>().notNull(),
  at: now('at'),
})

export const decision = pgTable(
  'decision',
  {
    id: text('id').primaryKey(),
    taskId: text('task_id')
      .notNull()
      .references(() => task.id),
    trialId: text('trial_id').notNull(),
    kind: text('kind').notNull(),
    pick: jsonb('pick').$type<Pick>(),
    target: jsonb('target').$type<Target>(),
    input: jsonb('input').$type<AcceptInput>(),
    reason: text('reason').notNull(),
    code: text('code').notNull(),
    state: text('state').notNull(),
    result: jsonb('result').$type<ApplyResult>(),
    by: text('by'),
    at: now('at'),
  },
  (t) => [index('decision_task').on(t.taskId), index('decision_state').on(t.state)],
)

export const outcome = pgTable(
  'outcome',
  {
    decisionId: text('decision_id')
      .notNull()
      .references(() => decision.id),
    kind: text('kind').notNull(),
    ref: text('ref'),
    at: now('at'),
  },
  (t) => [primaryKey({ columns: [t.decisionId, t.kind] })],
)

export const ask = pgTable(
  'ask',
  {
    id: text('id').primaryKey(),
    taskId: text('task_id')
      .notNull()
      .references(() => task.id),
    trialId: text('trial_id'),
    kind: text('kind').notNull(),
    text: text('text').notNull(),
    options: jsonb('options').$type<string[]>().notNull(),
    /** What it is about: the pattern of a host, for `egress`. */
    subject: text('subject'),
    answer: text('answer'),
    askedAt: now('asked_at'),
    answeredAt: at('answered_at'),
  },
  (t) => [index('ask_task').on(t.taskId)],
)

/** Follow-ups of people, delivered once when a turn ends. */
export const message = pgTable(
  'message',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    taskId: text('task_id')
      .notNull()
      .references(() => task.id),
    trialId: text('trial_id'),
    text: text('text').notNull(),
    by: text('by'),
    at: now('at'),
    deliveredTo: jsonb('delivered_to').$type<string[]>().notNull().default(sql`'[]'::jsonb`),
  },
  (t) => [index('message_task').on(t.taskId)],
)

/** One row per model call: reserved before, settled after, so that spent money survives a crash. */
export const usage = pgTable(
  'usage',
  {
    callId: text('call_id').primaryKey(),
    trialId: text('trial_id').notNull(),
    taskId: text('task_id').notNull(),
    model: text('model').notNull(),
    settled: boolean('settled').notNull().default(false),
    inputTokens: bigint('input_tokens', { mode: 'number' }).notNull().default(0),
    cacheReadTokens: bigint('cache_read_tokens', { mode: 'number' }).notNull().default(0),
    cacheWriteTokens: bigint('cache_write_tokens', { mode: 'number' }).notNull().default(0),
    outputTokens: bigint('output_tokens', { mode: 'number' }).notNull().default(0),
    /** What an unsettled reservation holds for the answer; its input stands in the columns of what is spent. */
    heldTokens: bigint('held_tokens', { mode: 'number' }).notNull().default(0),
    heldMicros: bigint('held_micros', { mode: 'number' }).notNull().default(0),
    /** Null when the price is unknown. */
    micros: bigint('micros', { mode: 'number' }),
    at: now('at'),
  },
  (t) => [index('usage_trial').on(t.trialId), index('usage_task').on(t.taskId), index('usage_at').on(t.at)],
)

/** Lasting answers to egress questions: a host a person allowed or refused for a project. */
export const egressRule = pgTable(
  'egress_rule',
  {
    projectId: text('project_id').notNull(),
    host: text('host').notNull(),
    verdict: text('verdict').notNull(),
    at: now('at'),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.host] })],
)

/** What makes an API caller: hashed bearer tokens with a scope. */
export const token = pgTable('token', {
  id: text('id').primaryKey(),
  hash: text('hash').notNull().unique(),
  name: text('name').notNull(),
  personId: text('person_id'),
  role: text('role').notNull(),
  /** `session` for a browser cookie, `token` for a personal access token. */
  kind: text('kind').notNull(),
  expiresAt: at('expires_at'),
  createdAt: now('created_at'),
  lastUsedAt: at('last_used_at'),
  revokedAt: at('revoked_at'),
})

export const person = pgTable('person', {
  id: text('id').primaryKey(),
  name: text('name').notNull(),
  email: text('email').unique(),
  /** Subject at the identity provider, `issuer#sub`. */
  subject: text('subject').unique(),
  role: text('role').notNull(),
  createdAt: now('created_at'),
  removedAt: at('removed_at'),
})
