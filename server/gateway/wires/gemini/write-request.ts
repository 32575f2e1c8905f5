// Gemini generateContent: a request as an endpoint gets it.
import type { ModelEndpoint } from '../../gateway.ts'
import { argsObject, type Json, type Message, type NeutralRequest, type Part, textOf } from '../../neutral.ts'
import type { Outbound } from '../wire.ts'

/** Calls that another model made carry no signature; this documented value says so. */
const unsigned = 'skip_thought_signature_validator'

const pathOf = (endpoint: ModelEndpoint, stream: boolean): string =>
  `/models/${endpoint.model}:${stream ? 'streamGenerateContent?alt=sse' : 'generateContent'}`

export function passRequest(body: Json, endpoint: ModelEndpoint, stream: boolean): Outbound {
  const { model: _, ...rest } = body
  return {
    path: pathOf(endpoint, stream),
    body: { ...rest },
  }
}

export function writeRequest(request: NeutralRequest, endpoint: ModelEndpoint): Outbound {
  const config: Json = {}
  if (request.maxTokens !== null) config.maxOutputTokens = request.maxTokens
  if (request.temperature !== null) config.temperature = request.temperature
  if (request.topP !== null) config.topP = request.topP
  if (request.stop.length > 0) config.stopSequences = request.stop
  if (request.json) {
    config.responseMimeType = 'application/json'
    if (request.json.schema) config.responseJsonSchema = request.json.schema
  }
  const body: Json = { contents: writeContents(request.messages) }
  const system = request.system.filter(Boolean)
  if (system.length > 0) body.systemInstruction = { parts: system.map((text) => ({ text })) }
  if (Object.keys(config).length > 0) body.generationConfig = config
  if (request.tools.length > 0) {
    const functionDeclarations = request.tools.map(({ name, description, schema }) => ({
      name,
      description,
      parametersJsonSchema: schema,
    }))
    body.tools = [{ functionDeclarations }]
    body.toolConfig = { functionCallingConfig: writeChoice(request.toolChoice) }
  }
  return { path: pathOf(endpoint, request.stream), body }
}

function writeChoice(choice: NeutralRequest['toolChoice']): Json {
  if (typeof choice !== 'string') return { mode: 'ANY', allowedFunctionNames: [choice.name] }
  return { mode: { auto: 'AUTO', none: 'NONE', required: 'ANY' }[choice] }
}

function writeContents(messages: Message[]): Json[] {
  const contents: { role: string; parts: Json[] }[] = []
  for (const message of messages) {
    const role = message.role === 'assistant' ? 'model' : 'user'
    const parts = writeParts(message)
    if (parts.length === 0) continue
    const last = contents.at(-1)
    if (last?.role === role) last.parts.push(...parts)
    else contents.push({ role, parts })
  }
  return contents
}

function writeParts(message: Message): Json[] {
  if (message.role === 'user') return message.parts.map(writePart)
  if (message.role === 'tool') {
    const text = textOf(message.parts)
    const response = message.failed ? { error: text } : { output: text }
    const pictures = message.parts.filter((part) => part.kind === 'image').map(writePart)
    return [{ functionResponse: { id: message.id, name: message.name, response } }, ...pictures]
  }
  return [
    ...(message.text ? [{ text: message.text }] : []),
    ...message.calls.map(({ id, name, args }) => ({
      functionCall: { id, name, args: argsObject(args) },
      thoughtSignature: unsigned,
    })),
  ]
}

const writePart = (part: Part): Json =>
  part.kind === 'text' ? { text: part.text } : { inlineData: { mimeType: part.mediaType, data: part.data } }
