// OpenAI responses: a request as an agent sends it. Free-text tools and namespaces become plain functions.
import { Refusal } from '@seatrial/protocol'
import {
  type Call,
  dataImage,
  freeTextSchema,
  type Json,
  type Loose,
  leftOut,
  type Message,
  type NeutralRequest,
  type Part,
  type Tool,
  textOf,
} from '../../neutral.ts'

export const flatName = (namespace: string, name: string): string => `${namespace}__${name}`.slice(-64)

export function readRequest(body: Json): NeutralRequest {
  if (body.previous_response_id || body.conversation) {
    throw new Refusal('bad_request', 'This model keeps no earlier responses; send the whole conversation as `input`.')
  }
  const system: string[] = body.instructions ? [String(body.instructions)] : []
  const messages: Message[] = []
  const names = new Map<string, string>()
  const items = typeof body.input === 'string' ? [{ role: 'user', content: body.input }] : (body.input ?? [])
  for (const item of items) {
    const call = readCall(item)
    if (call) {
      names.set(call.id, call.name)
      assistant(messages).calls.push(call)
    } else if (/_output$/.test(item.type ?? '')) {
      const id = String(item.call_id ?? '')
      messages.push({ role: 'tool', id, name: names.get(id) ?? '', parts: readParts(item.output), failed: false })
    } else if (item.type === undefined || item.type === 'message') {
      const parts = readParts(item.content)
      if (item.role === 'system' || item.role === 'developer') system.push(textOf(parts))
      else if (item.role === 'assistant') {
        const last = assistant(messages)
        last.text += (last.text ? '\n' : '') + textOf(parts)
      } else messages.push({ role: 'user', parts })
    }
  }
  return {
    asked: String(body.model ?? ''),
    stream: body.stream === true,
    wantsUsage: true,
    system,
    messages,
    tools: (body.tools ?? []).flatMap((tool: Loose) => readTool(tool, null)),
    toolChoice: readChoice(body.tool_choice),
    maxTokens: body.max_output_tokens ?? null,
    temperature: body.temperature ?? null,
    topP: body.top_p ?? null,
    stop: [],
    json: readFormat(body.text?.format),
    effort: body.reasoning?.effort ?? null,
  }
}

/** The assistant message that the last items belong to. */
function assistant(messages: Message[]): Extract<Message, { role: 'assistant' }> {
  const last = messages.at(-1)
  if (last?.role === 'assistant') return last
  const made: Message = { role: 'assistant', text: '', calls: [] }
  messages.push(made)
  return made
}

function readCall(item: Loose): Call | null {
  const id = String(item.call_id ?? item.id ?? '')
  if (item.type === 'function_call') {
    const name = item.namespace ? flatName(item.namespace, item.name) : String(item.name)
    return { id, name, args: String(item.arguments ?? '{}') }
  }
  if (item.type === 'custom_tool_call') return { id, name: item.name, args: JSON.stringify({ input: item.input }) }
  return null
}

function readParts(content: Loose): Part[] {
  if (typeof content === 'string') return [{ kind: 'text', text: content }]
  if (!Array.isArray(content)) return content === undefined ? [] : [{ kind: 'text', text: JSON.stringify(content) }]
  return content.map((part): Part => {
    if (part.type === 'input_image') return dataImage(part.image_url) ?? leftOut('remote image')
    if (typeof part.text === 'string') return { kind: 'text', text: part.text }
    if (typeof part.refusal === 'string') return { kind: 'text', text: part.refusal }
    return leftOut(`part of type ${part.type}`)
  })
}

function readTool(tool: Loose, namespace: string | null): Tool[] {
  if (tool.type === 'namespace') return (tool.tools ?? []).flatMap((inner: Loose) => readTool(inner, tool.name))
  if (tool.type !== 'function' && tool.type !== 'custom') return []
  const freeText = tool.type === 'custom'
  const grammar = freeText && tool.format?.definition ? `\nGrammar of the input:\n${tool.format.definition}` : ''
  return [
    {
      name: namespace ? flatName(namespace, tool.name) : tool.name,
      description: (tool.description ?? '') + grammar,
      schema: freeText ? freeTextSchema : (tool.parameters ?? { type: 'object', properties: {} }),
      freeText,
      inner: namespace ? { namespace, name: tool.name } : null,
    },
  ]
}

function readChoice(choice: Loose): NeutralRequest['toolChoice'] {
  if (choice?.name) return { name: choice.name }
  return choice === 'none' || choice === 'required' ? choice : 'auto'
}

function readFormat(format: Loose): NeutralRequest['json'] {
  if (format?.type === 'json_schema') return { schema: format.schema ?? null }
  return format?.type === 'json_object' ? { schema: null } : null
}
