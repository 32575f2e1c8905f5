// Gemini generateContent.
import type { Json, Loose } from '../../neutral.ts'
import { without, withParts } from '../confine.ts'
import type { RefusedCall, Wire } from '../wire.ts'
import { createReader, readAnswer } from './read-answer.ts'
import { readRequest } from './read-request.ts'
import { createWriter, writeAnswer } from './write-answer.ts'
import { passRequest, writeRequest } from './write-request.ts'

const statuses: Record<RefusedCall['kind'], string> = {
  auth: 'UNAUTHENTICATED',
  budget: 'FAILED_PRECONDITION',
  invalid: 'INVALID_ARGUMENT',
  not_found: 'NOT_FOUND',
  overflow: 'INVALID_ARGUMENT',
  rate_limit: 'RESOURCE_EXHAUSTED',
  upstream: 'INTERNAL',
}

const takenOut = ['cachedContent', 'labels', 'serviceTier']

function confinePart(part: Loose): Loose {
  return part?.fileData || part?.file_data ? { text: '[remote file left out by the house]' } : part
}

/** The endpoint takes its fields in either spelling; what is taken out or limited must have one. */
const inCamel = (fields: Json): Json =>
  Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name.replace(/_([a-z])/g, (_, next) => next.toUpperCase()), value]),
  )

/** Only declared functions: searching, reading addresses and running code would happen outside the house. */
function confine(asked: Json): Json {
  const body = inCamel(asked)
  const kept = without(body, takenOut)
  if (Array.isArray(body.tools)) {
    kept.tools = body.tools.flatMap((tool: Loose) => {
      const functionDeclarations = tool?.functionDeclarations ?? tool?.function_declarations
      return functionDeclarations ? [{ functionDeclarations }] : []
    })
    if (kept.tools.length === 0) delete kept.tools
  }
  if (body.generationConfig) kept.generationConfig = without(inCamel(body.generationConfig), ['candidateCount'])
  if (Array.isArray(body.contents)) kept.contents = withParts(body.contents, 'parts', confinePart)
  return kept
}

export const gemini: Wire = {
  readRequest,
  writeRequest,
  passRequest,
  readAnswer,
  createReader,
  telling: /"(usageMetadata|finishReason|blockReason|error)"/,
  writeAnswer,
  createWriter,
  confine,
  writeError: ({ kind, status, sentence }) => {
    const prefix = kind === 'overflow' ? 'The input token count exceeds the maximum number of tokens allowed. ' : ''
    return { error: { code: status, message: prefix + sentence, status: statuses[kind] } }
  },
  limit: (body, maxTokens) => ({
    ...body,
    generationConfig: { ...body.generationConfig, maxOutputTokens: maxTokens },
  }),
  headers: (endpoint): Record<string, string> => (endpoint.apiKey ? { 'x-goog-api-key': endpoint.apiKey } : {}),
  passHeaders: [],
}
