// Reads an agent's session updates, which are hostile input: every field may be absent, wrong or huge.
import { stripVTControlCharacters } from 'node:util'
import type { PlanEntry, ToolCall } from '@seatrial/protocol'

export type Update =
  | { kind: 'said'; role: 'agent' | 'thought'; text: string }
  | { kind: 'tool'; patch: ToolPatch }
  | { kind: 'plan'; entries: PlanEntry[] }

/** What one message says about a tool call; absent fields keep what was said before. */
export interface ToolPatch {
  callId: string
  title?: string
  kind?: string
  status?: ToolCall['status']
  paths?: string[]
  output?: string
}

type Loose = Record<string, unknown>
const record = (value: unknown): Loose => (typeof value === 'object' && value !== null ? (value as Loose) : {})
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : [])

/** Plain text: terminal escapes and control characters removed, cut in the middle to `max` characters. */
export function plain(value: unknown, max: number): string {
  if (typeof value !== 'string') return ''
  const clean = stripVTControlCharacters(value.length > max * 4 ? cut(value, max * 4) : value).replace(
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200e\u200f\u202a-\u202e\u2066-\u2069]/g,
    '',
  )
  return cut(clean, max)
}

function cut(text: string, max: number): string {
  if (text.length <= max) return text
  const head = Math.floor(max / 4)
  return `${text.slice(0, head)}\n[...]\n${text.slice(text.length - (max - head - 7))}`
}

/** What an update says, or null for kinds the house does not keep. */
export function readUpdate(raw: unknown): Update | null {
  const update = record(raw)
  switch (update.sessionUpdate) {
    case 'agent_message_chunk':
    case 'agent_thought_chunk': {
      const text = plain(record(update.content).text, 1 << 20)
      return text
        ? { kind: 'said', role: update.sessionUpdate === 'agent_message_chunk' ? 'agent' : 'thought', text }
        : null
    }
    case 'tool_call':
    case 'tool_call_update': {
      const patch = readToolPatch(update)
      return patch && { kind: 'tool', patch }
    }
    case 'plan':
      return { kind: 'plan', entries: list(update.entries).slice(0, 100).map(readPlanEntry) }
    default:
      return null
  }
}

/** From `tool_call`, `tool_call_update` and the `toolCall` of a permission request alike. */
export function readToolPatch(raw: unknown): ToolPatch | null {
  const call = record(raw)
  const callId = plain(call.toolCallId, 200)
  if (!callId) return null
  const status = (['pending', 'in_progress', 'completed', 'failed'] as const).find((known) => known === call.status)
  const contents = list(call.content).slice(0, 50).map(record)
  const paths = [...list(call.locations).slice(0, 50).map(record), ...contents.filter((part) => part.type === 'diff')]
    .map((place) => plain(place.path, 1000))
    .filter(Boolean)
  const output = contents.map((part) => plain(record(part.content).text, 4096)).join('\n')
  const spoken = output.trim() || (typeof call.rawOutput === 'string' ? plain(call.rawOutput, 4096) : '')
  return {
    callId,
    ...(typeof call.title === 'string' ? { title: plain(call.title, 300) } : {}),
    ...(typeof call.kind === 'string' ? { kind: plain(call.kind, 40) } : {}),
    ...(status ? { status } : {}),
    ...(paths.length > 0 ? { paths: [...new Set(paths)] } : {}),
    ...(spoken ? { output: plain(spoken, 4096) } : {}),
  }
}

/** The call as known after a patch. */
export function upsertCall(before: ToolCall | undefined, patch: ToolPatch): ToolCall {
  return {
    callId: patch.callId,
    title: patch.title ?? before?.title ?? 'Tool call',
    kind: patch.kind ?? before?.kind ?? 'other',
    // A late message about a call that ended does not open it again.
    status: before && callEnded(before) ? before.status : (patch.status ?? before?.status ?? 'pending'),
    paths: patch.paths ?? before?.paths ?? [],
    output: patch.output ?? before?.output ?? null,
  }
}

export const callEnded = (call: ToolCall): boolean => call.status === 'completed' || call.status === 'failed'

const kindsThatOnlyLook: ReadonlySet<string> = new Set(['read', 'search', 'think', 'fetch', 'switch_mode'])

/** Whether the tree may differ after the call; by the agent's word, so the last checkpoint is taken regardless. */
export const mayChangeTree = (call: ToolCall): boolean => !kindsThatOnlyLook.has(call.kind)

function readPlanEntry(raw: unknown): PlanEntry {
  const entry = record(raw)
  const status = (['pending', 'in_progress', 'completed'] as const).find((known) => known === entry.status)
  return { text: plain(entry.content, 500), status: status ?? 'pending' }
}
