// Decides what to do about a model call that failed. Pure, so that the table of cases is the test.
import { APICallError } from 'ai'

export type Remedy =
  | { do: 'wait'; ms: number; why: string }
  /** The request is too long: shorten the history and ask again. */
  | { do: 'shorten'; why: string }
  | { do: 'give up'; why: string }

const tooLong =
  /context.{0,20}(length|window|size)|too many tokens|maximum.{0,20}tokens|exceed.{0,30}context|prompt is too long/i
const maxPauseMs = 60_000

export function remedyFor(error: unknown, attempt: number, options: { retryMs: number; maxRetries: number }): Remedy {
  const call = findCallError(error)
  const why = call ? `${call.statusCode ?? 'no answer'}: ${call.message}` : messageOf(error)
  const status = call?.statusCode
  const body = `${call?.message ?? ''} ${call?.responseBody ?? ''}`
  if ((status === 400 || status === 413 || status === 422) && tooLong.test(body)) return { do: 'shorten', why }
  if (status === 413) return { do: 'shorten', why }
  // Answers to a dropped stream carry status 200: the request was fine, the line was not.
  const lasting = status !== undefined && status >= 400 && status < 500 && ![408, 409, 425, 429].includes(status)
  if (lasting || call?.responseHeaders?.['x-should-retry'] === 'false' || attempt > options.maxRetries)
    return { do: 'give up', why }
  const asked = retryAfterMs(call?.responseHeaders)
  return { do: 'wait', ms: Math.min(asked ?? options.retryMs * 2 ** (attempt - 1), maxPauseMs), why }
}

function findCallError(error: unknown): APICallError | null {
  for (
    let at = error, depth = 0;
    at && depth < 5;
    at = (at as { cause?: unknown; lastError?: unknown }).cause, depth += 1
  ) {
    if (APICallError.isInstance(at)) return at
  }
  return null
}

function retryAfterMs(headers: Record<string, string> | undefined): number | null {
  const ms = Number(headers?.['retry-after-ms'])
  if (Number.isFinite(ms) && ms > 0) return ms
  const text = headers?.['retry-after']
  if (!text) return null
  const seconds = Number(text)
  const wait = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(text) - Date.now()
  return wait >= 0 ? wait : null
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))
