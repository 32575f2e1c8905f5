// How families of models write tool calls. A table: the engine picks the first dialect whose mark the template holds.
import type { ToolCall } from '../model-engine.ts'

type Call = Omit<ToolCall, 'id'>

export interface Dialect {
  name: string
  /** Found in the chat template of models that speak it. */
  mark: RegExp
  /** What a call starts with; text before it is prose. */
  start: string
  /** Put behind the prompt when a call is demanded, so that the model knows where it is; one JSON call follows. */
  forced: string
  /** Reads everything from `start` on; null when it is not a whole call. */
  read(text: string): Call[] | null
  /** Whether ids must be nine letters and digits, and user and assistant must alternate. */
  strict: boolean
}

export const dialects: Dialect[] = [
  {
    // Mistral Small 3.2, Devstral, Ministral 3: [TOOL_CALLS]name[CALL_ID]id[ARGS]{}
    name: 'mistral-args',
    mark: /\[ARGS\]/,
    start: '[TOOL_CALLS]',
    forced: '[TOOL_CALLS]',
    strict: true,
    read: (text) =>
      whole(
        text
          .split('[TOOL_CALLS]')
          .slice(1)
          .map((part) => {
            const [head = '', body] = part.split('[ARGS]')
            const value = body === undefined ? null : parse(body)
            return value === null
              ? null
              : { name: head.split('[CALL_ID]')[0]!.trim(), arguments: JSON.stringify(value) }
          }),
      ),
  },
  {
    // Mistral Small 3.1 (V7): [TOOL_CALLS][{"name": "...", "arguments": {...}}]
    name: 'mistral-list',
    mark: /\[TOOL_CALLS\]/,
    start: '[TOOL_CALLS]',
    forced: '[TOOL_CALLS][',
    strict: true,
    read: (text) => callsIn(parse(text.slice(text.indexOf('[TOOL_CALLS]') + '[TOOL_CALLS]'.length))),
  },
  {
    // Qwen and others: <tool_call>{"name": "...", "arguments": {...}}</tool_call>
    name: 'tagged',
    mark: /<tool_call>/,
    start: '<tool_call>',
    forced: '<tool_call>\n',
    strict: false,
    read: (text) =>
      whole(
        [...text.matchAll(/<tool_call>([\s\S]*?)<\/tool_call>/g)].map(
          (match) => callsIn(parse(match[1]!))?.[0] ?? null,
        ),
      ),
  },
  {
    name: 'bare',
    mark: /(?:)/,
    start: '{"name":',
    forced: '',
    strict: false,
    read: (text) => callsIn(parse(text)),
  },
]

/** The dialect a chat template speaks. */
export function dialectOf(template: string): Dialect {
  return dialects.find(({ mark }) => mark.test(template))!
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text.trim())
  } catch {
    return null
  }
}

function whole(calls: (Call | null)[]): Call[] | null {
  const known = calls.filter((call) => call !== null)
  return known.length > 0 && known.length === calls.length ? known : null
}

/** Reads `{name, arguments}` or a list of them. */
export function callsIn(value: unknown): Call[] | null {
  const items = Array.isArray(value) ? value : [value]
  return whole(
    items.map((item) => {
      const { name, arguments: input, parameters } = (item ?? {}) as Record<string, unknown>
      if (typeof name !== 'string') return null
      const given = input ?? parameters ?? {}
      return { name, arguments: typeof given === 'string' ? given : JSON.stringify(given) }
    }),
  )
}
