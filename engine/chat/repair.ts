// What real templates insist on, repaired before they see a conversation: roles that alternate, nine-character tool ids,
// tool results that belong to a call.
import { createHash } from 'node:crypto'
import type { Message } from '../model-engine.ts'

const nine = /^[a-zA-Z0-9]{9}$/

/** A tool id that every template takes; the same id always becomes the same nine characters. */
export function shortId(id: string): string {
  if (nine.test(id)) return id
  return createHash('sha256')
    .update(id)
    .digest('base64')
    .replace(/[^a-zA-Z0-9]/g, '')
    .slice(0, 9)
}

/** Repairs a conversation for strict templates. The prefix stays byte for byte the same as the conversation grows. */
export function repairMessages(messages: Message[], strict: boolean): Message[] {
  if (!strict) return messages
  const result: Message[] = []
  for (const message of systemFirst(messages)) {
    const repaired: Message = {
      ...message,
      toolCalls: message.toolCalls.map((call) => ({ ...call, id: shortId(call.id) })),
      toolCallId: message.toolCallId === null ? null : shortId(message.toolCallId),
    }
    const before = result.at(-1)
    const mergeable = before && before.role === repaired.role && repaired.role !== 'tool'
    if (mergeable) {
      before.content = [...before.content, ...repaired.content]
      before.toolCalls = [...before.toolCalls, ...repaired.toolCalls]
      continue
    }
    // A conversation that starts with the assistant, or goes on after tool results, needs a word of the user between.
    if (repaired.role === 'assistant' && (before === undefined || before.role === 'system'))
      result.push(nudge('Go on.'))
    result.push(repaired)
  }
  return result
}

function systemFirst(messages: Message[]): Message[] {
  const system = messages.filter(({ role }) => role === 'system')
  if (system.length === 0) return messages
  const rest = messages.filter(({ role }) => role !== 'system')
  return [{ ...system[0]!, content: system.flatMap(({ content }) => content) }, ...rest]
}

function nudge(text: string): Message {
  return { role: 'user', content: [{ type: 'text', text }], toolCalls: [], toolCallId: null }
}
