// Reviewers, reviews, the panel's word and the selection among candidates.
import { z } from 'zod'
import { Usage } from './task.ts'

export const Stance = z.enum(['builder', 'skeptic', 'futurist', 'product'])
export type Stance = z.infer<typeof Stance>

export const Vote = z.enum(['ship', 'skip', 'abstain'])
export type Vote = z.infer<typeof Vote>

export const Forecast = z.object({
  claim: z.string(),
  /** Day it comes due. */
  due: z.iso.date(),
  probability: z.number().min(0).max(1),
})
export type Forecast = z.infer<typeof Forecast>

export const Finding = z.object({
  path: z.string(),
  line: z.number().int().nullable(),
  sentence: z.string(),
  signalId: z.string().nullable(),
})
export type Finding = z.infer<typeof Finding>

/** One reviewer's word on one candidate. */
export const Review = z.object({
  stance: Stance,
  /** `rules` works with no model; `model:NAME` is an optional model reviewer; `human:ID` a person. */
  engine: z.string(),
  /** Who made the model; null for rules and people. */
  family: z.string().nullable().default(null),
  vote: Vote,
  /** Probability that shipping is right. */
  pShip: z.number().min(0).max(1),
  /** At most 60 words; every sentence cites at least one signal as `[id]`. */
  text: z.string(),
  cites: z.array(z.string()),
  changeMyMind: z.string(),
  forecast: Forecast.nullable(),
  findings: z.array(Finding).max(6),
  /** Why its word does not count, or null. */
  excluded: z.string().nullable(),
})
export type Review = z.infer<typeof Review>

/** What a review says in words: its text, or why there is none. */
export const wordsOf = ({ text, excluded }: Pick<Review, 'text' | 'excluded'>): string => excluded ?? text

/** The panel's word on one candidate. */
export const PanelReport = z.object({
  trialId: z.string(),
  tree: z.string(),
  reviews: z.array(Review),
  ship: z.number().int(),
  skip: z.number().int(),
  abstain: z.number().int(),
  /** How many independent votes the reviews are worth. */
  effectiveVotes: z.number(),
  pShip: z.number(),
  /** Gates that forbid shipping whatever the votes say, each in one sentence. */
  vetoes: z.array(z.string()),
  /** What its model reviewers have spent on this candidate; null when none was asked. Never part of the trial's own cost. */
  usage: Usage.nullable().default(null),
})
export type PanelReport = z.infer<typeof PanelReport>

/** Every candidate's added tests, run on the base and on every candidate. */
export const TestMatrix = z.object({
  /** Trial whose added tests make the row. */
  rows: z.array(z.object({ trialId: z.string(), tests: z.array(z.string()) })),
  /** `base` or a trial id. */
  columns: z.array(z.string()),
  /** `cells[row][column]`: passed and total, or null when it could not be run. */
  cells: z.array(z.array(z.object({ passed: z.number().int(), total: z.number().int() }).nullable())),
})
export type TestMatrix = z.infer<typeof TestMatrix>

/** Which candidate is recommended, or none; recorded and explained, never applied by itself. */
export const Selection = z.object({
  winner: z.string().nullable(),
  sentence: z.string(),
  /** One row per candidate: the steps it passed and why it fell out. */
  ranking: z.array(
    z.object({ trialId: z.string(), score: z.number(), out: z.string().nullable(), reasons: z.array(z.string()) }),
  ),
  matrix: TestMatrix.nullable(),
})
export type Selection = z.infer<typeof Selection>
