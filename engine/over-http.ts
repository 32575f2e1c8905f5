// Any OpenAI-compatible address as an engine: vLLM, SGLang, llama-server, Ray Serve, Ollama, LM Studio, Mistral's API.
import { Refusal } from '@seatrial/protocol'
import { unspelled } from './chat/template.ts'
import type { Abilities, ChatPiece, ChatRequest, Message, ModelEngine, ToolCall, Usage } from './model-engine.ts'

export interface HttpEngine {
  kind: 'url' | 'llama-server'
  /** With `/v1`, e.g. `http://127.0.0.1:8000/v1`. Awaited before each request, so a supervised server can start here. */
  baseUrl(): Promise<string>
  apiKey(): Promise<string | null>
  model: string
  abilities: Abilities
  /** What a request carries to wear an adapter: vLLM takes its name as the model's, llama-server a list of scales. */
  wear(adapter: string | null): Record<string, unknown>
  /** Control tokens of the model, kept out of what people wrote; none where only the other side knows them. */
  controls?: ReadonlySet<string>
  processes(): number[]
  close(): Promise<void>
}

export function overHttp(options: HttpEngine): ModelEngine {
  async function post(path: string, body: object, signal: AbortSignal): Promise<Response> {
    const baseUrl = await options.baseUrl()
    const apiKey = await options.apiKey()
    let response: Response
    try {
      response = await fetch(baseUrl + path, {
        method: 'POST',
        redirect: 'error',
        signal,
        headers: {
          'content-type': 'application/json',
          ...(apiKey === null ? {} : { authorization: `Bearer ${apiKey}` }),
        },
        body: JSON.stringify(body),
      })
    } catch (error) {
      if (signal.aborted) throw error
      throw new Refusal('unavailable', `No engine answers at ${baseUrl}.`)
    }
    if (response.ok) return response
    const { error } = ((await response.json().catch(() => null)) as { error?: WireError } | null) ?? {}
    throw refusalOf(response.status, error, baseUrl)
  }

  return {
    kind: options.kind,
    abilities: async () => options.abilities,
    processes: options.processes,
    close: options.close,
    async embed(texts, signal) {
      const response = await post('/embeddings', { model: options.model, input: texts }, signal)
      const body = (await response.json()) as { data: { embedding: number[] }[]; usage?: { prompt_tokens?: number } }
      return { vectors: body.data.map(({ embedding }) => embedding), tokens: body.usage?.prompt_tokens ?? 0 }
    },
    async *chat(request, signal) {
      const messages = unspelledIn(request.messages, options.controls ?? new Set())
      const body = { ...wireBody({ ...request, messages }), model: options.model, ...options.wear(request.adapter) }
      yield* readChunks(await post('/chat/completions', body, signal), signal)
    },
  }
}

const codeOf: Record<number, 'unauthenticated' | 'forbidden' | 'not_found' | 'too_many'> = {
  401: 'unauthenticated',
  403: 'forbidden',
  404: 'not_found',
  429: 'too_many',
}

interface WireError {
  message?: string
  type?: string
  code?: string | number
  n_prompt_tokens?: number
  n_ctx?: number
}

/** How servers say that a prompt is too long: llama-server by type, vLLM and OpenAI by code. */
const overflow = new Set(['exceed_context_size_error', 'context_length_exceeded'])

function refusalOf(status: number, error: WireError | undefined, baseUrl: string): Refusal {
  const { message, type, code, n_prompt_tokens: tokens, n_ctx: most } = error ?? {}
  if (overflow.has(type ?? '') || overflow.has(String(code))) {
    const counted = tokens !== undefined && most !== undefined
    return new Refusal(
      'too_large',
      counted
        ? `The prompt has ${tokens} tokens and the context holds ${most}.`
        : (message ?? 'The prompt is too long.'),
    )
  }
  if (status < 500 && /\bgrammar\b/i.test(message ?? '')) {
    return new Refusal('unprocessable', `The engine cannot hold answers to this JSON schema: ${message}.`)
  }
  const sentence = message ?? `The engine at ${baseUrl} answered ${status}.`
  return new Refusal(codeOf[status] ?? (status < 500 ? 'bad_request' : 'unavailable'), sentence)
}

function unspelledIn(messages: Message[], controls: ReadonlySet<string>): Message[] {
  if (controls.size === 0) return messages
  return messages.map((message) => ({
    ...message,
    content: message.content.map((part) =>
      part.type === 'text' ? { ...part, text: unspelled(part.text, controls) } : part,
    ),
    toolCalls: message.toolCalls.map((call) => ({ ...call, arguments: unspelled(call.arguments, controls) })),
  }))
}

