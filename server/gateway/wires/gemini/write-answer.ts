// Gemini generateContent: what an agent is answered, whole or as a stream. A call goes out in one piece.
import {
  type AnswerEvent,
  argsObject,
  type FinishReason,
  fold,
  type Json,
  type NeutralRequest,
  type TokenCount,
} from '../../neutral.ts'
import { writeFrame } from '../../sse.ts'
import type { StreamWriter } from '../wire.ts'

const reasons: Record<FinishReason, string> = { stop: 'STOP', tool: 'STOP', length: 'MAX_TOKENS', filter: 'SAFETY' }

const writeUsage = (count: TokenCount): Json => {
  const input = count.input + count.cacheRead + count.cacheWrite
  return {
    promptTokenCount: input,
    cachedContentTokenCount: count.cacheRead,
    candidatesTokenCount: count.output,
    totalTokenCount: input + count.output,
  }
}

const candidate = (parts: Json[], reason?: FinishReason): Json => ({
  candidates: [{ index: 0, content: { role: 'model', parts }, ...(reason ? { finishReason: reasons[reason] } : {}) }],
})

const callPart = ({ id, name, args }: { id: string; name: string; args: string }): Json => ({
  functionCall: { id, name, args: argsObject(args) },
})

export function writeAnswer(events: AnswerEvent[], _request: NeutralRequest, model: string): Json {
  const answer = fold(events)
  const parts = [
    ...(answer.reasoning ? [{ text: answer.reasoning, thought: true }] : []),
    ...(answer.text ? [{ text: answer.text }] : []),
    ...answer.calls.map(callPart),
  ]
  return { ...candidate(parts, answer.reason), usageMetadata: writeUsage(answer.usage), modelVersion: model }
}

export function createWriter(_request: NeutralRequest, model: string): StreamWriter {
  const kept: AnswerEvent[] = []
  let failed = false
  const say = (body: Json): string => writeFrame({ ...body, modelVersion: model })
  return {
    write: (event) => {
      if (event.kind === 'text') return say(candidate([{ text: event.delta }]))
      if (event.kind === 'reasoning') return say(candidate([{ text: event.delta, thought: true }]))
      if (event.kind === 'error') {
        failed = true
        return say({ error: { code: 500, message: event.sentence, status: 'INTERNAL' } })
      }
      kept.push(event)
      return ''
    },
    end: () => {
      if (failed) return ''
      const answer = fold(kept)
      const calls = answer.calls.length > 0 ? say(candidate(answer.calls.map(callPart))) : ''
      const last = candidate([{ text: '' }], answer.reason)
      return calls + say({ ...last, usageMetadata: writeUsage(answer.usage) })
    },
  }
}
