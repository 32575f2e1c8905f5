// Pieces of an answer as one OpenAI completion, or as a stream of chunks.
import type { ChatPiece, ToolCall, Usage } from '../model-engine.ts'
import { errorBody } from './errors.ts'

type Over = (usage: Usage | null) => void

const newCompletionId = () => `chatcmpl-${crypto.randomUUID().replaceAll('-', '')}`
const now = () => Math.floor(Date.now() / 1000)

/** OpenAI has no word for an answer stopped because it went round in circles; `length` is the nearest. */
const finishReason = { stop: 'stop', length: 'length', tool_calls: 'tool_calls', loop: 'length' } as const

function wireUsage(usage: Usage) {
  return {
    prompt_tokens: usage.promptTokens,
    completion_tokens: usage.completionTokens,
    total_tokens: usage.promptTokens + usage.completionTokens,
    prompt_tokens_details: { cached_tokens: usage.cachedTokens },
  }
}

const wireCall = (call: ToolCall) => ({
  id: call.id,
  type: 'function' as const,
  function: { name: call.name, arguments: call.arguments },
})

/** Gathers a whole answer. `over` is told exactly once, with null when it failed. */
export async function completion(model: string, pieces: AsyncIterable<ChatPiece>, over: Over): Promise<object> {
  let text = ''
  const calls: ToolCall[] = []
  let end: Extract<ChatPiece, { type: 'end' }> | null = null
  try {
    for await (const piece of pieces) {
      if (piece.type === 'text') text += piece.text
      else if (piece.type === 'calls') calls.push(...piece.calls)
      else end = piece
    }
  } finally {
    over(end?.usage ?? null)
  }
  return {
    id: newCompletionId(),
    object: 'chat.completion',
    created: now(),
    model,
    choices: [
      {
        index: 0,
        message: {
          role: 'assistant',
          content: text === '' && calls.length > 0 ? null : text,
          ...(calls.length > 0 ? { tool_calls: calls.map(wireCall) } : {}),
        },
        finish_reason: end ? finishReason[end.reason] : 'stop',
        logprobs: null,
      },
    ],
    usage: wireUsage(end?.usage ?? { promptTokens: 0, cachedTokens: 0, completionTokens: 0 }),
  }
}

/**
 * Starts the answer and resolves once its first piece is there, so that a refusal still becomes an HTTP status.
 * Cancelling the stream, which a client does by going away, stops the engine.
 */
export async function completionStream(options: {
  model: string
  pieces: AsyncGenerator<ChatPiece>
  usage: boolean
  over: Over
  stop: AbortController
  bug(error: unknown): void
}): Promise<ReadableStream<Uint8Array>> {
  const { pieces } = options
  const head = JSON.stringify({
    id: newCompletionId(),
    object: 'chat.completion.chunk',
    created: now(),
    model: options.model,
  }).slice(0, -1)
  const encoder = new TextEncoder()
  const chunk = (delta: string, finish: string) =>
    encoder.encode(`data: ${head},"choices":[{"index":0,"delta":${delta},"finish_reason":${finish}}]}\n\n`)
  let usage: Usage | null = null
  let first: IteratorResult<ChatPiece> | null
  try {
    first = await pieces.next()
  } catch (error) {
    options.over(null)
    throw error
  }

  const write = (piece: ChatPiece, controller: ReadableStreamDefaultController<Uint8Array>) => {
    if (piece.type === 'text') controller.enqueue(chunk(`{"content":${JSON.stringify(piece.text)}}`, 'null'))
    else if (piece.type === 'calls') {
      const calls = piece.calls.map((call, index) => ({ index, ...wireCall(call) }))
      controller.enqueue(chunk(JSON.stringify({ tool_calls: calls }), 'null'))
    } else {
      usage = piece.usage
      controller.enqueue(chunk('{}', JSON.stringify(finishReason[piece.reason])))
      if (!options.usage) return
      const text = JSON.stringify(wireUsage(piece.usage))
      controller.enqueue(encoder.encode(`data: ${head},"choices":[],"usage":${text}}\n\n`))
    }
  }

  let closed = false
  const close = () => {
    if (!closed) options.over(usage)
    closed = true
  }
  return new ReadableStream<Uint8Array>(
    {
      start(controller) {
        controller.enqueue(chunk('{"role":"assistant","content":""}', 'null'))
      },
      async pull(controller) {
        try {
          const next = first ?? (await pieces.next())
          first = null
          if (!next.done) return write(next.value, controller)
          controller.enqueue(encoder.encode('data: [DONE]\n\n'))
          controller.close()
          close()
        } catch (error) {
          const { status, body } = errorBody(error)
          if (status === 500) options.bug(error)
          usage = null
          close()
          controller.enqueue(encoder.encode(`data: ${JSON.stringify(body)}\n\n`))
          controller.close()
        }
      },
      async cancel() {
        options.stop.abort()
        close()
        await pieces.return(undefined).catch(() => undefined)
      },
    },
    { highWaterMark: 16 },
  )
}
