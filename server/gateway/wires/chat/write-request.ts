// OpenAI chat completions: a request as an endpoint gets it.
import type { ModelEndpoint } from '../../gateway.ts'
import { type Json, type Message, type NeutralRequest, type Part, textOf } from '../../neutral.ts'
import type { Outbound } from '../wire.ts'

const path = '/chat/completions'

/** Providers whose newer models refuse the older name. */
const newerMaxTokens = new Set(['openai', 'azure'])
export const maxTokensKey = ({ provider }: ModelEndpoint): string =>
  newerMaxTokens.has(provider ?? '') ? 'max_completion_tokens' : 'max_tokens'

export function passRequest(body: Json, endpoint: ModelEndpoint, stream: boolean): Outbound {
  return {
    path,
    body: {
      ...body,
      model: endpoint.model,
      ...(stream ? { stream_options: { ...body.stream_options, include_usage: true } } : {}),
    },
  }
}

export function writeRequest(request: NeutralRequest, endpoint: ModelEndpoint): Outbound {
  const system = request.system.filter(Boolean).join('\n\n')
  const body: Json = {
    model: endpoint.model,
    messages: [...(system ? [{ role: 'system', content: system }] : []), ...request.messages.flatMap(writeMessage)],
    stream: request.stream,
  }
  if (request.stream) body.stream_options = { include_usage: true }
  if (request.tools.length > 0) {
    body.tools = request.tools.map(({ name, description, schema }) => ({
      type: 'function',
      function: { name, description, parameters: schema },
    }))
    body.tool_choice =
      typeof request.toolChoice === 'string'
        ? request.toolChoice
        : { type: 'function', function: { name: request.toolChoice.name } }
  }
  if (request.maxTokens !== null) body[maxTokensKey(endpoint)] = request.maxTokens
  if (request.temperature !== null) body.temperature = request.temperature
  if (request.topP !== null) body.top_p = request.topP
  if (request.stop.length > 0) body.stop = request.stop
  if (request.effort !== null) body.reasoning_effort = request.effort
  if (request.json) body.response_format = writeFormat(request.json.schema)
  return { path, body }
}

const writeFormat = (schema: Json | null): Json =>
  schema ? { type: 'json_schema', json_schema: { name: 'answer', schema } } : { type: 'json_object' }

function writeMessage(message: Message, index: number, all: Message[]): Json[] {
  if (message.role === 'user') return [{ role: 'user', content: writeParts(message.parts) }]
  if (message.role === 'assistant') {
    const tool_calls = message.calls.map(({ id, name, args }) => ({
      id,
      type: 'function',
      function: { name, arguments: args || '{}' },
    }))
    return [{ role: 'assistant', content: message.text || null, ...(tool_calls.length > 0 ? { tool_calls } : {}) }]
  }
  const text = textOf(message.parts)
  const result = { role: 'tool', tool_call_id: message.id, content: message.failed ? `Error: ${text}` : text }
  // Tool messages hold no pictures on this wire: those follow in a user message after the last result of the round.
  return all[index + 1]?.role === 'tool' ? [result] : [result, ...picturesOfRound(all, index)]
}

function picturesOfRound(all: Message[], last: number): Json[] {
  const pictures: Part[] = []
  for (let index = last; all[index]?.role === 'tool'; index--) {
    const message = all[index] as Extract<Message, { role: 'tool' }>
    pictures.unshift(...message.parts.filter((part) => part.kind === 'image'))
  }
  if (pictures.length === 0) return []
  return [
    { role: 'user', content: writeParts([{ kind: 'text', text: 'Pictures of the results above:' }, ...pictures]) },
  ]
}

const writeParts = (parts: Part[]): string | Json[] =>
  parts.every((part) => part.kind === 'text')
    ? textOf(parts)
    : parts.map((part) =>
        part.kind === 'text'
          ? { type: 'text', text: part.text }
          : { type: 'image_url', image_url: { url: `data:${part.mediaType};base64,${part.data}` } },
      )
