// Folds the log of a task into what a person wants to read: words joined, tool calls replaced by their latest state.

import type { HouseEvent, PlanEntry, ToolCall } from '@seatrial/protocol/event'
import { reviewerOf } from '../parts/vote.tsx'

type Body = HouseEvent['body']

export type Entry = { key: string; at: string; trialId: string | null } & (
  | { kind: 'said'; role: 'agent' | 'thought'; text: string }
  | { kind: 'tool'; call: ToolCall }
  | { kind: 'fact'; tone: 'plain' | 'good' | 'bad' | 'ask'; sentence: string }
)

type Fact = { tone: 'plain' | 'good' | 'bad' | 'ask'; sentence: string }
type Tell<Type extends Body['type']> = (body: Extract<Body, { type: Type }>) => Fact | null

const plain = (sentence: string): Fact => ({ tone: 'plain', sentence })

/** One sentence per kind of event; null for what is shown elsewhere on the screen. */
const facts: { [Type in Body['type']]: Tell<Type> } = {
  'task.submitted': (body) => plain(`Asked of ${body.contenders.join(', ')}`),
  'task.moved': (body) => ({
    tone: body.to === 'failed' ? 'bad' : body.to === 'done' ? 'good' : 'plain',
    sentence: `Task is ${body.to}${body.note ? `: ${body.note}` : ''}`,
  }),
  'trial.opened': (body) => plain(`${body.contender} ${body.parentId ? 'takes it up again' : 'sets out'}`),
  'trial.moved': (body) =>
    body.failure ? { tone: 'bad', sentence: body.failure.sentence } : plain(`Trial is ${body.to}`),
  'trial.taken-over': (body) => plain(body.sentence),
  'workspace.progress': (body) => plain(body.sentence),
  'workspace.ready': (body) => plain(`Workspace ready in ${Math.round(body.readyMs)} ms (${body.rung})`),
  'agent.started': (body) => plain(`${body.agent}${body.version ? ` ${body.version}` : ''} started`),
  'agent.said': () => null,
  'agent.used-tool': () => null,
  'agent.planned': () => null,
  'agent.stopped': (body) => plain(`Agent stopped: ${body.reason}`),
  'checkpoint.made': (body) => plain(`Checkpoint ${body.checkpoint.number}: ${body.checkpoint.label}`),
  'checkpoint.restored': () => plain('Rolled back to a checkpoint'),
  'message.sent': (body) => ({ tone: 'ask', sentence: `You: ${body.text}` }),
  'check.started': () => null,
  'check.finished': (body) => ({
    tone: body.outcome === 'passed' ? 'good' : 'bad',
    sentence: `${body.name} on ${body.on}: ${body.sentence || body.outcome}`,
  }),
  'candidate.offered': (body) => ({
    tone: 'good',
    sentence: `Candidate: ${body.candidate.files} files, +${body.candidate.added} −${body.candidate.removed}`,
  }),
  'review.given': (body) => ({
    tone: body.vote === 'ship' ? 'good' : body.vote === 'skip' ? 'bad' : 'plain',
    sentence: `${reviewerOf(body)} says ${body.vote}: ${body.text}`,
  }),
  'selection.made': (body) => ({ tone: body.winner ? 'good' : 'plain', sentence: body.sentence }),
  'usage.metered': () => null,
  'budget.spent': (body) => ({ tone: 'bad', sentence: body.sentence }),
  'egress.asked': (body) => ({
    tone: body.verdict === 'denied' ? 'bad' : 'plain',
    sentence: `Network: ${body.host}:${body.port} ${body.verdict}${body.verdict === 'allowed' ? `, ${body.sentBytes} bytes sent, ${body.receivedBytes} received` : ''}`,
  }),
  'ask.opened': (body) => ({ tone: 'ask', sentence: `Asks: ${body.ask.text}` }),
  'ask.answered': (body) => ({ tone: 'ask', sentence: `Answered: ${body.answer}` }),
  'decision.made': (body) => plain(`Decision: ${body.kind}`),
  'decision.applied': (body) => ({
    tone: body.result.outcome === 'conflict' ? 'bad' : 'good',
    sentence: `Applied: ${body.result.outcome}, ${body.result.files.length} files`,
  }),
  'decision.undone': () => plain('Decision taken back'),
  'decision.kept': (body) => ({ tone: 'bad', sentence: `Not taken back: ${body.sentence}` }),
  'outcome.found': (body) => plain(`Outcome: ${body.kind}`),
  'verdict.changed': (body) => plain(`Verdict ${body.slug}: ${body.label}`),
  'model.progress': (body) => plain(`${body.model}: ${body.sentence}`),
}

export function foldTimeline(events: readonly HouseEvent[]): Entry[] {
  const entries: Entry[] = []
  const calls = new Map<string, number>()
  for (const { seq, at, trialId, body } of events) {
    const key = String(seq)
    if (body.type === 'agent.said') {
      const last = entries.at(-1)
      if (last?.kind === 'said' && last.role === body.role && last.trialId === trialId) {
        entries[entries.length - 1] = { ...last, text: last.text + body.text }
      } else entries.push({ key, at, trialId, kind: 'said', role: body.role, text: body.text })
      continue
    }
    if (body.type === 'agent.used-tool') {
      const id = `${trialId} ${body.call.callId}`
      const known = calls.get(id)
      if (known === undefined) {
        calls.set(id, entries.length)
        entries.push({ key, at, trialId, kind: 'tool', call: body.call })
      } else entries[known] = { ...entries[known]!, kind: 'tool', call: body.call } as Entry
      continue
    }
    const fact = (facts[body.type] as (body: Body) => Fact | null)(body)
    if (fact) entries.push({ key, at, trialId, kind: 'fact', ...fact })
  }
  return entries
}

/** The newest plan of a trial. */
export const planOf = (events: readonly HouseEvent[], trialId: string): PlanEntry[] => {
  const last = events.findLast((event) => event.trialId === trialId && event.body.type === 'agent.planned')
  return last?.body.type === 'agent.planned' ? last.body.entries : []
}
