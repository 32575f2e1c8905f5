// OpenAI chat completions: a request as an agent sends it.
import {
  dataImage,
  freeTextSchema,
  type Json,
  type Loose,
  leftOut,
  type Message,
  type NeutralRequest,
  type Part,
  type Tool,
} from '../../neutral.ts'

export function readRequest(body: Json): NeutralRequest {
  const system: string[] = []
  const messages: Message[] = []
  const names = new Map<string, string>()
  for (const message of body.messages ?? []) {
    const parts = readParts(message.content)
    if (message.role === 'system' || message.role === 'developer') system.push(textOnly(parts))
    else if (message.role === 'tool') {
      const id = String(message.tool_call_id ?? '')
      messages.push({ role: 'tool', id, name: names.get(id) ?? '', parts, failed: false })
    } else if (message.role === 'assistant') {
      const calls = (message.tool_calls ?? []).map(readCall)
      for (const call of calls) names.set(call.id, call.name)
      messages.push({ role: 'assistant', text: textOnly(parts), calls })
    } else messages.push({ role: 'user', parts })
  }
  return {
    asked: String(body.model ?? ''),
    stream: body.stream === true,
    wantsUsage: body.stream_options?.include_usage === true,
    system,
    messages,
    tools: (body.tools ?? []).flatMap(readTool),
    toolChoice: readChoice(body.tool_choice),
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? null,
    temperature: body.temperature ?? null,
    topP: body.top_p ?? null,
    stop: [body.stop ?? []].flat(),
    json: readFormat(body.response_format),
    effort: body.reasoning_effort ?? null,
  }
}

export function readParts(content: Loose): Part[] {
  if (typeof content === 'string') return [{ kind: 'text', text: content }]
  if (!Array.isArray(content)) return []
  return content.map((part): Part => {
    if (part.type === 'image_url') return dataImage(part.image_url?.url ?? part.image_url) ?? leftOut('remote image')
    if (typeof part.text === 'string') return { kind: 'text', text: part.text }
    if (typeof part.refusal === 'string') return { kind: 'text', text: part.refusal }
    return leftOut(`part of type ${part.type}`)
  })
}

const textOnly = (parts: Part[]): string => parts.map((part) => (part.kind === 'text' ? part.text : '')).join('')

const readCall = (call: Loose) => ({
  id: String(call.id ?? ''),
  name: String(call.function?.name ?? call.custom?.name ?? ''),
  args: call.custom ? JSON.stringify({ input: call.custom.input }) : String(call.function?.arguments ?? '{}'),
})

function readTool(tool: Loose): Tool[] {
  const inner = tool.function ?? tool.custom
  if (!inner?.name) return []
  const freeText = tool.type === 'custom'
  return [
    {
      name: inner.name,
      description: inner.description ?? '',
      schema: freeText ? freeTextSchema : (inner.parameters ?? { type: 'object', properties: {} }),
      freeText,
      inner: null,
    },
  ]
}

function readChoice(choice: Loose): NeutralRequest['toolChoice'] {
  const name = choice?.function?.name ?? choice?.custom?.name
  if (name) return { name }
  return choice === 'none' || choice === 'required' ? choice : 'auto'
}

function readFormat(format: Loose): NeutralRequest['json'] {
  if (format?.type === 'json_schema') return { schema: format.json_schema?.schema ?? null }
  return format?.type === 'json_object' ? { schema: null } : null
}
