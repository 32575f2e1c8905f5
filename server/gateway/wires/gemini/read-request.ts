// Gemini generateContent: a request as an agent sends it. Calls often carry no id here; results are matched by name.
import {
  type Call,
  type Json,
  type Loose,
  leftOut,
  type Message,
  type NeutralRequest,
  type Part,
  type Tool,
} from '../../neutral.ts'

export function readRequest(body: Json): NeutralRequest {
  const config = body.generationConfig ?? {}
  const system = body.systemInstruction ?? body.system_instruction
  const calling = body.toolConfig?.functionCallingConfig ?? {}
  return {
    asked: '',
    stream: false,
    wantsUsage: true,
    system: system ? (system.parts ?? [system]).map((part: Loose) => part.text ?? '') : [],
    messages: readContents(body.contents ?? []),
    tools: (body.tools ?? []).flatMap((tool: Loose) => (tool.functionDeclarations ?? []).map(readTool)),
    toolChoice: readChoice(calling),
    maxTokens: config.maxOutputTokens ?? null,
    temperature: config.temperature ?? null,
    topP: config.topP ?? null,
    stop: config.stopSequences ?? [],
    json:
      config.responseMimeType === 'application/json'
        ? { schema: readSchema(config.responseJsonSchema ?? config.responseSchema) }
        : null,
    effort: null,
  }
}

function readContents(contents: Loose[]): Message[] {
  const messages: Message[] = []
  const open: Call[] = []
  let made = 0
  for (const entry of contents) {
    const parts: Loose[] = entry.parts ?? []
    if (entry.role === 'model') {
      const calls = parts
        .filter((part) => part.functionCall)
        .map(({ functionCall: call }) => ({
          id: call.id ?? `call_${made++}`,
          name: String(call.name),
          args: JSON.stringify(call.args ?? {}),
        }))
      open.push(...calls)
      const said = parts.filter((part) => typeof part.text === 'string' && !part.thought)
      messages.push({ role: 'assistant', text: said.map((part) => part.text).join(''), calls })
      continue
    }
    const rest: Part[] = []
    let result: Extract<Message, { role: 'tool' }> | null = null
    for (const part of parts) {
      if (part.functionResponse) {
        result = readResult(part.functionResponse, open)
        messages.push(result)
      } else if (part.inlineData && result) result.parts.push(readPart(part))
      else {
        // Pictures right behind a result belong to it, but not those of the words that follow.
        result = null
        rest.push(readPart(part))
      }
    }
    if (rest.length > 0) messages.push({ role: 'user', parts: rest })
  }
  return messages
}

function readResult(response: Loose, open: Call[]): Extract<Message, { role: 'tool' }> {
  const at = open.findIndex((call) => (response.id ? call.id === response.id : call.name === response.name))
  const call = at >= 0 ? open.splice(at, 1)[0] : undefined
  const body = response.response ?? {}
  const value = body.error ?? body.output ?? body
  const text = typeof value === 'string' ? value : JSON.stringify(value)
  const pictures = (response.parts ?? []).map(readPart)
  return {
    role: 'tool',
    id: call?.id ?? response.id ?? 'call',
    name: response.name,
    parts: [{ kind: 'text', text }, ...pictures],
    failed: body.error !== undefined,
  }
}

function readPart(part: Loose): Part {
  if (typeof part.text === 'string') return { kind: 'text', text: part.text }
  const inline = part.inlineData ?? part.inline_data
  const mediaType = inline?.mimeType ?? inline?.mime_type ?? ''
  if (mediaType.startsWith('image/')) return { kind: 'image', mediaType, data: inline.data }
  return leftOut(inline ? `part of type ${mediaType}` : 'remote file')
}

const readTool = (declared: Loose): Tool => ({
  name: declared.name,
  description: declared.description ?? '',
  schema: readSchema(declared.parametersJsonSchema ?? declared.parameters) ?? { type: 'object', properties: {} },
  freeText: false,
  inner: null,
})

/** Gemini's own schema dialect writes types in capitals and `nullable`. */
export function readSchema(schema: Loose): Json | null {
  if (schema === undefined || schema === null) return null
  if (Array.isArray(schema)) return schema.map(readSchema) as Json
  if (typeof schema !== 'object') return schema
  const read: Json = {}
  for (const [key, value] of Object.entries(schema)) {
    if (key === 'type' && typeof value === 'string') read.type = value.toLowerCase()
    else if (key === 'properties' && value && typeof value === 'object') {
      read.properties = Object.fromEntries(Object.entries(value).map(([name, inner]) => [name, readSchema(inner)]))
    } else if (key === 'enum' || key === 'required' || key === 'default' || key === 'example') read[key] = value
    else if (key !== 'nullable') read[key] = readSchema(value)
  }
  if (schema.nullable === true && typeof read.type === 'string') read.type = [read.type, 'null']
  return read
}

function readChoice(calling: Loose): NeutralRequest['toolChoice'] {
  const only = calling.allowedFunctionNames ?? []
  if (calling.mode === 'ANY') return only.length === 1 ? { name: only[0] } : 'required'
  return calling.mode === 'NONE' ? 'none' : 'auto'
}
