// Anthropic messages: what an endpoint answers, whole or as a stream.
import type { AnswerEvent, FinishReason, Json, Loose, TokenCount } from '../../neutral.ts'
import type { Frame } from '../wire.ts'

const reasons: Record<string, FinishReason> = {
  end_turn: 'stop',
  stop_sequence: 'stop',
  pause_turn: 'stop',
  max_tokens: 'length',
  model_context_window_exceeded: 'length',
  tool_use: 'tool',
  refusal: 'filter',
}

/** Only the counts that were given: the closing event may repeat just some of them. */
function readUsage(usage: Loose): Partial<TokenCount> {
  const fields: [keyof TokenCount, unknown][] = [
    ['input', usage.input_tokens],
    ['cacheRead', usage.cache_read_input_tokens],
    ['cacheWrite', usage.cache_creation_input_tokens],
    ['cacheWrite1h', usage.cache_creation?.ephemeral_1h_input_tokens],
    ['output', usage.output_tokens],
  ]
  return Object.fromEntries(fields.filter(([, value]) => typeof value === 'number'))
}

const usageOf = (usage: Loose): AnswerEvent[] => (usage ? [{ kind: 'usage', count: readUsage(usage) }] : [])
const finish = (reason: Loose): AnswerEvent[] => (reason ? [{ kind: 'finish', reason: reasons[reason] ?? 'stop' }] : [])

export function readAnswer(body: Json): AnswerEvent[] {
  const events: AnswerEvent[] = []
  let calls = 0
  for (const block of body.content ?? []) {
    if (block.type === 'text') events.push({ kind: 'text', delta: block.text })
    else if (block.type === 'thinking') events.push({ kind: 'reasoning', delta: block.thinking })
    else if (block.type === 'tool_use') {
      events.push({ kind: 'call', index: calls, id: block.id, name: block.name })
      events.push({ kind: 'args', index: calls, delta: JSON.stringify(block.input ?? {}) })
      calls++
    }
  }
  return [...events, ...usageOf(body.usage), ...finish(body.stop_reason)]
}

export function createReader(): (frame: Frame) => AnswerEvent[] {
  const calls = new Map<number, number>()
  const deltas: Record<string, (delta: Json, index: number) => AnswerEvent[]> = {
    text_delta: ({ text }) => [{ kind: 'text', delta: text }],
    thinking_delta: ({ thinking }) => [{ kind: 'reasoning', delta: thinking }],
    input_json_delta: ({ partial_json }, index) => {
      const call = calls.get(index)
      return call === undefined || !partial_json ? [] : [{ kind: 'args', index: call, delta: partial_json }]
    },
  }
  const readers: Record<string, (data: Json) => AnswerEvent[]> = {
    message_start: ({ message }) => usageOf(message?.usage),
    content_block_start: ({ index, content_block: block }) => {
      if (block.type === 'text' && block.text) return [{ kind: 'text', delta: block.text }]
      if (block.type !== 'tool_use') return []
      const call = calls.size
      calls.set(index, call)
      const given = Object.keys(block.input ?? {}).length > 0 ? JSON.stringify(block.input) : ''
      return [
        { kind: 'call', index: call, id: block.id, name: block.name },
        ...(given ? [{ kind: 'args' as const, index: call, delta: given }] : []),
      ]
    },
    content_block_delta: ({ index, delta }) => deltas[delta.type]?.(delta, index) ?? [],
    message_delta: ({ delta, usage }) => [...usageOf(usage), ...finish(delta?.stop_reason)],
    error: ({ error }) => [{ kind: 'error', sentence: error?.message ?? 'The endpoint failed.' }],
  }
  return (frame) => {
    if (frame.data === '') return []
    const data = JSON.parse(frame.data)
    return readers[data.type]?.(data) ?? []
  }
}
