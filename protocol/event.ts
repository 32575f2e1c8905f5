// Every event there is. The log only grows; every surface reads it "after seq N".
import { z } from 'zod'
import { ApplyResult } from './decision.ts'
import { Ask, Candidate, Checkpoint, TaskState, TrialFailure, TrialState, Usage } from './task.ts'

const ToolCall = z.object({
  /** The agent's id; later events with the same id replace earlier ones. */
  callId: z.string(),
  title: z.string(),
  kind: z.string(),
  status: z.enum(['pending', 'in_progress', 'completed', 'failed']),
  /** Paths the call says it touches; the agent's word. */
  paths: z.array(z.string()),
  /** At most 4 KiB of output, escapes removed. */
  output: z.string().nullable(),
})
export type ToolCall = z.infer<typeof ToolCall>

export const PlanEntry = z.object({ text: z.string(), status: z.enum(['pending', 'in_progress', 'completed']) })
export type PlanEntry = z.infer<typeof PlanEntry>

const bodies = [
  z.object({ type: z.literal('task.submitted'), title: z.string(), contenders: z.array(z.string()) }),
  z.object({ type: z.literal('task.moved'), from: TaskState, to: TaskState, note: z.string().nullable() }),
  z.object({ type: z.literal('trial.opened'), contender: z.string(), parentId: z.string().nullable() }),
  z.object({ type: z.literal('trial.moved'), from: TrialState, to: TrialState, failure: TrialFailure.nullable() }),
  z.object({ type: z.literal('trial.taken-over'), fromStage: TrialState, sentence: z.string() }),
  z.object({ type: z.literal('workspace.progress'), sentence: z.string() }),
  z.object({
    type: z.literal('workspace.ready'),
    rung: z.string(),
    readyMs: z.number(),
    baseMs: z.number().nullable(),
  }),
  z.object({ type: z.literal('agent.started'), agent: z.string(), version: z.string().nullable() }),
  z.object({ type: z.literal('agent.said'), role: z.enum(['agent', 'thought']), text: z.string() }),
  z.object({ type: z.literal('agent.used-tool'), call: ToolCall }),
  z.object({ type: z.literal('agent.planned'), entries: z.array(PlanEntry) }),
  z.object({ type: z.literal('agent.stopped'), reason: z.string() }),
  z.object({ type: z.literal('checkpoint.made'), checkpoint: Checkpoint }),
  z.object({ type: z.literal('checkpoint.restored'), checkpointId: z.string() }),
  z.object({ type: z.literal('message.sent'), text: z.string(), by: z.string().nullable() }),
  z.object({ type: z.literal('check.started'), name: z.string(), on: z.enum(['base', 'candidate']) }),
  z.object({
    type: z.literal('check.finished'),
    name: z.string(),
    on: z.enum(['base', 'candidate']),
    outcome: z.string(),
    durationMs: z.number(),
    sentence: z.string(),
  }),
  z.object({ type: z.literal('candidate.offered'), candidate: Candidate }),
  z.object({
    type: z.literal('review.given'),
    stance: z.string(),
    /** As in `Review`. */
    engine: z.string().default('rules'),
    vote: z.string(),
    text: z.string(),
  }),
  z.object({ type: z.literal('selection.made'), winner: z.string().nullable(), sentence: z.string() }),
  z.object({ type: z.literal('usage.metered'), usage: Usage, model: z.string() }),
  z.object({ type: z.literal('budget.spent'), sentence: z.string() }),
  z.object({
    type: z.literal('egress.asked'),
    host: z.string(),
    port: z.number(),
    verdict: z.enum(['allowed', 'denied', 'asked']),
    sentBytes: z.number(),
    receivedBytes: z.number(),
  }),
  z.object({ type: z.literal('ask.opened'), ask: Ask }),
  z.object({ type: z.literal('ask.answered'), askId: z.string(), answer: z.string() }),
  z.object({ type: z.literal('decision.made'), decisionId: z.string(), kind: z.string(), by: z.string().nullable() }),
  z.object({ type: z.literal('decision.applied'), decisionId: z.string(), result: ApplyResult }),
  z.object({ type: z.literal('decision.undone'), decisionId: z.string() }),
  /** An undo that would have cost somebody's lines: the accepted change stays. */
  z.object({ type: z.literal('decision.kept'), decisionId: z.string(), sentence: z.string() }),
  z.object({ type: z.literal('outcome.found'), decisionId: z.string(), kind: z.string() }),
  z.object({
    type: z.literal('verdict.changed'),
    slug: z.string(),
    label: z.string(),
    previous: z.string().nullable(),
  }),
  z.object({
    type: z.literal('model.progress'),
    model: z.string(),
    sentence: z.string(),
    fraction: z.number().nullable(),
  }),
] as const

/** What happened, without where and when. */
export const EventBody = z.discriminatedUnion('type', bodies)
export type EventBody = z.infer<typeof EventBody>

/** One line of the log. `seq` grows without gaps being visible to readers in commit order. */
export const HouseEvent = z.object({
  seq: z.number().int(),
  at: z.iso.datetime(),
  taskId: z.string().nullable(),
  trialId: z.string().nullable(),
  body: EventBody,
})
export type HouseEvent = z.infer<typeof HouseEvent>
