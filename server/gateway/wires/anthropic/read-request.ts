// Anthropic messages: a request as an agent sends it.
import {
  type Json,
  type Loose,
  leftOut,
  type Message,
  type NeutralRequest,
  type Part,
  type Tool,
  textOf,
} from '../../neutral.ts'

export function readRequest(body: Json): NeutralRequest {
  const messages: Message[] = []
  const names = new Map<string, string>()
  for (const message of body.messages ?? []) {
    if (message.role === 'assistant') messages.push(readAssistant(message, names))
    else messages.push(...readUser(message, names))
  }
  return {
    asked: String(body.model ?? ''),
    stream: body.stream === true,
    wantsUsage: true,
    system:
      typeof body.system === 'string' ? [body.system] : (body.system ?? []).map((block: Loose) => block.text ?? ''),
    messages,
    tools: (body.tools ?? []).flatMap(readTool),
    toolChoice: readChoice(body.tool_choice),
    maxTokens: body.max_tokens ?? null,
    temperature: body.temperature ?? null,
    topP: body.top_p ?? null,
    stop: body.stop_sequences ?? [],
    json: readFormat(body.output_config?.format ?? body.output_format),
    effort: null,
  }
}

const blocksOf = (content: Loose): Loose[] =>
  typeof content === 'string' ? [{ type: 'text', text: content }] : Array.isArray(content) ? content : []

function readAssistant(message: Json, names: Map<string, string>): Message {
  const blocks = blocksOf(message.content)
  const calls = blocks
    .filter((block) => block.type === 'tool_use')
    .map((block) => ({ id: block.id, name: block.name, args: JSON.stringify(block.input ?? {}) }))
  for (const call of calls) names.set(call.id, call.name)
  return { role: 'assistant', text: textOf(blocks.filter((block) => block.type === 'text').map(readPart)), calls }
}

function readUser(message: Json, names: Map<string, string>): Message[] {
  const read: Message[] = []
  const parts: Part[] = []
  for (const block of blocksOf(message.content)) {
    if (block.type === 'tool_result') {
      const id = block.tool_use_id
      const result = blocksOf(block.content).map(readPart)
      read.push({ role: 'tool', id, name: names.get(id) ?? '', parts: result, failed: block.is_error === true })
    } else parts.push(readPart(block))
  }
  if (parts.length > 0) read.push({ role: 'user', parts })
  return read
}

function readPart(block: Loose): Part {
  if (typeof block.text === 'string') return { kind: 'text', text: block.text }
  if (block.type === 'image' && block.source?.type === 'base64') {
    return { kind: 'image', mediaType: block.source.media_type, data: block.source.data }
  }
  if (block.type === 'document' && block.source?.type === 'text') return { kind: 'text', text: block.source.data }
  return leftOut(block.type === 'image' ? 'remote image' : `part of type ${block.type}`)
}

const readTool = (tool: Loose): Tool[] =>
  tool.input_schema
    ? [
        {
          name: tool.name,
          description: tool.description ?? '',
          schema: tool.input_schema,
          freeText: false,
          inner: null,
        },
      ]
    : []

function readChoice(choice: Loose): NeutralRequest['toolChoice'] {
  if (choice?.type === 'tool') return { name: choice.name }
  return choice?.type === 'any' ? 'required' : choice?.type === 'none' ? 'none' : 'auto'
}

const readFormat = (format: Loose): NeutralRequest['json'] =>
  format?.type === 'json_schema' ? { schema: format.schema ?? null } : null
