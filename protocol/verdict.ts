// Comparisons and verdicts: which of two should you ship with, how sure is that, and what it rests on.
import { z } from 'zod'
import { Stance, TestMatrix, Vote } from './review.ts'

/** Never above what the evidence supports; `a` and `b` are the sides of the comparison. */
export const VerdictLabel = z.enum(['ship-a', 'ship-b', 'lean-a', 'lean-b', 'too-close', 'too-early', 'ship-neither'])
export type VerdictLabel = z.infer<typeof VerdictLabel>

/** `contenders`: shared tasks of this house; `candidates`: two trials of one task; `dossiers`: cited facts only. */
export const ComparisonKind = z.enum(['contenders', 'candidates', 'dossiers'])
export type ComparisonKind = z.infer<typeof ComparisonKind>

const slug = z.string().regex(/^[a-z0-9][a-z0-9.-]{0,79}$/, 'must be lower case letters, digits, dots and dashes')

export const FactTopic = z.enum([
  'autonomy',
  'evidence',
  'tests',
  'api',
  'privacy',
  'security',
  'limits',
  'reliability',
  'licence',
  'portability',
  'upkeep',
  'price',
  'speed',
  'surface',
  'modality',
  'fit',
])
export type FactTopic = z.infer<typeof FactTopic>

/** One cited fact. Whether it speaks for or against is the dossier author's word and shown as such. */
export const Fact = z.strictObject({
  id: z.string().regex(/^[a-z0-9-]{1,40}$/),
  topic: FactTopic,
  /** One sentence, in our own words. */
  text: z.string().min(10).max(400),
  speaks: z.enum(['for', 'against', 'neutral']),
  /** `vendor` figures weigh half. */
  by: z.enum(['vendor', 'independent', 'measured']),
  source: z.url({ protocol: /^https?$/, error: 'must be a web address' }),
  /** Day the source says, or was read. */
  date: z.iso.date(),
})
export type Fact = z.infer<typeof Fact>

export const PriceEntry = z.enum(['Free', 'Paid', 'BYO key', 'Local'])
export type PriceEntry = z.infer<typeof PriceEntry>

/** A tool described by hand: who it is, what it costs to begin, and facts with source and date. */
export const Dossier = z.strictObject({
  slug,
  name: z.string().min(1).max(80),
  tagline: z.string().min(1).max(160),
  category: z.string().min(1).max(60),
  entry: PriceEntry,
  /** The subscription or the price, in words. */
  price: z.string().min(1).max(200),
  priceSource: z.url({ protocol: /^https?$/, error: 'must be a web address' }),
  priceDate: z.iso.date(),
  homepage: z
    .url({ protocol: /^https?$/, error: 'must be a web address' })
    .nullable()
    .default(null),
  facts: z.array(Fact).min(1).max(60),
})
export type Dossier = z.infer<typeof Dossier>

export const Rate = z.object({ mean: z.number(), lower: z.number(), upper: z.number() })
export type Rate = z.infer<typeof Rate>

export const StanceTally = z.object({
  stance: Stance,
  ship: z.number().int(),
  skip: z.number().int(),
  abstain: z.number().int(),
  /** Mean probability, as the reviewer says it and after its record was taken into account. */
  pShip: z.number().nullable(),
  calibrated: z.number().nullable(),
})
export type StanceTally = z.infer<typeof StanceTally>

export const PanelShare = z.object({
  ship: z.number().int(),
  skip: z.number().int(),
  abstain: z.number().int(),
  /** ship / (ship + skip); null when nobody voted. */
  share: z.number().nullable(),
  interval: z.object({ lower: z.number(), upper: z.number() }).nullable(),
  /** Independent votes that the stances are worth. */
  effectiveVotes: z.number(),
  pShip: z.number().nullable(),
  stances: z.array(StanceTally),
})
export type PanelShare = z.infer<typeof PanelShare>

/** What the formula says of its inputs; the same inputs give the same estimate, bit for bit. */
export const Estimate = z.object({
  label: VerdictLabel,
  /** Rests on gates, not on people's decisions, for want of labels. */
  provisional: z.boolean(),
  /** Rests on cited facts alone. */
  opinion: z.boolean(),
  tasks: z.number().int(),
  wins: z.number().int(),
  losses: z.number().int(),
  ties: z.number().int(),
  eValue: z.number(),
  pBetterA: z.number(),
  pBetterB: z.number(),
  baseRate: z.number(),
  rateA: Rate.nullable(),
  rateB: Rate.nullable(),
  vetoedA: z.boolean(),
  vetoedB: z.boolean(),
  panelA: PanelShare,
  panelB: PanelShare,
  cost: z.object({
    a: z.number().nullable(),
    b: z.number().nullable(),
    ratio: z.number().nullable(),
    interval: z.object({ lower: z.number(), upper: z.number() }).nullable(),
  }),
  cheaper: z.enum(['a', 'b']).nullable(),
})
export type Estimate = z.infer<typeof Estimate>

/** One row of the append-only history. */
export const VerdictRow = z.object({
  version: z.number().int(),
  label: VerdictLabel,
  /** e.g. `SHIP devstral`. */
  words: z.string(),
  sentence: z.string(),
  at: z.iso.datetime(),
  formula: z.string(),
  inputsSha: z.string(),
})
export type VerdictRow = z.infer<typeof VerdictRow>

