// OpenAI chat completions: what an endpoint answers, whole or as a stream.
import type { AnswerEvent, FinishReason, Json, Loose, TokenCount } from '../../neutral.ts'
import type { Frame } from '../wire.ts'

const reasons: Record<string, FinishReason> = {
  stop: 'stop',
  length: 'length',
  tool_calls: 'tool',
  function_call: 'tool',
  content_filter: 'filter',
}

export function readUsage(usage: Loose): Partial<TokenCount> {
  const details = usage.prompt_tokens_details ?? {}
  const cacheRead = details.cached_tokens ?? usage.prompt_cache_hit_tokens ?? 0
  const cacheWrite = details.cache_write_tokens ?? details.cache_creation_tokens ?? 0
  return {
    input: Math.max(0, (usage.prompt_tokens ?? 0) - cacheRead - cacheWrite),
    cacheRead,
    cacheWrite,
    output: usage.completion_tokens ?? 0,
  }
}

function readMessage(message: Json, seen: Set<number>): AnswerEvent[] {
  const events: AnswerEvent[] = []
  const reasoning = message.reasoning_content ?? message.reasoning
  if (typeof reasoning === 'string' && reasoning) events.push({ kind: 'reasoning', delta: reasoning })
  if (typeof message.content === 'string' && message.content) events.push({ kind: 'text', delta: message.content })
  for (const [place, call] of (message.tool_calls ?? []).entries()) {
    const index: number = call.index ?? place
    if (!seen.has(index)) {
      seen.add(index)
      const id = call.id || `call_${index}_${Math.random().toString(36).slice(2, 10)}`
      events.push({ kind: 'call', index, id, name: call.function?.name ?? '' })
    }
    const args = call.function?.arguments
    const delta = typeof args === 'string' ? args : args ? JSON.stringify(args) : ''
    if (delta) events.push({ kind: 'args', index, delta })
  }
  return events
}

function readBody(body: Json, seen: Set<number>): AnswerEvent[] {
  if (body.error) return [{ kind: 'error', sentence: String(body.error.message ?? 'The endpoint failed.') }]
  const choice = body.choices?.[0]
  const events = choice ? readMessage(choice.delta ?? choice.message ?? {}, seen) : []
  if (body.usage) events.push({ kind: 'usage', count: readUsage(body.usage) })
  if (choice?.finish_reason) {
    // Some servers say `stop` although they made calls.
    const reason = seen.size > 0 && choice.finish_reason === 'stop' ? 'tool' : reasons[choice.finish_reason]
    events.push({ kind: 'finish', reason: reason ?? 'stop' })
  }
  return events
}

export const readAnswer = (body: Json): AnswerEvent[] => readBody(body, new Set())

export function createReader(): (frame: Frame) => AnswerEvent[] {
  const seen = new Set<number>()
  return ({ data }) => (data === '' || data === '[DONE]' ? [] : readBody(JSON.parse(data), seen))
}
