// OpenAI responses: a request as an endpoint gets it.
import type { ModelEndpoint } from '../../gateway.ts'
import { type Json, type Message, type NeutralRequest, type Part, textOf } from '../../neutral.ts'
import type { Outbound } from '../wire.ts'

const path = '/responses'

export const passRequest = (body: Json, endpoint: ModelEndpoint): Outbound => ({
  path,
  body: { ...body, model: endpoint.model },
})

export function writeRequest(request: NeutralRequest, endpoint: ModelEndpoint): Outbound {
  const body: Json = {
    model: endpoint.model,
    input: request.messages.flatMap(writeMessage),
    stream: request.stream,
    store: false,
  }
  const instructions = request.system.filter(Boolean).join('\n\n')
  if (instructions) body.instructions = instructions
  if (request.tools.length > 0) {
    body.tools = request.tools.map(({ name, description, schema }) => ({
      type: 'function',
      name,
      description,
      parameters: schema,
      strict: false,
    }))
    body.tool_choice =
      typeof request.toolChoice === 'string' ? request.toolChoice : { type: 'function', name: request.toolChoice.name }
  }
  if (request.maxTokens !== null) body.max_output_tokens = request.maxTokens
  if (request.temperature !== null) body.temperature = request.temperature
  if (request.topP !== null) body.top_p = request.topP
  if (request.effort !== null) body.reasoning = { effort: request.effort }
  if (request.json) {
    const { schema } = request.json
    const format = schema ? { type: 'json_schema', name: 'answer', schema, strict: false } : { type: 'json_object' }
    body.text = { format }
  }
  return { path, body }
}

function writeMessage(message: Message): Json[] {
  if (message.role === 'user') return [{ type: 'message', role: 'user', content: writeParts(message.parts) }]
  if (message.role === 'tool') {
    const text = textOf(message.parts)
    const plain = message.failed ? `Error: ${text}` : text
    const output = message.parts.every((part) => part.kind === 'text') ? plain : writeParts(message.parts)
    return [{ type: 'function_call_output', call_id: message.id, output }]
  }
  const said = message.text
    ? [{ type: 'message', role: 'assistant', content: [{ type: 'output_text', text: message.text, annotations: [] }] }]
    : []
  const calls = message.calls.map(({ id, name, args }) => ({
    type: 'function_call',
    call_id: id,
    name,
    arguments: args || '{}',
  }))
  return [...said, ...calls]
}

const writeParts = (parts: Part[]): Json[] =>
  parts.map((part) =>
    part.kind === 'text'
      ? { type: 'input_text', text: part.text }
      : { type: 'input_image', image_url: `data:${part.mediaType};base64,${part.data}`, detail: 'auto' },
  )
