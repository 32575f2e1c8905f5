// The OpenAI chat format, read leniently where clients differ and strictly where an answer would be wrong.

import { Refusal } from '@seatrial/protocol'
import { z } from 'zod'
import type { ChatRequest, Message, Part } from '../model-engine.ts'

const TextPart = z.object({ type: z.enum(['text', 'input_text', 'output_text']), text: z.string() })
const PicturePart = z.object({
  type: z.enum(['image_url', 'input_image']),
  image_url: z.union([z.string(), z.object({ url: z.string() })]),
})
const Content = z.union([z.string(), z.array(z.union([TextPart, PicturePart])), z.null()]).optional()
const Call = z.object({
  id: z.string().default(''),
  function: z.object({ name: z.string(), arguments: z.union([z.string(), z.record(z.string(), z.unknown())]) }),
})

const WireMessage = z.object({
  role: z.enum(['system', 'developer', 'user', 'assistant', 'tool']),
  content: Content,
  tool_calls: z.array(Call).nullish(),
  tool_call_id: z.string().nullish(),
})

const WireTool = z.object({
  type: z.literal('function'),
  function: z.object({
    name: z.string().regex(/^[\w.-]{1,64}$/),
    description: z.string().nullish(),
    parameters: z.record(z.string(), z.unknown()).nullish(),
  }),
})

export const ChatBody = z.object({
  model: z.string(),
  messages: z.array(WireMessage).min(1),
  stream: z.boolean().nullish(),
  stream_options: z.object({ include_usage: z.boolean().nullish() }).nullish(),
  tools: z.array(WireTool).nullish(),
  tool_choice: z
    .union([
      z.enum(['auto', 'none', 'required']),
      z.object({ type: z.literal('function'), function: z.object({ name: z.string() }) }),
    ])
    .nullish(),
  response_format: z
    .discriminatedUnion('type', [
      z.object({ type: z.literal('text') }),
      z.object({ type: z.literal('json_object'), schema: z.record(z.string(), z.unknown()).optional() }),
      z.object({
        type: z.literal('json_schema'),
        json_schema: z.object({ schema: z.record(z.string(), z.unknown()), name: z.string().optional() }),
      }),
    ])
    .nullish(),
  temperature: z.number().min(0).max(5).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  seed: z.number().int().nullish(),
  max_tokens: z.number().int().positive().nullish(),
  max_completion_tokens: z.number().int().positive().nullish(),
  stop: z.union([z.string(), z.array(z.string()).max(16)]).nullish(),
  n: z.literal(1, { error: 'only one answer per request is made (n = 1)' }).nullish(),
})
export type ChatBody = z.infer<typeof ChatBody>

export const EmbeddingsBody = z.object({
  model: z.string(),
  input: z.union([z.string(), z.array(z.string()).min(1).max(2048)]),
  encoding_format: z.enum(['float', 'base64']).nullish(),
})

/** Parses a body; the first complaint becomes the sentence. */
export function parseBody<T>(schema: z.ZodType<T>, body: unknown): T {
  const result = schema.safeParse(body)
  if (result.success) return result.data
  const issue = result.error.issues[0]
  throw new Refusal('bad_request', `${issue?.path.join('.') || 'The request'}: ${issue?.message ?? 'is malformed'}.`)
}

/** Reads a chat body into the request an engine takes. `picture` turns a URL into what the engine is to see. */
export async function readChat(
  body: ChatBody,
  adapter: string | null,
  picture: (url: string) => Promise<Part>,
): Promise<ChatRequest> {
  const messages: Message[] = []
  for (const message of body.messages) {
    messages.push({
      role: message.role === 'developer' ? 'system' : message.role,
      content: await readContent(message.content ?? null, picture),
      toolCalls: (message.tool_calls ?? []).map(({ id, function: { name, arguments: given } }) => ({
        id,
        name,
        arguments: typeof given === 'string' ? given : JSON.stringify(given),
      })),
      toolCallId: message.role === 'tool' ? (message.tool_call_id ?? null) : null,
    })
  }
  const choice = body.tool_choice ?? 'auto'
  const format = body.response_format
  return {
    messages,
    tools: (body.tools ?? []).map(({ function: { name, description, parameters } }) => ({
      name,
      description: description ?? '',
      parameters: parameters ?? { type: 'object' },
    })),
    toolChoice: typeof choice === 'string' ? choice : { name: choice.function.name },
    schema:
      format?.type === 'json_schema'
        ? format.json_schema.schema
        : format?.type === 'json_object'
          ? (format.schema ?? { type: 'object' })
          : null,
    temperature: body.temperature ?? 0.15,
    topP: body.top_p ?? 1,
    seed: body.seed ?? null,
    maxTokens: body.max_completion_tokens ?? body.max_tokens ?? null,
    stop: typeof body.stop === 'string' ? [body.stop] : (body.stop ?? []),
    adapter,
  }
}

async function readContent(content: z.infer<typeof Content>, picture: (url: string) => Promise<Part>): Promise<Part[]> {
  if (content === null || content === undefined) return [{ type: 'text', text: '' }]
  if (typeof content === 'string') return [{ type: 'text', text: content }]
  const parts: Part[] = []
  for (const part of content) {
    if ('text' in part) parts.push({ type: 'text', text: part.text })
    else parts.push(await picture(typeof part.image_url === 'string' ? part.image_url : part.image_url.url))
  }
  return parts
}
