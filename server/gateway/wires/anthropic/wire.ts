// Anthropic messages.
import type { Json, Loose } from '../../neutral.ts'
import { without, withParts } from '../confine.ts'
import type { RefusedCall, Wire } from '../wire.ts'
import { createReader, readAnswer } from './read-answer.ts'
import { readRequest } from './read-request.ts'
import { createWriter, writeAnswer } from './write-answer.ts'
import { passRequest, writeRequest } from './write-request.ts'

const errorTypes: Record<RefusedCall['kind'], string> = {
  auth: 'authentication_error',
  budget: 'billing_error',
  invalid: 'invalid_request_error',
  not_found: 'not_found_error',
  overflow: 'invalid_request_error',
  rate_limit: 'rate_limit_error',
  upstream: 'api_error',
}

const takenOut = ['service_tier', 'mcp_servers', 'container', 'metadata', 'inference_geo', 'speed']

/** Tools with a schema, and the provider's own that the agent carries out. */
const isOwnTool = (tool: Loose): boolean =>
  tool?.input_schema !== undefined || /^(custom|bash|text_editor|computer|memory|tool_search)/.test(tool?.type ?? '')

function confineBlock(block: Loose): Loose {
  if (Array.isArray(block?.content)) return { ...block, content: block.content.map(confineBlock) }
  const kind = block?.source?.type
  if (kind !== 'url' && kind !== 'file') return block
  return { type: 'text', text: `[remote ${block.type} left out by the house]` }
}

function confine(body: Json): Json {
  const kept = without(body, takenOut)
  if (Array.isArray(body.tools)) kept.tools = body.tools.filter(isOwnTool)
  if (Array.isArray(body.messages)) kept.messages = withParts(body.messages, 'content', confineBlock)
  return kept
}

export const anthropic: Wire = {
  readRequest,
  writeRequest,
  passRequest,
  readAnswer,
  createReader,
  telling: /"(message_start|message_delta|error)"/,
  writeAnswer,
  createWriter,
  confine,
  writeError: ({ kind, sentence }) => {
    // Agents know an overflow by these words.
    const message = kind === 'overflow' ? `prompt is too long: ${sentence}` : sentence
    return { type: 'error', error: { type: errorTypes[kind], message } }
  },
  limit: (body, maxTokens) => {
    // Thinking has to fit into the limit.
    const fits = !(body.thinking?.budget_tokens >= maxTokens)
    return { ...(fits ? body : without(body, ['thinking'])), max_tokens: maxTokens }
  },
  headers: (endpoint): Record<string, string> => ({
    'anthropic-version': '2023-06-01',
    ...(endpoint.apiKey ? { 'x-api-key': endpoint.apiKey } : {}),
  }),
  passHeaders: ['anthropic-version', 'anthropic-beta'],
}
