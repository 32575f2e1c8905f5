// Gemini generateContent.
import {
  type Conversation,
  frame,
  type Loose,
  readContent,
  type Said,
  type Turn,
  type Wire,
  words,
} from '../conversation.ts'

function readEntry(entry: Loose): Said[] {
  const said: Said[] = []
  const plain = (entry.parts ?? []).filter((part: Loose) => !part.functionResponse && !part.functionCall)
  for (const part of entry.parts ?? []) {
    if (part.functionResponse) {
      said.push({ role: 'tool', text: JSON.stringify(part.functionResponse.response ?? null), images: 0 })
    }
  }
  if (plain.length > 0) said.push({ role: entry.role === 'model' ? 'assistant' : 'user', ...readContent(plain) })
  return said
}

const usage = (turn: Turn) =>
  turn.usage
    ? {
        usageMetadata: {
          promptTokenCount: turn.usage.input + turn.usage.cacheRead + turn.usage.cacheWrite,
          cachedContentTokenCount: turn.usage.cacheRead,
          candidatesTokenCount: turn.usage.output,
          totalTokenCount: turn.usage.input + turn.usage.cacheRead + turn.usage.cacheWrite + turn.usage.output,
        },
      }
    : {}

const answer = (turn: Turn, parts: object[], last: boolean) => ({
  candidates: [{ index: 0, content: { role: 'model', parts }, ...(last ? { finishReason: 'STOP' } : {}) }],
  modelVersion: turn.model,
  responseId: turn.id,
  ...(last ? usage(turn) : {}),
})

const thoughts = (turn: Turn) => words(turn.reasoning).map((text) => ({ text, thought: true }))
const calls = (turn: Turn) =>
  turn.calls.map((call) => ({ functionCall: { id: call.id, name: call.name, args: call.args } }))

export const gemini: Wire = {
  read: (body, url): Conversation => ({
    model: /models\/([^:/]+)/.exec(url.pathname)?.[1] ?? '',
    stream: /:streamGenerateContent$/.test(url.pathname),
    wantsUsage: true,
    said: [
      ...(body.systemInstruction
        ? [{ role: 'system' as const, ...readContent(body.systemInstruction.parts ?? body.systemInstruction) }]
        : []),
      ...(body.contents ?? []).flatMap(readEntry),
    ],
    tools: (body.tools ?? []).flatMap((tool: Loose) =>
      (tool.functionDeclarations ?? []).map((declared: Loose) => ({
        name: declared.name,
        schema: declared.parametersJsonSchema ?? declared.parameters ?? {},
      })),
    ),
  }),

  json: (turn) => answer(turn, [...thoughts(turn), ...(turn.text ? [{ text: turn.text }] : []), ...calls(turn)], true),

  *stream(turn) {
    for (const part of thoughts(turn)) yield frame(answer(turn, [part], false))
    for (const text of words(turn.text)) yield frame(answer(turn, [{ text }], false))
    for (const part of calls(turn)) yield frame(answer(turn, [part], false))
    yield frame(answer(turn, [{ text: '' }], true))
  },

  error: (status, message) => ({
    error: { code: status, message, status: status === 429 ? 'RESOURCE_EXHAUSTED' : 'INTERNAL' },
  }),
}
