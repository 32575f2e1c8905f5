// What a request says, whatever wire it came on, and what is said back.
// biome-ignore lint/suspicious/noExplicitAny: JSON off a wire, read defensively field by field
export type Loose = any

export interface Said {
  role: 'system' | 'user' | 'assistant' | 'tool'
  text: string
  images: number
}

export interface OfferedTool {
  name: string
  /** Responses API: the namespace the tool sits in. */
  namespace?: string
  /** JSON schema of the arguments. */
  schema: ToolSchema
  /** Responses API: takes one free text instead of JSON. */
  freeText?: boolean
}

export interface ToolSchema {
  type?: string | string[]
  properties?: Record<string, ToolSchema>
  required?: string[]
  items?: ToolSchema
  anyOf?: ToolSchema[]
  enum?: unknown[]
}

export interface Conversation {
  model: string
  stream: boolean
  /** OpenAI chat streams usage only when asked. */
  wantsUsage: boolean
  said: Said[]
  tools: OfferedTool[]
}

export interface TurnCall {
  id: string
  name: string
  namespace?: string
  args: Record<string, unknown>
  /** JSON as sent on wires that send text; broken on purpose by the fault `badjson`. */
  argsText: string
  /** The text of a free-text tool. */
  freeText?: string
}

/** `input` excludes both cache counts. */
export interface TurnUsage {
  input: number
  cacheRead: number
  cacheWrite: number
  output: number
}

export interface Turn {
  id: string
  model: string
  text: string
  reasoning: string
  calls: TurnCall[]
  usage: TurnUsage | null
}

/** One wire format. */
export interface Wire {
  read(body: Record<string, Loose>, url: URL): Conversation
  /** The whole answer as JSON. */
  json(turn: Turn): unknown
  /** The answer as pieces of a server-sent stream. */
  stream(turn: Turn, conversation: Conversation): Generator<string>
  error(status: number, message: string): unknown
}

/** A frame of a server-sent stream. */
export const frame = (data: unknown, event?: string): string =>
  `${event ? `event: ${event}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`

/** Words with their trailing space, the scripted model's tokens. */
export const words = (text: string): string[] => text.match(/\S+\s*|\s+/g) ?? []

/** Text and number of images of a message's content on any wire. */
export function readContent(content: unknown): { text: string; images: number } {
  if (typeof content === 'string') return { text: content, images: 0 }
  if (Array.isArray(content)) {
    const parts = content.map(readContent)
    return {
      text: parts.map((part) => part.text).join('\n'),
      images: parts.reduce((sum, part) => sum + part.images, 0),
    }
  }
  if (content === null || typeof content !== 'object') return { text: '', images: 0 }
  const part = content as Record<string, Loose>
  if (/image/.test(String(part.type ?? '')) || part.inlineData || part.inline_data) return { text: '', images: 1 }
  if (typeof part.text === 'string') return { text: part.text, images: 0 }
  return part.content === undefined ? { text: '', images: 0 } : readContent(part.content)
}
