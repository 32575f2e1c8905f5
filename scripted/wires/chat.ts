// OpenAI chat completions.
import {
  type Conversation,
  frame,
  type Loose,
  readContent,
  type Turn,
  type TurnCall,
  type Wire,
  words,
} from '../conversation.ts'

const finish = (turn: Turn): string => (turn.calls.length > 0 ? 'tool_calls' : 'stop')

const usage = (turn: Turn) =>
  turn.usage && {
    prompt_tokens: turn.usage.input + turn.usage.cacheRead + turn.usage.cacheWrite,
    completion_tokens: turn.usage.output,
    total_tokens: turn.usage.input + turn.usage.cacheRead + turn.usage.cacheWrite + turn.usage.output,
    prompt_tokens_details: { cached_tokens: turn.usage.cacheRead },
  }

const callText = (call: TurnCall): string =>
  call.freeText === undefined ? call.argsText : JSON.stringify({ input: call.freeText })

export const chat: Wire = {
  read(body): Conversation {
    return {
      model: String(body.model ?? ''),
      stream: body.stream === true,
      wantsUsage: body.stream_options?.include_usage === true,
      said: (body.messages ?? []).map((message: Loose) => ({
        role: message.role === 'developer' ? 'system' : message.role,
        ...readContent(message.content),
      })),
      tools: (body.tools ?? []).map((tool: Loose) => ({
        name: tool.function?.name ?? tool.name ?? tool.type,
        schema: tool.function?.parameters ?? {},
        ...(tool.type === 'custom' ? { freeText: true } : {}),
      })),
    }
  },

  json: (turn) => ({
    id: turn.id,
    object: 'chat.completion',
    created: Math.floor(Date.now() / 1000),
    model: turn.model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: turn.text || null,
          ...(turn.reasoning ? { reasoning_content: turn.reasoning } : {}),
          ...(turn.calls.length > 0
            ? {
                tool_calls: turn.calls.map((call) => ({
                  id: call.id,
                  type: 'function',
                  function: { name: call.name, arguments: callText(call) },
                })),
              }
            : {}),
        },
        finish_reason: finish(turn),
      },
    ],
    ...(turn.usage ? { usage: usage(turn) } : {}),
  }),

  *stream(turn, conversation) {
    const created = Math.floor(Date.now() / 1000)
    const chunk = (delta: object, finishReason: string | null = null) =>
      frame({
        id: turn.id,
        object: 'chat.completion.chunk',
        created,
        model: turn.model,
        choices: [{ index: 0, delta, finish_reason: finishReason }],
      })
    yield chunk({ role: 'assistant', content: '' })
    for (const word of words(turn.reasoning)) yield chunk({ reasoning_content: word })
    for (const word of words(turn.text)) yield chunk({ content: word })
    for (const [index, call] of turn.calls.entries()) {
      yield chunk({
        tool_calls: [{ index, id: call.id, type: 'function', function: { name: call.name, arguments: '' } }],
      })
      for (const piece of callText(call).match(/[\s\S]{1,40}/g) ?? []) {
        yield chunk({ tool_calls: [{ index, function: { arguments: piece } }] })
      }
    }
    yield chunk({}, finish(turn))
    if (turn.usage && conversation.wantsUsage) {
      const whole = { id: turn.id, object: 'chat.completion.chunk', created, model: turn.model, choices: [] }
      yield frame({ ...whole, usage: usage(turn) })
    }
    yield frame('[DONE]')
  },

  error: (status, message) => ({
    error: { message, type: status === 429 ? 'rate_limit_error' : 'server_error', param: null, code: null },
  }),
}
