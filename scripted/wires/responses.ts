// OpenAI responses.
import {
  type Conversation,
  frame,
  type Loose,
  type OfferedTool,
  readContent,
  type Said,
  type Turn,
  type Wire,
  words,
} from '../conversation.ts'

function readItem(item: Loose): Said[] {
  if (/_output$/.test(item.type ?? '')) return [{ role: 'tool', ...readContent(item.output) }]
  if (item.type !== undefined && item.type !== 'message') return []
  return [{ role: item.role === 'developer' ? 'system' : item.role, ...readContent(item.content) }]
}

function readTool(tool: Loose, namespace?: string): OfferedTool[] {
  if (tool.type === 'namespace') return (tool.tools ?? []).flatMap((inner: Loose) => readTool(inner, tool.name))
  if (tool.type !== 'function' && tool.type !== 'custom') return []
  return [
    {
      name: tool.name,
      schema: tool.parameters ?? {},
      ...(namespace ? { namespace } : {}),
      ...(tool.type === 'custom' ? { freeText: true } : {}),
    },
  ]
}

function whole(turn: Turn) {
  const output: Record<string, Loose>[] = []
  if (turn.reasoning) {
    output.push({ type: 'reasoning', id: `rs_${turn.id}`, summary: [{ type: 'summary_text', text: turn.reasoning }] })
  }
  if (turn.text) {
    output.push({
      type: 'message',
      id: `msg_${turn.id}`,
      role: 'assistant',
      status: 'completed',
      content: [{ type: 'output_text', text: turn.text, annotations: [] }],
    })
  }
  for (const call of turn.calls) {
    const head = { id: `fc_${call.id}`, call_id: call.id, name: call.name, status: 'completed' }
    const space = call.namespace ? { namespace: call.namespace } : {}
    output.push(
      call.freeText === undefined
        ? { type: 'function_call', ...head, ...space, arguments: call.argsText }
        : { type: 'custom_tool_call', ...head, input: call.freeText },
    )
  }
  const input = turn.usage ? turn.usage.input + turn.usage.cacheRead + turn.usage.cacheWrite : 0
  return {
    id: turn.id,
    object: 'response',
    created_at: Math.floor(Date.now() / 1000),
    status: 'completed',
    model: turn.model,
    output,
    parallel_tool_calls: true,
    tool_choice: 'auto',
    tools: [],
    usage: turn.usage && {
      input_tokens: input,
      input_tokens_details: { cached_tokens: turn.usage.cacheRead },
      output_tokens: turn.usage.output,
      output_tokens_details: { reasoning_tokens: 0 },
      total_tokens: input + turn.usage.output,
    },
  }
}

export const responses: Wire = {
  read(body): Conversation {
    const input = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : (body.input ?? [])
    return {
      model: String(body.model ?? ''),
      stream: body.stream === true,
      wantsUsage: true,
      said: [
        ...(body.instructions ? [{ role: 'system' as const, text: String(body.instructions), images: 0 }] : []),
        ...input.flatMap(readItem),
      ],
      tools: (body.tools ?? []).flatMap((tool: Loose) => readTool(tool)),
    }
  },

  json: whole,

  *stream(turn) {
    const answer = whole(turn)
    let number = 0
    const say = (type: string, fields: object) => frame({ type, sequence_number: number++, ...fields }, type)
    const begun = { ...answer, status: 'in_progress', output: [], usage: null }
    yield say('response.created', { response: begun })
    yield say('response.in_progress', { response: begun })
    for (const [index, item] of answer.output.entries()) {
      const at = { item_id: item.id, output_index: index }
      const open: Record<string, Loose> = { ...item, status: 'in_progress' }
      if (item.type === 'message') {
        yield say('response.output_item.added', { output_index: index, item: { ...open, content: [] } })
        const part = { type: 'output_text', text: '', annotations: [] }
        yield say('response.content_part.added', { ...at, content_index: 0, part })
        for (const delta of words(turn.text)) {
          yield say('response.output_text.delta', { ...at, content_index: 0, delta })
        }
        yield say('response.output_text.done', { ...at, content_index: 0, text: turn.text })
        yield say('response.content_part.done', { ...at, content_index: 0, part: item.content[0] })
      } else if (item.type === 'function_call') {
        yield say('response.output_item.added', { output_index: index, item: { ...open, arguments: '' } })
        for (const delta of item.arguments.match(/[\s\S]{1,40}/g) ?? []) {
          yield say('response.function_call_arguments.delta', { ...at, delta })
        }
        yield say('response.function_call_arguments.done', { ...at, arguments: item.arguments })
      } else if (item.type === 'custom_tool_call') {
        yield say('response.output_item.added', { output_index: index, item: { ...open, input: '' } })
        yield say('response.custom_tool_call_input.delta', { ...at, delta: item.input })
        yield say('response.custom_tool_call_input.done', { ...at, input: item.input })
      } else {
        yield say('response.output_item.added', { output_index: index, item: { ...open, summary: [] } })
        const part = { type: 'summary_text', text: '' }
        yield say('response.reasoning_summary_part.added', { ...at, summary_index: 0, part })
        for (const delta of words(turn.reasoning)) {
          yield say('response.reasoning_summary_text.delta', { ...at, summary_index: 0, delta })
        }
        yield say('response.reasoning_summary_text.done', { ...at, summary_index: 0, text: turn.reasoning })
      }
      yield say('response.output_item.done', { output_index: index, item })
    }
    yield say('response.completed', { response: answer })
  },

  error: (status, message) => ({
    error: { message, type: status === 429 ? 'rate_limit_error' : 'server_error', param: null, code: null },
  }),
}