function wireBody(request: ChatRequest): object {
  const choice = request.toolChoice
  return {
    messages: request.messages.map(wireMessage),
    stream: true,
    stream_options: { include_usage: true },
    temperature: request.temperature,
    top_p: request.topP,
    ...(request.seed === null ? {} : { seed: request.seed }),
    ...(request.maxTokens === null ? {} : { max_tokens: request.maxTokens }),
    ...(request.stop.length === 0 ? {} : { stop: request.stop }),
    ...(request.tools.length === 0
      ? {}
      : {
          tools: request.tools.map((tool) => ({ type: 'function', function: { ...tool } })),
          tool_choice: typeof choice === 'string' ? choice : { type: 'function', function: { name: choice.name } },
        }),
    ...(request.schema === null
      ? {}
      : {
          response_format: {
            type: 'json_schema',
            json_schema: { name: 'answer', schema: request.schema, strict: true },
          },
        }),
  }
}

function wireMessage(message: Message): object {
  const plain = message.content.every(({ type }) => type === 'text')
  return {
    role: message.role,
    content: plain
      ? message.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n')
      : message.content.map((part) =>
          part.type === 'text'
            ? part
            : {
                type: 'image_url',
                image_url: { url: `data:${part.mediaType};base64,${Buffer.from(part.data).toString('base64')}` },
              },
        ),
    ...(message.toolCallId === null ? {} : { tool_call_id: message.toolCallId }),
    ...(message.toolCalls.length === 0
      ? {}
      : {
          tool_calls: message.toolCalls.map(({ id, name, arguments: given }) => ({
            id,
            type: 'function',
            function: { name, arguments: given },
          })),
        }),
  }
}

interface WireChunk {
  choices?: {
    delta?: {
      content?: string | null
      tool_calls?: { index?: number; id?: string; function?: { name?: string; arguments?: string } }[]
    }
    finish_reason?: string | null
  }[]
  usage?: {
    prompt_tokens?: number
    completion_tokens?: number
    prompt_tokens_details?: { cached_tokens?: number } | null
  } | null
  /** llama-server's word on how much of the prompt it has read. */
  prompt_progress?: { total?: number; cache?: number }
  error?: { message?: string }
}

/** The pieces of an answer. One that is broken off by us still says what was read and written, where the server told. */
async function* readChunks(response: Response, signal: AbortSignal): AsyncGenerator<ChatPiece> {
  const read: Usage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 }
  try {
    yield* readWholeAnswer(response, read)
  } catch (error) {
    if (!signal.aborted || read.promptTokens === 0) throw error
    yield { type: 'end', reason: 'stop', usage: read }
  }
}

async function* readWholeAnswer(response: Response, read: Usage): AsyncGenerator<ChatPiece> {
  const calls: ToolCall[] = []
  let reason: 'stop' | 'length' | 'tool_calls' = 'stop'
  let usage: Usage = { promptTokens: 0, cachedTokens: 0, completionTokens: 0 }
  for await (const data of readEvents(response)) {
    if (data === '[DONE]') break
    let chunk: WireChunk
    try {
      chunk = JSON.parse(data)
    } catch {
      throw new Refusal('unavailable', 'The engine sent something that is no JSON in its stream.')
    }
    if (chunk.error) throw new Refusal('unavailable', chunk.error.message ?? 'The engine failed in mid-answer.')
    if (chunk.usage) {
      usage = {
        promptTokens: chunk.usage.prompt_tokens ?? 0,
        cachedTokens: chunk.usage.prompt_tokens_details?.cached_tokens ?? 0,
        completionTokens: chunk.usage.completion_tokens ?? 0,
      }
    }
    if (chunk.prompt_progress) {
      read.promptTokens = chunk.prompt_progress.total ?? 0
      read.cachedTokens = chunk.prompt_progress.cache ?? 0
    }
    const choice = chunk.choices?.[0]
    if (choice?.delta?.content) read.completionTokens++
    if (choice?.delta?.content) yield { type: 'text', text: choice.delta.content }
    for (const part of choice?.delta?.tool_calls ?? []) {
      const at = part.index ?? calls.length
      calls[at] ??= { id: '', name: '', arguments: '' }
      const call = calls[at]
      call.id ||= part.id ?? ''
      call.name += part.function?.name ?? ''
      call.arguments += part.function?.arguments ?? ''
    }
    if (choice?.finish_reason === 'length') reason = 'length'
  }
  const whole = calls.filter(Boolean)
  if (whole.length > 0) yield { type: 'calls', calls: whole }
  yield { type: 'end', reason: whole.length > 0 && reason === 'stop' ? 'tool_calls' : reason, usage }
}

async function* readEvents(response: Response): AsyncGenerator<string> {
  if (!response.body) return
  let buffer = ''
  const decoder = new TextDecoder()
  for await (const bytes of response.body as unknown as AsyncIterable<Uint8Array>) {
    buffer += decoder.decode(bytes, { stream: true }).replaceAll('\r', '')
    for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
      const lines = buffer.slice(0, end).split('\n')
      buffer = buffer.slice(end + 2)
      const data = lines.filter((each) => each.startsWith('data:')).map((each) => each.slice(5).trim())
      if (data.length > 0) yield data.join('\n')
    }
  }
}
