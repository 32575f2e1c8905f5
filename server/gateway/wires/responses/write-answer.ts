// OpenAI responses: what an agent is answered, whole or as a stream of items that open, grow and close.
import { type AnswerEvent, argsObject, fold, type Json, type NeutralRequest, type TokenCount } from '../../neutral.ts'
import { writeFrame } from '../../sse.ts'
import type { StreamWriter } from '../wire.ts'

const writeUsage = (count: TokenCount): Json => {
  const input = count.input + count.cacheRead + count.cacheWrite
  return {
    input_tokens: input,
    input_tokens_details: { cached_tokens: count.cacheRead },
    output_tokens: count.output,
    output_tokens_details: { reasoning_tokens: 0 },
    total_tokens: input + count.output,
  }
}

const head = (model: string): Json => ({
  id: `resp_${crypto.randomUUID().replaceAll('-', '')}`,
  object: 'response',
  created_at: Math.floor(Date.now() / 1000),
  model,
  parallel_tool_calls: true,
  tool_choice: 'auto',
  tools: [],
})

const itemId = (kind: string): string => `${kind}_${crypto.randomUUID().replaceAll('-', '')}`

/** A call as the agent's own kind of tool wants it: by namespace, as free text, or as a plain function. */
function callItem(call: { id: string; name: string; args: string }, request: NeutralRequest): Json {
  const tool = request.tools.find((one) => one.name === call.name)
  if (tool?.freeText) {
    const input = argsObject(call.args).input
    const text = typeof input === 'string' ? input : call.args
    return { type: 'custom_tool_call', id: itemId('ctc'), call_id: call.id, name: call.name, input: text }
  }
  const name = tool?.inner ?? { name: call.name }
  return { type: 'function_call', id: itemId('fc'), call_id: call.id, ...name, arguments: call.args || '{}' }
}

const messageItem = (text: string): Json => ({
  type: 'message',
  id: itemId('msg'),
  role: 'assistant',
  status: 'completed',
  content: [{ type: 'output_text', text, annotations: [] }],
})

const reasoningItem = (text: string): Json => ({
  type: 'reasoning',
  id: itemId('rs'),
  summary: [{ type: 'summary_text', text }],
})

const closing = (events: AnswerEvent[]): Json => {
  const { reason, usage } = fold(events)
  const cut = reason === 'length' || reason === 'filter'
  return {
    status: cut ? 'incomplete' : 'completed',
    ...(cut ? { incomplete_details: { reason: reason === 'length' ? 'max_output_tokens' : 'content_filter' } } : {}),
    usage: writeUsage(usage),
  }
}

export function writeAnswer(events: AnswerEvent[], request: NeutralRequest, model: string): Json {
  const answer = fold(events)
  const output = [
    ...(answer.reasoning ? [reasoningItem(answer.reasoning)] : []),
    ...(answer.text ? [messageItem(answer.text)] : []),
    ...answer.calls.map((call) => ({ ...callItem(call, request), status: 'completed' })),
  ]
  return { ...head(model), output, ...closing(events) }
}

interface OpenItem {
  kind: 'text' | 'reasoning' | 'call'
  index: number
  item: Json
  text: string
}

