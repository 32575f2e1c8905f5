// Anthropic messages: a request as an endpoint gets it, with the conversation so far marked for the prompt cache.
import type { ModelEndpoint } from '../../gateway.ts'
import { argsObject, type Json, type Message, type NeutralRequest, type Part } from '../../neutral.ts'
import type { Outbound } from '../wire.ts'

const path = '/messages'
/** The wire demands a limit; agents of other wires often give none. */
const defaultMaxTokens = 16_384
const cached = { cache_control: { type: 'ephemeral' } }

export const passRequest = (body: Json, endpoint: ModelEndpoint): Outbound => ({
  path,
  body: { ...body, model: endpoint.model },
})

export function writeRequest(request: NeutralRequest, endpoint: ModelEndpoint): Outbound {
  const body: Json = {
    model: endpoint.model,
    max_tokens: request.maxTokens ?? defaultMaxTokens,
    messages: writeMessages(request.messages),
    stream: request.stream,
  }
  const system = [...request.system.filter(Boolean), ...jsonOnly(request)]
  if (system.length > 0) body.system = system.map((text) => ({ type: 'text', text }))
  if (body.system) Object.assign(body.system.at(-1), cached)
  if (request.tools.length > 0) {
    body.tools = request.tools.map(({ name, description, schema }) => ({
      name,
      description,
      input_schema: { type: 'object', ...schema },
    }))
    body.tool_choice = writeChoice(request.toolChoice)
  }
  if (request.temperature !== null) body.temperature = Math.min(1, request.temperature)
  else if (request.topP !== null) body.top_p = request.topP
  if (request.stop.length > 0) body.stop_sequences = request.stop
  return { path, body }
}

function jsonOnly({ json }: NeutralRequest): string[] {
  if (!json) return []
  const schema = json.schema ? ` that is valid by this JSON schema:\n${JSON.stringify(json.schema)}` : '.'
  return [`Answer with one JSON value and nothing else${schema}`]
}

function writeChoice(choice: NeutralRequest['toolChoice']): Json {
  if (typeof choice !== 'string') return { type: 'tool', name: choice.name }
  return { type: choice === 'required' ? 'any' : choice }
}

/** Ids of other wires may hold signs that this one refuses. */
const safeId = (id: string): string => id.replace(/[^a-zA-Z0-9_-]/g, '_') || 'call'

function writeMessages(messages: Message[]): Json[] {
  const written: { role: string; content: Json[] }[] = []
  for (const message of messages) {
    const role = message.role === 'assistant' ? 'assistant' : 'user'
    const content = writeBlocks(message)
    if (content.length === 0) continue
    const last = written.at(-1)
    // Results of one round belong into one message.
    if (last?.role === role) last.content.push(...content)
    else written.push({ role, content })
  }
  const last = written.at(-1)?.content.at(-1)
  if (last) Object.assign(last, cached)
  return written
}

function writeBlocks(message: Message): Json[] {
  if (message.role === 'user') return message.parts.map(writePart).filter((block) => block.text !== '')
  if (message.role === 'tool') {
    const content = message.parts.map(writePart)
    const failed = message.failed ? { is_error: true } : {}
    return [{ type: 'tool_result', tool_use_id: safeId(message.id), content, ...failed }]
  }
  return [
    ...(message.text.trim() ? [{ type: 'text', text: message.text }] : []),
    ...message.calls.map(({ id, name, args }) => ({
      type: 'tool_use',
      id: safeId(id),
      name,
      input: argsObject(args),
    })),
  ]
}

const writePart = (part: Part): Json =>
  part.kind === 'text'
    ? { type: 'text', text: part.text }
    : { type: 'image', source: { type: 'base64', media_type: part.mediaType, data: part.data } }