export const SideCard = z.object({
  slug: z.string(),
  name: z.string(),
  tagline: z.string(),
  category: z.string(),
  entry: PriceEntry.nullable(),
  /** The subscription or list price, in words. */
  price: z.string().nullable(),
  priceSource: z.string().nullable(),
  priceDate: z.string().nullable(),
  homepage: z.string().nullable(),
})
export type SideCard = z.infer<typeof SideCard>

export const Argument = z.object({
  side: z.enum(['a', 'b']),
  stance: Stance,
  vote: Vote,
  pShip: z.number().nullable(),
  text: z.string(),
  cites: z.array(z.string()),
  changeMyMind: z.string(),
  /** The reviewer's public record, in one sentence. */
  record: z.string(),
})
export type Argument = z.infer<typeof Argument>

const GridCell = z.object({
  trialIds: z.array(z.string()),
  word: z.string(),
  score: z.number().nullable(),
  costMicros: z.number().int().nullable(),
})

export const Community = z.object({
  a: z.number().int(),
  b: z.number().int(),
  neither: z.number().int(),
  /** Votes of people with a conflict of interest; shown, not counted. */
  conflicts: z.number().int(),
  /** Null while nobody voted, counts under five votes, shares from five. */
  words: z.string().nullable(),
  /** The caller's own vote. */
  mine: z.enum(['a', 'b', 'neither']).nullable(),
})
export type Community = z.infer<typeof Community>

export const ComparisonView = z.object({
  slug: z.string(),
  kind: ComparisonKind,
  published: z.boolean(),
  /** `label` with the names in it. */
  words: z.string(),
  sentence: z.string(),
  evidence: z.string(),
  a: SideCard,
  b: SideCard,
  estimate: Estimate,
  /** Runs that failed for reasons that are not the contender's; they count nowhere. */
  infrastructureRuns: z.object({ a: z.number().int(), b: z.number().int() }),
  grid: z.array(z.object({ taskId: z.string(), title: z.string(), a: GridCell, b: GridCell })),
  arguments: z.array(Argument),
  facts: z.object({ a: z.array(Fact), b: z.array(Fact) }),
  prices: z.object({ sentence: z.string(), a: z.string(), b: z.string() }),
  matrix: TestMatrix.nullable(),
  community: Community,
  whatWouldChange: z.array(z.string()),
  history: z.array(VerdictRow),
  formula: z.string(),
  inputsSha: z.string(),
  at: z.iso.datetime(),
})
export type ComparisonView = z.infer<typeof ComparisonView>

export const RatingRow = z.object({
  contender: z.string(),
  rating: z.number(),
  lower: z.number().nullable(),
  upper: z.number().nullable(),
  pairings: z.number().int(),
  /** Contenders of one group cannot be told apart. */
  group: z.number().int(),
})
export type RatingRow = z.infer<typeof RatingRow>

export const ReviewerRow = z.object({
  id: z.string(),
  stance: z.string(),
  labels: z.number().int(),
  brier: z.number().nullable(),
  skill: z.number().nullable(),
  sentence: z.string(),
})
export type ReviewerRow = z.infer<typeof ReviewerRow>

/** What the futurist's dated forecasts came to, on changes that people took. */
export const ForecastRecord = z.object({
  made: z.number().int(),
  open: z.number().int(),
  held: z.number().int(),
  failed: z.number().int(),
  /** Due, but it never landed, or history was rewritten under it. */
  unknown: z.number().int(),
  /** Mean squared error of the probabilities told; null before the first came due. */
  brier: z.number().nullable(),
  sentence: z.string(),
})
export type ForecastRecord = z.infer<typeof ForecastRecord>

export const VoteChoice = z.enum(['left', 'right', 'neither'])
export type VoteChoice = z.infer<typeof VoteChoice>

/** Two sides without names, in an order drawn for this person. */
export const Ballot = z.object({
  slug: z.string(),
  left: z.array(z.string()),
  right: z.array(z.string()),
  /** Names are shown after the first vote. */
  revealed: z.object({ left: z.string(), right: z.string(), choice: VoteChoice }).nullable(),
  conflict: z.string().nullable(),
})
export type Ballot = z.infer<typeof Ballot>

export const Subscription = z.object({
  id: z.string(),
  kind: z.enum(['mail', 'webhook']),
  address: z.string(),
  state: z.enum(['pending', 'confirmed', 'ended', 'bounced']),
  createdAt: z.iso.datetime(),
})
export type Subscription = z.infer<typeof Subscription>

export const DigestItem = z.object({
  slug: z.string(),
  title: z.string(),
  words: z.string(),
  previous: z.string().nullable(),
  sentence: z.string(),
  at: z.iso.datetime(),
})
export type DigestItem = z.infer<typeof DigestItem>

export const Digest = z.object({
  id: z.string(),
  /** ISO week, e.g. `2026-W48`. */
  week: z.string(),
  items: z.array(DigestItem),
  at: z.iso.datetime(),
})
export type Digest = z.infer<typeof Digest>