export function createWriter(request: NeutralRequest, model: string): StreamWriter {
  const whole = head(model)
  const done: Json[] = []
  const kept: AnswerEvent[] = []
  const open: OpenItem[] = []
  let number = 0
  let opened = 0
  let failed: string | null = null
  const say = (type: string, fields: Json): string => writeFrame({ type, sequence_number: number++, ...fields }, type)

  const begin = (): string => {
    if (number > 0) return ''
    const response = { ...whole, status: 'in_progress', output: [], usage: null }
    return say('response.created', { response }) + say('response.in_progress', { response })
  }
  const at = (one: OpenItem): Json => ({ item_id: one.item.id, output_index: one.index })

  const openItem = (kind: OpenItem['kind'], item: Json, shown: Json): string => {
    const one: OpenItem = { kind, index: opened++, item, text: '' }
    open.push(one)
    return say('response.output_item.added', {
      output_index: one.index,
      item: { ...item, status: 'in_progress', ...shown },
    })
  }
  const closers: { [Kind in OpenItem['kind']]: (one: OpenItem) => string } = {
    text: (one) => {
      one.item.content = [{ type: 'output_text', text: one.text, annotations: [] }]
      return (
        say('response.output_text.done', { ...at(one), content_index: 0, text: one.text }) +
        say('response.content_part.done', { ...at(one), content_index: 0, part: one.item.content[0] })
      )
    },
    reasoning: (one) => {
      one.item.summary = [{ type: 'summary_text', text: one.text }]
      return (
        say('response.reasoning_summary_text.done', { ...at(one), summary_index: 0, text: one.text }) +
        say('response.reasoning_summary_part.done', { ...at(one), summary_index: 0, part: one.item.summary[0] })
      )
    },
    call: (one) => {
      if (one.item.type === 'function_call') {
        one.item.arguments = one.text || '{}'
        return say('response.function_call_arguments.done', { ...at(one), arguments: one.item.arguments })
      }
      const input = argsObject(one.text).input
      one.item.input = typeof input === 'string' ? input : one.text
      return (
        say('response.custom_tool_call_input.delta', { ...at(one), delta: one.item.input }) +
        say('response.custom_tool_call_input.done', { ...at(one), input: one.item.input })
      )
    },
  }
  const close = (keep?: OpenItem['kind']): string => {
    let text = ''
    for (const one of open.splice(0)) {
      if (one.kind === keep) {
        open.push(one)
        continue
      }
      text += closers[one.kind](one)
      const item = { ...one.item, status: 'completed' }
      done.push(item)
      text += say('response.output_item.done', { output_index: one.index, item })
    }
    return text
  }
  const callsByIndex = new Map<number, OpenItem>()

  const writers: { [Kind in AnswerEvent['kind']]: (event: Extract<AnswerEvent, { kind: Kind }>) => string } = {
    text: ({ delta }) => {
      let text = close('text')
      if (open.length === 0) {
        text += openItem('text', messageItem(''), { content: [] })
        const part = { type: 'output_text', text: '', annotations: [] }
        text += say('response.content_part.added', { ...at(open[0]!), content_index: 0, part })
      }
      open[0]!.text += delta
      return text + say('response.output_text.delta', { ...at(open[0]!), content_index: 0, delta })
    },
    reasoning: ({ delta }) => {
      let text = close('reasoning')
      if (open.length === 0) {
        text += openItem('reasoning', reasoningItem(''), { summary: [] })
        const part = { type: 'summary_text', text: '' }
        text += say('response.reasoning_summary_part.added', { ...at(open[0]!), summary_index: 0, part })
      }
      open[0]!.text += delta
      return text + say('response.reasoning_summary_text.delta', { ...at(open[0]!), summary_index: 0, delta })
    },
    call: ({ index, id, name }) => {
      const item = callItem({ id, name, args: '' }, request)
      const shown = item.type === 'function_call' ? { arguments: '' } : { input: '' }
      const text = close('call') + openItem('call', item, shown)
      callsByIndex.set(index, open.at(-1)!)
      return text
    },
    args: ({ index, delta }) => {
      const one = callsByIndex.get(index)
      if (!one) return ''
      one.text += delta
      return one.item.type === 'function_call'
        ? say('response.function_call_arguments.delta', { ...at(one), delta })
        : ''
    },
    usage: (event) => {
      kept.push(event)
      return ''
    },
    finish: (event) => {
      kept.push(event)
      return close()
    },
    error: ({ sentence }) => {
      failed = sentence
      return ''
    },
  }
  return {
    write: (event) => begin() + writers[event.kind](event as never),
    end: () => {
      const text = begin() + close()
      const response = { ...whole, output: done }
      const closed = closing(kept)
      if (failed === null) return text + say(`response.${closed.status}`, { response: { ...response, ...closed } })
      const error = { code: 'server_error', message: failed }
      return text + say('response.failed', { response: { ...response, status: 'failed', error } })
    },
  }
}
