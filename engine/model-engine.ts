// The port of everything that answers as a model: a chat request in, pieces of an answer out.

export type Part =
  | { type: 'text'; text: string }
  /** `data` is the encoded picture (PNG or JPEG) as the engine is to see it, already within its size. */
  | { type: 'picture'; data: Uint8Array; mediaType: 'image/png' | 'image/jpeg' }

export interface ToolCall {
  id: string
  name: string
  /** JSON text. */
  arguments: string
}

export interface Message {
  role: 'system' | 'user' | 'assistant' | 'tool'
  content: Part[]
  toolCalls: ToolCall[]
  toolCallId: string | null
}

export type JsonSchema = boolean | { [key: string]: unknown }

export interface Tool {
  name: string
  description: string
  parameters: JsonSchema
}

export interface ChatRequest {
  messages: Message[]
  tools: Tool[]
  toolChoice: 'auto' | 'none' | 'required' | { name: string }
  /** The answer must be JSON that meets this schema. */
  schema: JsonSchema | null
  temperature: number
  topP: number
  seed: number | null
  /** Null means as much as the context holds. */
  maxTokens: number | null
  stop: string[]
  /** Name of an adapter of this model, or null. */
  adapter: string | null
}

export interface Usage {
  promptTokens: number
  cachedTokens: number
  completionTokens: number
}

export type ChatPiece =
  | { type: 'text'; text: string }
  | { type: 'calls'; calls: ToolCall[] }
  | { type: 'end'; reason: 'stop' | 'length' | 'tool_calls' | 'loop'; usage: Usage }

/** What a model can do once it is up. */
export interface Abilities {
  contextTokens: number | null
  seesImages: boolean
  embeds: boolean
  /** Tool ids must be nine letters and digits, roles must alternate: what templates of this family insist on. */
  strictRoles: boolean
}

/**
 * One model that answers. `chat` yields text and calls and ends with exactly one `end`; it stops soon after `signal`
 * aborts, and throws `Refusal` for what it cannot do. Nothing runs before the first call.
 */
export interface ModelEngine {
  readonly kind: 'llama-server' | 'in-process' | 'url'
  abilities(): Promise<Abilities>
  chat(request: ChatRequest, signal: AbortSignal): AsyncGenerator<ChatPiece>
  embed(texts: string[], signal: AbortSignal): Promise<{ vectors: number[][]; tokens: number }>
  /** Process ids it owns now, for measurements and for `doctor`. */
  processes(): number[]
  close(): Promise<void>
}
