// What an agent is told when it asks for models: the one it gets, whatever it asks for.
import type { ModelEndpoint } from './gateway.ts'
import type { Json } from './neutral.ts'
import { wires } from './wires/table.ts'
import type { Wire } from './wires/wire.ts'

/** OpenAI's and Anthropic's lists share a path; one object satisfies both. */
export function writeModels(wire: Wire, endpoint: ModelEndpoint, one: boolean): Json {
  if (wire === wires.gemini) {
    const model = {
      name: `models/${endpoint.name}`,
      displayName: endpoint.name,
      ...(endpoint.contextTokens ? { inputTokenLimit: endpoint.contextTokens } : {}),
      supportedGenerationMethods: ['generateContent', 'countTokens'],
    }
    return one ? model : { models: [model] }
  }
  const model = {
    id: endpoint.name,
    object: 'model',
    type: 'model',
    display_name: endpoint.name,
    created: 0,
    created_at: '1970-01-01T00:00:00Z',
    owned_by: 'seatrial',
    ...(endpoint.contextTokens ? { context_length: endpoint.contextTokens } : {}),
  }
  if (one) return model
  return { object: 'list', data: [model], has_more: false, first_id: model.id, last_id: model.id }
}

export const writeCount = (wire: Wire, tokens: number): Json =>
  wire === wires.gemini ? { totalTokens: tokens } : { input_tokens: tokens }
