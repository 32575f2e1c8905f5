// Errors in the shape every OpenAI client understands.
import { Refusal, type RefusalCode } from '@seatrial/protocol'

const typeOf: Partial<Record<RefusalCode, { type: string; code: string | null }>> = {
  unauthenticated: { type: 'authentication_error', code: 'invalid_api_key' },
  not_found: { type: 'invalid_request_error', code: 'model_not_found' },
  too_large: { type: 'invalid_request_error', code: 'context_length_exceeded' },
  too_many: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  unavailable: { type: 'server_error', code: 'engine_unavailable' },
}

/** The wire body and HTTP status of an error. OpenAI has no 413 and 422; its clients expect 400. */
export function errorBody(error: unknown): { status: 400 | 401 | 403 | 404 | 429 | 500 | 503; body: object } {
  if (!(error instanceof Refusal)) {
    return {
      status: 500,
      body: shape('The engine has a bug; its log has the details.', 'server_error', 'internal_error'),
    }
  }
  const { type, code } = typeOf[error.code] ?? { type: 'invalid_request_error', code: error.code }
  const status = statusOf[error.status] ?? 400
  return { status, body: shape(error.message, type, code) }
}

const statusOf: Record<number, 401 | 403 | 404 | 429 | 503> = { 401: 401, 403: 403, 404: 404, 429: 429, 503: 503 }

function shape(message: string, type: string, code: string | null): object {
  return { error: { message, type, param: null, code } }
}
