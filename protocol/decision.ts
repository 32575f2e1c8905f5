// The human's decision on a candidate and what became of it.
import { z } from 'zod'

export const ReasonCode = z.enum(['agent_error', 'style', 'scope', 'workflow', 'duplicate', 'unknown'])
export type ReasonCode = z.infer<typeof ReasonCode>

/** What is taken of a candidate: everything, or a set of files and hunks. */
export const Pick = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('all') }),
  z.object({
    kind: z.literal('some'),
    files: z.array(z.string()).default([]),
    /** Hunk ids of `Diff`. */
    hunks: z.array(z.string()).default([]),
  }),
])
export type Pick = z.infer<typeof Pick>

/** What a composed candidate takes of one candidate. */
export const ComposePick = z.object({
  trialId: z.string(),
  /** Hunk ids of `Diff`. */
  hunks: z.array(z.string()).default([]),
  /** Paths taken as a whole; the only way for files without hunks: binary, renamed, mode only, deleted, empty, links. */
  files: z.array(z.string()).default([]),
})
export type ComposePick = z.infer<typeof ComposePick>

/** Where an accepted change lands. */
export const Target = z.discriminatedUnion('kind', [
  z.object({ kind: z.literal('checkout') }),
  z.object({ kind: z.literal('branch'), name: z.string().optional() }),
  z.object({ kind: z.literal('commit'), message: z.string().optional() }),
])
export type Target = z.infer<typeof Target>

export const LineComment = z.object({
  path: z.string(),
  line: z.number().int().nullable(),
  side: z.enum(['old', 'new']).default('new'),
  text: z.string().min(1).max(20_000),
})
export type LineComment = z.infer<typeof LineComment>

/** A file edited by the person before accepting; replaces the candidate's text. */
export const Edit = z.object({ path: z.string(), text: z.string() })
export type Edit = z.infer<typeof Edit>

export const AcceptInput = z.object({
  trialId: z.string().optional(),
  pick: Pick.default({ kind: 'all' }),
  target: Target.default({ kind: 'checkout' }),
  edits: z.array(Edit).default([]),
  /** Sensitive files (CI, hooks, package scripts) must be named here to be taken. */
  allowSensitive: z.boolean().default(false),
  /** What to do where lines collide: refuse, or write the candidate to branch `seatrial/ID`. */
  onConflict: z.enum(['refuse', 'branch', 'markers']).default('refuse'),
  reason: z.string().max(2000).default(''),
})
export type AcceptInput = z.infer<typeof AcceptInput>

export const RejectInput = z.object({
  trialId: z.string().optional(),
  reason: z.string().max(2000).default(''),
  code: ReasonCode.default('unknown'),
})
export type RejectInput = z.infer<typeof RejectInput>

export const ReworkInput = z.object({
  trialId: z.string().optional(),
  text: z.string().max(50_000).default(''),
  comments: z.array(LineComment).default([]),
  /** Start from this checkpoint instead of the last. */
  checkpointId: z.string().optional(),
})
export type ReworkInput = z.infer<typeof ReworkInput>

/** What applying did. `undoRef` holds what was there before, in the user's repository under refs/seatrial/. */
export const ApplyResult = z.object({
  outcome: z.enum(['applied', 'conflict', 'nothing']),
  files: z.array(z.string()),
  conflicts: z.array(z.object({ path: z.string(), sentence: z.string() })),
  branch: z.string().nullable(),
  commit: z.string().nullable(),
  undoRef: z.string().nullable(),
})
export type ApplyResult = z.infer<typeof ApplyResult>

export const Decision = z.object({
  id: z.string(),
  taskId: z.string(),
  trialId: z.string(),
  kind: z.enum(['accept', 'reject', 'rework']),
  pick: Pick.nullable(),
  target: Target.nullable(),
  reason: z.string(),
  code: ReasonCode,
  /** `pending` until applied; `undoing` until taken back, then `undone`. */
  state: z.enum(['pending', 'applied', 'conflict', 'recorded', 'undoing', 'undone']),
  result: ApplyResult.nullable(),
  by: z.string().nullable(),
  at: z.iso.datetime(),
})
export type Decision = z.infer<typeof Decision>

export const Outcome = z.object({
  decisionId: z.string(),
  kind: z.enum(['merged', 'reverted', 'hotfixed', 'survived', 'lost']),
  ref: z.string().nullable(),
  at: z.iso.datetime(),
})
export type Outcome = z.infer<typeof Outcome>
