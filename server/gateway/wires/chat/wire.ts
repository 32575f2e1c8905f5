// OpenAI chat completions.
import type { Json, Loose } from '../../neutral.ts'
import { without, withParts } from '../confine.ts'
import type { RefusedCall, Wire } from '../wire.ts'
import { createReader, readAnswer } from './read-answer.ts'
import { readRequest } from './read-request.ts'
import { createWriter, writeAnswer } from './write-answer.ts'
import { maxTokensKey, passRequest, writeRequest } from './write-request.ts'

export const errorTypes: Record<RefusedCall['kind'], { type: string; code: string | null }> = {
  auth: { type: 'authentication_error', code: 'invalid_api_key' },
  budget: { type: 'insufficient_quota', code: 'budget_spent' },
  invalid: { type: 'invalid_request_error', code: null },
  not_found: { type: 'invalid_request_error', code: 'not_found' },
  overflow: { type: 'invalid_request_error', code: 'context_length_exceeded' },
  rate_limit: { type: 'rate_limit_error', code: 'rate_limit_exceeded' },
  upstream: { type: 'server_error', code: null },
}

export const writeError = ({ kind, sentence }: RefusedCall): Json => ({
  error: { message: sentence, ...errorTypes[kind], param: null },
})

/** Some multiply the price, `n_predict` is a second output limit, `lora` is the contender's, the rest lets the provider act. */
const takenOut = [
  'n',
  'best_of',
  'n_predict',
  'lora',
  'service_tier',
  'web_search_options',
  'plugins',
  'store',
  'metadata',
  'models',
  'route',
]

function confinePart(part: Loose): Loose {
  if (part?.type === 'file') return { type: 'text', text: '[file left out by the house]' }
  const url = part?.image_url?.url ?? part?.image_url
  if (part?.type !== 'image_url' || String(url).startsWith('data:')) return part
  return { type: 'text', text: '[remote image left out by the house]' }
}

function confine(body: Json): Json {
  const kept = without(body, takenOut)
  if (Array.isArray(body.tools)) {
    kept.tools = body.tools.filter((tool: Loose) => tool?.type === 'function' || tool?.type === 'custom')
    if (kept.tools.length === 0) return confine(without(kept, ['tools', 'tool_choice', 'parallel_tool_calls']))
  }
  if (Array.isArray(body.messages)) kept.messages = withParts(body.messages, 'content', confinePart)
  return kept
}

export const chat: Wire = {
  readRequest,
  writeRequest,
  passRequest,
  readAnswer,
  createReader,
  telling: /"usage":\s*\{|"finish_reason":\s*"|"error":/,
  writeAnswer,
  createWriter,
  writeError,
  confine,
  headers: (endpoint): Record<string, string> =>
    endpoint.apiKey ? { authorization: `Bearer ${endpoint.apiKey}` } : {},
  isUnasked: ({ data }) => data.includes('"usage"') && /"choices":\s*\[\s*\]/.test(data),
  limit: (body, maxTokens, endpoint) => ({
    ...without(body, ['max_tokens', 'max_completion_tokens']),
    [maxTokensKey(endpoint)]: maxTokens,
  }),
  passHeaders: [],
}
