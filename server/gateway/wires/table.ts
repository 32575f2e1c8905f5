// The wire formats.
import type { ModelEndpoint } from '../gateway.ts'
import { anthropic } from './anthropic/wire.ts'
import { chat } from './chat/wire.ts'
import { gemini } from './gemini/wire.ts'
import { responses } from './responses/wire.ts'
import type { Wire } from './wire.ts'

export const wires: Record<ModelEndpoint['wire'], Wire> = {
  'openai-chat': chat,
  'openai-responses': responses,
  anthropic,
  gemini,
}
