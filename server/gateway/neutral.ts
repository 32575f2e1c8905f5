// The one form that all wire formats are translated through: a request, and an answer as a list of events.

// biome-ignore lint/suspicious/noExplicitAny: JSON off a wire, read defensively field by field
export type Loose = any
export type Json = Record<string, Loose>

export type Part =
  | { kind: 'text'; text: string }
  /** Inline only; remote addresses are taken out before. Base64. */
  | { kind: 'image'; mediaType: string; data: string }

export interface Call {
  id: string
  name: string
  /** JSON text, possibly broken: models write it. */
  args: string
}

export type Message =
  | { role: 'user'; parts: Part[] }
  | { role: 'assistant'; text: string; calls: Call[] }
  | { role: 'tool'; id: string; name: string; parts: Part[]; failed: boolean }

export interface Tool {
  /** Name on wires without namespaces. */
  name: string
  description: string
  /** JSON schema of the arguments. */
  schema: Json
  /** Responses API: takes one free text; elsewhere a function with the one argument `input`. */
  freeText: boolean
  /** Responses API: the namespace and the name inside it. */
  inner: { namespace: string; name: string } | null
}

export interface NeutralRequest {
  /** The model the agent asked for; only echoed. */
  asked: string
  stream: boolean
  /** OpenAI chat: usage in the stream only when asked. */
  wantsUsage: boolean
  system: string[]
  messages: Message[]
  tools: Tool[]
  toolChoice: 'auto' | 'none' | 'required' | { name: string }
  maxTokens: number | null
  temperature: number | null
  topP: number | null
  stop: string[]
  /** The answer must be JSON, of this schema when given. */
  json: { schema: Json | null } | null
  effort: string | null
}

/** `input` excludes both cache counts; `cacheWrite` includes `cacheWrite1h`. */
export interface TokenCount {
  input: number
  cacheRead: number
  cacheWrite: number
  cacheWrite1h: number
  output: number
}
export const noTokens: TokenCount = { input: 0, cacheRead: 0, cacheWrite: 0, cacheWrite1h: 0, output: 0 }

export type FinishReason = 'stop' | 'length' | 'tool' | 'filter'

export type AnswerEvent =
  | { kind: 'text'; delta: string }
  | { kind: 'reasoning'; delta: string }
  | { kind: 'call'; index: number; id: string; name: string }
  | { kind: 'args'; index: number; delta: string }
  /** Later counts replace earlier ones, field by field. */
  | { kind: 'usage'; count: Partial<TokenCount> }
  | { kind: 'finish'; reason: FinishReason }
  | { kind: 'error'; sentence: string }

export interface Answer {
  text: string
  reasoning: string
  calls: Call[]
  usage: TokenCount
  reason: FinishReason
}

/** Puts events together into a whole answer. */
export function fold(events: AnswerEvent[]): Answer {
  const answer: Answer = { text: '', reasoning: '', calls: [], usage: noTokens, reason: 'stop' }
  const byIndex = new Map<number, Call>()
  for (const event of events) {
    if (event.kind === 'text') answer.text += event.delta
    else if (event.kind === 'reasoning') answer.reasoning += event.delta
    else if (event.kind === 'usage') answer.usage = { ...answer.usage, ...event.count }
    else if (event.kind === 'finish') answer.reason = event.reason
    else if (event.kind === 'args') {
      const call = byIndex.get(event.index)
      if (call) call.args += event.delta
    } else if (event.kind === 'call') {
      const call = { id: event.id, name: event.name, args: '' }
      byIndex.set(event.index, call)
      answer.calls.push(call)
    }
  }
  return answer
}

/** The same answer in fewer events: words that came together go on together. */
export function joined(events: AnswerEvent[]): AnswerEvent[] {
  if (events.length < 2) return events
  const fewer: AnswerEvent[] = []
  for (const event of events) {
    const last = fewer.at(-1)
    const more =
      last?.kind === event.kind &&
      (last.kind === 'text' ||
        last.kind === 'reasoning' ||
        (last.kind === 'args' && last.index === (event as typeof last).index))
    if (more) fewer[fewer.length - 1] = { ...last, delta: last.delta + (event as typeof last).delta }
    else fewer.push(event)
  }
  return fewer
}

export const textOf = (parts: Part[]): string =>
  parts.flatMap((part) => (part.kind === 'text' ? [part.text] : [])).join('\n')

/** Arguments as an object, whatever the model wrote. */
export function argsObject(args: string): Json {
  try {
    const value = JSON.parse(args || '{}')
    return value !== null && typeof value === 'object' && !Array.isArray(value) ? value : { value }
  } catch {
    return { invalid_json: args }
  }
}

/** The image of a `data:` address, or null for any other address. */
export function dataImage(url: unknown): Part | null {
  const found = typeof url === 'string' ? /^data:([\w/+.-]+);base64,(.*)$/s.exec(url) : null
  return found ? { kind: 'image', mediaType: found[1]!, data: found[2]! } : null
}

export const leftOut = (what: string): Part => ({ kind: 'text', text: `[${what} left out by the house]` })

export const freeTextSchema: Json = {
  type: 'object',
  properties: { input: { type: 'string' } },
  required: ['input'],
}

/** Stands in where nothing is translated. */
export const emptyRequest: NeutralRequest = {
  asked: '',
  stream: true,
  wantsUsage: false,
  system: [],
  messages: [],
  tools: [],
  toolChoice: 'auto',
  maxTokens: null,
  temperature: null,
  topP: null,
  stop: [],
  json: null,
  effort: null,
}
