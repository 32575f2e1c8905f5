// Anthropic messages.
import {
  type Conversation,
  frame,
  type Loose,
  readContent,
  type Said,
  type Turn,
  type Wire,
  words,
} from '../conversation.ts'

function readMessage(message: Loose): Said[] {
  const blocks: Loose[] = Array.isArray(message.content) ? message.content : [{ type: 'text', text: message.content }]
  const results = blocks.filter((block) => block.type === 'tool_result')
  const rest = blocks.filter((block) => block.type === 'text' || block.type === 'image')
  const said: Said[] = results.map((block) => ({ role: 'tool', ...readContent(block.content) }))
  if (rest.length > 0) said.push({ role: message.role, ...readContent(rest) })
  return said
}

const stopReason = (turn: Turn): string => (turn.calls.length > 0 ? 'tool_use' : 'end_turn')

const usage = (turn: Turn) => ({
  input_tokens: turn.usage?.input ?? 0,
  cache_creation_input_tokens: turn.usage?.cacheWrite ?? 0,
  cache_read_input_tokens: turn.usage?.cacheRead ?? 0,
  output_tokens: turn.usage?.output ?? 0,
})

const blocks = (turn: Turn): Record<string, Loose>[] => [
  ...(turn.reasoning ? [{ type: 'thinking', thinking: turn.reasoning, signature: 'scripted' }] : []),
  ...(turn.text ? [{ type: 'text', text: turn.text }] : []),
  ...turn.calls.map((call) => ({ type: 'tool_use', id: call.id, name: call.name, input: call.args })),
]

const whole = (turn: Turn) => ({
  id: turn.id,
  type: 'message',
  role: 'assistant',
  model: turn.model,
  content: blocks(turn),
  stop_reason: stopReason(turn),
  stop_sequence: null,
  ...(turn.usage ? { usage: usage(turn) } : {}),
})

export const anthropic: Wire = {
  read: (body): Conversation => ({
    model: String(body.model ?? ''),
    stream: body.stream === true,
    wantsUsage: true,
    said: [
      ...(body.system ? [{ role: 'system' as const, ...readContent(body.system) }] : []),
      ...(body.messages ?? []).flatMap(readMessage),
    ],
    tools: (body.tools ?? [])
      .filter((tool: Loose) => tool.input_schema)
      .map((tool: Loose) => ({ name: tool.name, schema: tool.input_schema })),
  }),

  json: whole,

  *stream(turn) {
    const say = (type: string, fields: object = {}) => frame({ type, ...fields }, type)
    const first = turn.usage ? { usage: { ...usage(turn), output_tokens: 1 } } : {}
    yield say('message_start', { message: { ...whole(turn), content: [], stop_reason: null, ...first } })
    for (const [index, block] of blocks(turn).entries()) {
      const delta = (fields: object) => say('content_block_delta', { index, delta: fields })
      if (block.type === 'tool_use') {
        yield say('content_block_start', { index, content_block: { ...block, input: {} } })
        const text = turn.calls.find((call) => call.id === block.id)?.argsText ?? '{}'
        for (const piece of text.match(/[\s\S]{1,40}/g) ?? []) {
          yield delta({ type: 'input_json_delta', partial_json: piece })
        }
      } else if (block.type === 'thinking') {
        yield say('content_block_start', { index, content_block: { type: 'thinking', thinking: '', signature: '' } })
        for (const thinking of words(turn.reasoning)) yield delta({ type: 'thinking_delta', thinking })
        yield delta({ type: 'signature_delta', signature: block.signature })
      } else {
        yield say('content_block_start', { index, content_block: { type: 'text', text: '' } })
        for (const text of words(turn.text)) yield delta({ type: 'text_delta', text })
      }
      yield say('content_block_stop', { index })
    }
    yield say('message_delta', {
      delta: { stop_reason: stopReason(turn), stop_sequence: null },
      ...(turn.usage ? { usage: { output_tokens: turn.usage.output } } : {}),
    })
    yield say('message_stop')
  },

  error: (status, message) => ({
    type: 'error',
    error: { type: status === 429 ? 'rate_limit_error' : 'api_error', message },
  }),
}
