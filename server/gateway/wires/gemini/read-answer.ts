// Gemini generateContent: what an endpoint answers, whole or as a stream.
import type { AnswerEvent, FinishReason, Json, Loose, TokenCount } from '../../neutral.ts'
import type { Frame } from '../wire.ts'

const reasons: Record<string, FinishReason> = { STOP: 'stop', MAX_TOKENS: 'length', MALFORMED_FUNCTION_CALL: 'stop' }

function readUsage(usage: Loose): Partial<TokenCount> {
  const cacheRead = usage.cachedContentTokenCount ?? 0
  return {
    input: Math.max(0, (usage.promptTokenCount ?? 0) + (usage.toolUsePromptTokenCount ?? 0) - cacheRead),
    cacheRead,
    output: (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0),
  }
}

function readBody(body: Json, state: { calls: number }): AnswerEvent[] {
  if (body.error) return [{ kind: 'error', sentence: String(body.error.message ?? 'The endpoint failed.') }]
  const candidate = body.candidates?.[0]
  const events: AnswerEvent[] = []
  for (const part of candidate?.content?.parts ?? []) {
    if (part.functionCall) {
      const { id, name, args } = part.functionCall
      const index = state.calls++
      const made = id || `call_${index}_${Math.random().toString(36).slice(2, 10)}`
      events.push({ kind: 'call', index, id: made, name })
      events.push({ kind: 'args', index, delta: JSON.stringify(args ?? {}) })
    } else if (part.text) events.push({ kind: part.thought ? 'reasoning' : 'text', delta: part.text })
  }
  if (body.usageMetadata) events.push({ kind: 'usage', count: readUsage(body.usageMetadata) })
  const blocked = body.promptFeedback?.blockReason
  const finish = candidate?.finishReason ?? (blocked ? 'SAFETY' : null)
  if (finish) {
    const reason = reasons[finish] ?? 'filter'
    events.push({ kind: 'finish', reason: state.calls > 0 && reason === 'stop' ? 'tool' : reason })
  }
  return events
}

export const readAnswer = (body: Json): AnswerEvent[] => readBody(body, { calls: 0 })

export function createReader(): (frame: Frame) => AnswerEvent[] {
  const state = { calls: 0 }
  return ({ data }) => (data === '' ? [] : readBody(JSON.parse(data), state))
}
