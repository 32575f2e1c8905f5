// OpenAI responses.
import type { Json, Loose } from '../../neutral.ts'
import { chat, writeError } from '../chat/wire.ts'
import { without, withParts } from '../confine.ts'
import type { Wire } from '../wire.ts'
import { createReader, readAnswer } from './read-answer.ts'
import { readRequest } from './read-request.ts'
import { createWriter, writeAnswer } from './write-answer.ts'
import { passRequest, writeRequest } from './write-request.ts'

/** Tiers multiply the price; work in the background would outlive the trial; stored prompts bring their own tools. */
const takenOut = ['service_tier', 'background', 'prompt']

/** Tools that the agent itself carries out. */
const ownTools = new Set(['function', 'custom', 'local_shell', 'shell', 'apply_patch'])

function confineTool(tool: Loose): Loose[] {
  if (tool?.type === 'namespace') return [{ ...tool, tools: (tool.tools ?? []).flatMap(confineTool) }]
  return ownTools.has(tool?.type) ? [tool] : []
}

function confinePart(part: Loose): Loose {
  if (part?.type === 'input_file') return { type: 'input_text', text: '[file left out by the house]' }
  if (part?.type !== 'input_image' || String(part.image_url).startsWith('data:')) return part
  return { type: 'input_text', text: '[remote image left out by the house]' }
}

function confine(body: Json): Json {
  const kept: Json = without(body, takenOut)
  if (Array.isArray(body.tools)) kept.tools = body.tools.flatMap(confineTool)
  if (Array.isArray(body.input)) {
    kept.input = withParts(withParts(body.input, 'content', confinePart), 'output', confinePart)
  }
  return kept
}

export const responses: Wire = {
  readRequest,
  writeRequest,
  passRequest,
  readAnswer,
  createReader,
  // What is done says the whole once more.
  telling: /"(response\.[a-z_.]*(done|completed|incomplete|failed)|error)"/,
  writeAnswer,
  createWriter,
  writeError,
  confine,
  headers: chat.headers,
  limit: (body, maxTokens) => ({ ...body, max_output_tokens: maxTokens }),
  passHeaders: ['openai-beta'],
}
