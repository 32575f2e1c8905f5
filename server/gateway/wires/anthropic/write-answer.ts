// Anthropic messages: what an agent is answered, whole or as a stream of content blocks.
import {
  type AnswerEvent,
  argsObject,
  type FinishReason,
  fold,
  type Json,
  type NeutralRequest,
  type TokenCount,
} from '../../neutral.ts'
import { writeFrame } from '../../sse.ts'
import type { StreamWriter } from '../wire.ts'

const reasons: Record<FinishReason, string> = {
  stop: 'end_turn',
  length: 'max_tokens',
  tool: 'tool_use',
  filter: 'refusal',
}

const writeUsage = (count: TokenCount): Json => ({
  input_tokens: count.input,
  cache_creation_input_tokens: count.cacheWrite,
  cache_read_input_tokens: count.cacheRead,
  output_tokens: count.output,
})

const head = (model: string): Json => ({
  id: `msg_${crypto.randomUUID().replaceAll('-', '')}`,
  type: 'message',
  role: 'assistant',
  model,
  stop_sequence: null,
})

export function writeAnswer(events: AnswerEvent[], _request: NeutralRequest, model: string): Json {
  const answer = fold(events)
  const content = [
    ...(answer.reasoning ? [{ type: 'thinking', thinking: answer.reasoning, signature: '' }] : []),
    ...(answer.text ? [{ type: 'text', text: answer.text }] : []),
    ...answer.calls.map(({ id, name, args }) => ({ type: 'tool_use', id, name, input: argsObject(args) })),
  ]
  return { ...head(model), content, stop_reason: reasons[answer.reason], usage: writeUsage(answer.usage) }
}

export function createWriter(_request: NeutralRequest, model: string): StreamWriter {
  const kept: AnswerEvent[] = []
  const calls = new Map<number, number>()
  let begun = false
  let failed = false
  let blocks = 0
  let open: 'text' | 'thinking' | 'tool_use' | null = null
  const say = (type: string, fields: Json = {}): string => writeFrame({ type, ...fields }, type)
  const begin = (): string => {
    if (begun) return ''
    begun = true
    const message = { ...head(model), content: [], stop_reason: null, usage: writeUsage(fold(kept).usage) }
    return say('message_start', { message })
  }
  const close = (): string => {
    if (open === null) return ''
    open = null
    return say('content_block_stop', { index: blocks - 1 })
  }
  const inBlock = (type: 'text' | 'thinking', block: Json, delta: Json): string => {
    let text = ''
    if (open !== type) {
      text = close() + say('content_block_start', { index: blocks++, content_block: { type, ...block } })
      open = type
    }
    return text + say('content_block_delta', { index: blocks - 1, delta })
  }
  const writers: { [Kind in AnswerEvent['kind']]: (event: Extract<AnswerEvent, { kind: Kind }>) => string } = {
    text: ({ delta }) => inBlock('text', { text: '' }, { type: 'text_delta', text: delta }),
    reasoning: ({ delta }) =>
      inBlock('thinking', { thinking: '', signature: '' }, { type: 'thinking_delta', thinking: delta }),
    call: ({ index, id, name }) => {
      calls.set(index, blocks)
      const block = { type: 'tool_use', id, name, input: {} }
      const text = close() + say('content_block_start', { index: blocks++, content_block: block })
      open = 'tool_use'
      return text
    },
    args: ({ index, delta }) =>
      say('content_block_delta', {
        index: calls.get(index) ?? blocks - 1,
        delta: { type: 'input_json_delta', partial_json: delta },
      }),
    usage: () => '',
    finish: () => close(),
    error: ({ sentence }) => {
      failed = true
      return close() + say('error', { error: { type: 'api_error', message: sentence } })
    },
  }
  return {
    write: (event) => {
      if (event.kind === 'usage' || event.kind === 'finish') kept.push(event)
      // What the endpoint counted before its first word belongs into the opening event.
      return event.kind === 'usage' ? '' : begin() + writers[event.kind](event as never)
    },
    end: () => {
      if (failed) return ''
      const { reason, usage } = fold(kept)
      const delta = { stop_reason: reasons[reason], stop_sequence: null }
      return begin() + close() + say('message_delta', { delta, usage: writeUsage(usage) }) + say('message_stop')
    },
  }
}
