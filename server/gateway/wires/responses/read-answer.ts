// OpenAI responses: what an endpoint answers, whole or as a stream.
import type { AnswerEvent, Json, Loose, TokenCount } from '../../neutral.ts'
import type { Frame } from '../wire.ts'

const readUsage = (usage: Loose): Partial<TokenCount> => {
  const cacheRead = usage.input_tokens_details?.cached_tokens ?? 0
  const cacheWrite = usage.input_tokens_details?.cache_write_tokens ?? 0
  return {
    input: Math.max(0, (usage.input_tokens ?? 0) - cacheRead - cacheWrite),
    cacheRead,
    cacheWrite,
    output: usage.output_tokens ?? 0,
  }
}

function ending(response: Json, calls: number): AnswerEvent[] {
  const failed = response.status === 'failed' || response.error
  if (failed)
    return [...usageOf(response), { kind: 'error', sentence: response.error?.message ?? 'The endpoint failed.' }]
  const why = response.incomplete_details?.reason
  const reason = why === 'content_filter' ? 'filter' : why ? 'length' : calls > 0 ? 'tool' : 'stop'
  return [...usageOf(response), { kind: 'finish', reason }]
}

const usageOf = (response: Json): AnswerEvent[] =>
  response.usage ? [{ kind: 'usage', count: readUsage(response.usage) }] : []

export function readAnswer(body: Json): AnswerEvent[] {
  const events: AnswerEvent[] = []
  let calls = 0
  for (const item of body.output ?? []) {
    if (item.type === 'message') {
      for (const part of item.content ?? []) {
        if (part.type === 'output_text' || part.type === 'refusal') {
          events.push({ kind: 'text', delta: part.text ?? part.refusal ?? '' })
        }
      }
    } else if (item.type === 'reasoning') {
      for (const part of [...(item.summary ?? []), ...(item.content ?? [])]) {
        events.push({ kind: 'reasoning', delta: part.text ?? '' })
      }
    } else if (item.type === 'function_call' || item.type === 'custom_tool_call') {
      const delta = item.type === 'function_call' ? item.arguments : JSON.stringify({ input: item.input })
      events.push({ kind: 'call', index: calls, id: item.call_id, name: item.name })
      events.push({ kind: 'args', index: calls, delta })
      calls++
    }
  }
  return [...events, ...ending(body, calls)]
}

/** How each event of the stream is read; those not named carry nothing new. */
export function createReader(): (frame: Frame) => AnswerEvent[] {
  const calls = new Map<number, { index: number; streamed: boolean }>()
  const readers: Record<string, (data: Json) => AnswerEvent[]> = {
    'response.output_text.delta': ({ delta }) => [{ kind: 'text', delta }],
    'response.refusal.delta': ({ delta }) => [{ kind: 'text', delta }],
    'response.reasoning_summary_text.delta': ({ delta }) => [{ kind: 'reasoning', delta }],
    'response.reasoning_text.delta': ({ delta }) => [{ kind: 'reasoning', delta }],
    'response.output_item.added': ({ item, output_index }) => {
      if (item.type !== 'function_call') return []
      const call = { index: calls.size, streamed: false }
      calls.set(output_index, call)
      return [{ kind: 'call', index: call.index, id: item.call_id, name: item.name }]
    },
    'response.function_call_arguments.delta': ({ delta, output_index }) => {
      const call = calls.get(output_index)
      if (!call) return []
      call.streamed = true
      return [{ kind: 'args', index: call.index, delta }]
    },
    'response.output_item.done': ({ item, output_index }) => {
      const call = calls.get(output_index)
      return call && !call.streamed ? [{ kind: 'args', index: call.index, delta: item.arguments ?? '' }] : []
    },
    'response.completed': ({ response }) => ending(response, calls.size),
    'response.incomplete': ({ response }) => ending(response, calls.size),
    'response.failed': ({ response }) => ending({ ...response, status: 'failed' }, calls.size),
    error: (data) => [{ kind: 'error', sentence: data.message ?? data.error?.message ?? 'The endpoint failed.' }],
  }
  return (frame) => {
    if (frame.data === '' || frame.data === '[DONE]') return []
    const data = JSON.parse(frame.data)
    return readers[data.type]?.(data) ?? []
  }
}
