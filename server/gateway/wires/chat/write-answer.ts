// OpenAI chat completions: what an agent is answered, whole or as a stream.
import {
  type AnswerEvent,
  type FinishReason,
  fold,
  type Json,
  type NeutralRequest,
  type TokenCount,
} from '../../neutral.ts'
import { writeFrame } from '../../sse.ts'
import type { StreamWriter } from '../wire.ts'

const reasons: Record<FinishReason, string> = {
  stop: 'stop',
  length: 'length',
  tool: 'tool_calls',
  filter: 'content_filter',
}

const writeUsage = (count: TokenCount): Json => {
  const input = count.input + count.cacheRead + count.cacheWrite
  return {
    prompt_tokens: input,
    completion_tokens: count.output,
    total_tokens: input + count.output,
    prompt_tokens_details: { cached_tokens: count.cacheRead },
  }
}

const head = (object: string, model: string): Json => ({
  id: `chatcmpl-${crypto.randomUUID()}`,
  object,
  created: Math.floor(Date.now() / 1000),
  model,
})

export function writeAnswer(events: AnswerEvent[], _request: NeutralRequest, model: string): Json {
  const answer = fold(events)
  const tool_calls = answer.calls.map(({ id, name, args }) => ({
    id,
    type: 'function',
    function: { name, arguments: args || '{}' },
  }))
  const message = {
    role: 'assistant',
    content: answer.text || null,
    ...(answer.reasoning ? { reasoning_content: answer.reasoning } : {}),
    ...(tool_calls.length > 0 ? { tool_calls } : {}),
  }
  return {
    ...head('chat.completion', model),
    choices: [{ index: 0, message, finish_reason: reasons[answer.reason] }],
    usage: writeUsage(answer.usage),
  }
}

export function createWriter(request: NeutralRequest, model: string): StreamWriter {
  const whole = head('chat.completion.chunk', model)
  const events: AnswerEvent[] = []
  let begun = false
  const chunk = (delta: Json, finish: string | null = null): string => {
    const role = begun ? {} : { role: 'assistant' }
    begun = true
    return writeFrame({ ...whole, choices: [{ index: 0, delta: { ...role, ...delta }, finish_reason: finish }] })
  }
  const writers: { [Kind in AnswerEvent['kind']]: (event: Extract<AnswerEvent, { kind: Kind }>) => string } = {
    text: ({ delta }) => chunk({ content: delta }),
    reasoning: ({ delta }) => chunk({ reasoning_content: delta }),
    call: ({ index, id, name }) =>
      chunk({ tool_calls: [{ index, id, type: 'function', function: { name, arguments: '' } }] }),
    args: ({ index, delta }) => chunk({ tool_calls: [{ index, function: { arguments: delta } }] }),
    finish: ({ reason }) => chunk({}, reasons[reason]),
    usage: (event) => {
      events.push(event)
      return ''
    },
    error: ({ sentence }) => writeFrame({ error: { message: sentence, type: 'server_error', code: null } }),
  }
  return {
    write: (event) => writers[event.kind](event as never),
    end: () => {
      const usage = request.wantsUsage
        ? writeFrame({ ...whole, choices: [], usage: writeUsage(fold(events).usage) })
        : ''
      return usage + writeFrame('[DONE]')
    },
  }
}
