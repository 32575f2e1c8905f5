// Rows of comparisons, verdicts, votes and the digest. Verdicts, inputs and vote events are only ever added.
import type { Cell, DigestItem, Dossier, Estimate, Labels, RunFacts, Tally } from '@seatrial/protocol'
import {
  bigserial,
  boolean,
  index,
  integer,
  jsonb,
  pgTable,
  primaryKey,
  text,
  timestamp,
  unique,
} from 'drizzle-orm/pg-core'

const at = (name: string) => timestamp(name, { withTimezone: true, mode: 'date', precision: 3 })
const now = (name: string) => at(name).notNull().defaultNow()

/** Tools described by hand. */
export const dossier = pgTable('dossier', {
  slug: text('slug').primaryKey(),
  body: jsonb('body').$type<Dossier>().notNull(),
  /** Who entered it; null for those that come with the house. */
  ownerId: text('owner_id'),
  updatedAt: now('updated_at'),
})

/** What a finished trial says of its contender; written anew when a decision or an outcome comes. */
export const run = pgTable(
  'run',
  {
    trialId: text('trial_id').primaryKey(),
    taskId: text('task_id').notNull(),
    contender: text('contender').notNull(),
    facts: jsonb('facts').$type<RunFacts>().notNull(),
    at: now('at'),
  },
  (t) => [index('run_task').on(t.taskId), index('run_contender').on(t.contender)],
)

export const comparison = pgTable(
  'comparison',
  {
    id: text('id').primaryKey(),
    slug: text('slug').notNull().unique(),
    kind: text('kind').notNull(),
    /** Contender text, trial id or dossier slug, by kind. */
    a: text('a').notNull(),
    b: text('b').notNull(),
    published: boolean('published').notNull().default(false),
    /** What all cells add up to; null where there is nothing to add up. */
    tally: jsonb('tally').$type<Tally>(),
    createdBy: text('created_by'),
    createdAt: now('created_at'),
  },
  (t) => [unique('comparison_pair').on(t.kind, t.a, t.b), index('comparison_a').on(t.a), index('comparison_b').on(t.b)],
)

/** One shared task of a comparison, as counted in its tally. */
export const cell = pgTable(
  'comparison_cell',
  {
    comparisonId: text('comparison_id').notNull(),
    taskId: text('task_id').notNull(),
    body: jsonb('body').$type<Cell>().notNull(),
  },
  (t) => [primaryKey({ columns: [t.comparisonId, t.taskId] })],
)

export const verdictInputs = pgTable('verdict_inputs', {
  sha: text('sha').primaryKey(),
  /** Canonical JSON; its SHA-256 is the key. */
  body: text('body').notNull(),
})

export const verdict = pgTable(
  'verdict',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    comparisonId: text('comparison_id').notNull(),
    version: integer('version').notNull(),
    label: text('label').notNull(),
    formula: text('formula').notNull(),
    inputsSha: text('inputs_sha').notNull(),
    /** Canonical JSON of the estimate, so that it can be compared byte for byte. */
    estimate: text('estimate').notNull(),
    estimateView: jsonb('estimate_view').$type<Estimate>().notNull(),
    sentence: text('sentence').notNull(),
    /** Label of the version before, when it was another. */
    previous: text('previous'),
    at: now('at'),
  },
  (t) => [unique('verdict_version').on(t.comparisonId, t.version)],
)

/** A reviewer's past against what people kept, as sums. */
export const reviewer = pgTable('reviewer', {
  id: text('id').primaryKey(),
  stance: text('stance').notNull(),
  labels: jsonb('labels').$type<Labels>().notNull(),
})

/** The order in which a person sees the two sides; drawn once. */
export const ballot = pgTable(
  'ballot',
  {
    comparisonId: text('comparison_id').notNull(),
    personId: text('person_id').notNull(),
    left: text('left_side').notNull(),
    choice: text('choice'),
    conflict: text('conflict'),
    votedAt: at('voted_at'),
  },
  (t) => [primaryKey({ columns: [t.comparisonId, t.personId] })],
)

export const voteEvent = pgTable(
  'vote_event',
  {
    id: bigserial('id', { mode: 'number' }).primaryKey(),
    comparisonId: text('comparison_id').notNull(),
    personId: text('person_id').notNull(),
    choice: text('choice'),
    /** Names were hidden when it was cast. */
    blind: boolean('blind').notNull(),
    at: now('at'),
  },
  (t) => [index('vote_event_person').on(t.personId, t.at)],
)

export const subscription = pgTable('subscription', {
  id: text('id').primaryKey(),
  kind: text('kind').notNull(),
  address: text('address').notNull().unique(),
  state: text('state').notNull(),
  /** `house` hears of every comparison, `public` of published ones. */
  audience: text('audience').notNull(),
  /** Only of webhooks: what their posts are signed with. */
  secret: text('secret'),
  /** Asks for confirmation sent so far; a stranger cannot flood an address. */
  asked: integer('asked').notNull().default(0),
  askedAt: at('asked_at'),
  createdAt: now('created_at'),
  confirmedAt: at('confirmed_at'),
  endedAt: at('ended_at'),
})

/** One closed week. `toVerdict` is the last verdict told, so that moved clocks neither lose nor repeat one. */
export const digest = pgTable('digest', {
  id: text('id').primaryKey(),
  week: text('week').notNull().unique(),
  toVerdict: integer('to_verdict').notNull(),
  items: jsonb('items').$type<DigestItem[]>().notNull(),
  at: now('at'),
})

/** Written before sending: a digest that may have gone out is never sent again. */
export const delivery = pgTable(
  'delivery',
  {
    digestId: text('digest_id').notNull(),
    subscriptionId: text('subscription_id').notNull(),
    state: text('state').notNull(),
    tries: integer('tries').notNull().default(1),
    note: text('note'),
    at: now('at'),
  },
  (t) => [primaryKey({ columns: [t.digestId, t.subscriptionId] })],
)

/** How far the log was read into runs and verdicts. */
export const verdictCursor = pgTable('verdict_cursor', {
  id: text('id').primaryKey(),
  seq: integer('seq').notNull(),
})
