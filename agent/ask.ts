// One question to the model: streams its answer and returns it whole. Errors are thrown to `loop.ts`, which has the remedy.
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { jsonSchema, type LanguageModel, type ModelMessage, streamText, type ToolSet, tool } from 'ai'
import type { RemoteTool } from './mcp.ts'
import type { Settings } from './settings.ts'
import type { AgentTool } from './tools/tool.ts'

export interface Call {
  id: string
  tool: string
  input: unknown
  /** Why the call cannot be carried out, told to the model. */
  invalid: string | null
}

export interface Answer {
  text: string
  calls: Call[]
  /** `length` when the model ran out of room. */
  finish: string
  inputTokens: number | null
  outputTokens: number | null
}

export function openModel(settings: Settings): LanguageModel {
  // The library prints warnings to stdout, which is the protocol's.
  Object.assign(globalThis, { AI_SDK_LOG_WARNINGS: false })
  const { baseUrl: baseURL, apiKey, model } = settings
  return createOpenAICompatible({ name: 'house', baseURL, apiKey, includeUsage: true }).chatModel(model)
}

export function toolSet(own: readonly AgentTool<unknown>[], remote: readonly RemoteTool[]): ToolSet {
  const set: ToolSet = {}
  for (const { name, description, schema } of own) set[name] = tool({ description, inputSchema: schema })
  for (const { name, description, schema } of remote) set[name] = tool({ description, inputSchema: jsonSchema(schema) })
  return set
}

export async function askModel(options: {
  model: LanguageModel
  system: string
  messages: ModelMessage[]
  tools: ToolSet
  signal: AbortSignal
  onText(kind: 'text' | 'reasoning', text: string): void
}): Promise<Answer> {
  const answer: Answer = { text: '', calls: [], finish: '', inputTokens: null, outputTokens: null }
  const result = streamText({
    model: options.model,
    instructions: options.system,
    messages: options.messages,
    tools: options.tools,
    abortSignal: options.signal,
    maxRetries: 0,
    onError: () => undefined,
    repairToolCall: async ({ toolCall }) => {
      const input = mendJson(toolCall.input)
      return input === null ? null : { ...toolCall, input }
    },
  })
  for await (const part of result.fullStream) {
    if (part.type === 'text-delta') {
      answer.text += part.text
      options.onText('text', part.text)
    } else if (part.type === 'reasoning-delta') options.onText('reasoning', part.text)
    else if (part.type === 'tool-call') {
      const failed = 'invalid' in part && part.invalid ? String((part.error as Error)?.message ?? part.error) : null
      answer.calls.push({ id: part.toolCallId, tool: part.toolName, input: part.input, invalid: failed })
    } else if (part.type === 'finish-step') {
      answer.finish = part.finishReason
      answer.inputTokens = part.usage.inputTokens ?? null
      answer.outputTokens = part.usage.outputTokens ?? null
    } else if (part.type === 'error') throw part.error
    else if (part.type === 'abort') throw new DOMException('cancelled', 'AbortError')
  }
  if (!answer.finish) throw new Error("The model's stream ended early.")
  return answer
}

/** Mends what small models get wrong in JSON: trailing commas, a code fence around it, an end that is missing. */
export function mendJson(text: string): string | null {
  const bare = text.replace(/^\s*```(?:json)?\s*|\s*```\s*$/g, '').trim()
  for (const attempt of [bare || '{}', bare.replace(/,\s*([}\]])/g, '$1'), `${bare}}`, `${bare}"}`]) {
    try {
      const value: unknown = JSON.parse(attempt)
      if (typeof value === 'object' && value !== null) return JSON.stringify(value)
    } catch {
      // The next attempt.
    }
  }
  return null
}
