// Renders a conversation with the model's own Jinja template into prompt segments. What people and tools wrote can
// never become a control token: text that spells one is cut out and marked.
import { Template } from '@huggingface/jinja'
import { Refusal } from '@seatrial/protocol'
import type { Message, Tool } from '../model-engine.ts'
import { pictureMark, type Segment } from '../native/messages.ts'

export interface ChatTemplate {
  source: string
  bos: string
  eos: string
  /** Texts of all control tokens, e.g. `[INST]`. */
  controls: ReadonlySet<string>
}

const opening = '\uE0F0'
const closing = '\uE0F1'

/** Renders messages; throws `Refusal('bad_request')` with the template's own complaint. */
export function render(template: ChatTemplate, messages: Message[], tools: Tool[]): Segment[] {
  const guard = guardOf(template.controls)
  let text: string
  try {
    text = compiled(template).render({
      messages: messages.map((message) => shape(message, guard)),
      tools: tools.length === 0 ? null : tools.map((tool) => ({ type: 'function', function: { ...tool } })),
      bos_token: template.bos,
      eos_token: template.eos,
      add_generation_prompt: true,
      enable_thinking: false,
    })
  } catch (error) {
    throw new Refusal(
      'bad_request',
      `The model's chat template did not accept the conversation: ${(error as Error).message}`,
    )
  }
  return cut(text)
}

const templates = new WeakMap<ChatTemplate, Template>()

function compiled(template: ChatTemplate): Template {
  const known = templates.get(template) ?? new Template(template.source)
  templates.set(template, known)
  return known
}

function shape(message: Message, guard: (text: string) => string) {
  const plain = message.content.every((part) => part.type === 'text')
  const content = plain
    ? message.content.map((part) => (part.type === 'text' ? guard(part.text) : '')).join('\n')
    : message.content.map((part) => ({
        type: 'text',
        text: part.type === 'text' ? guard(part.text) : pictureMark,
      }))
  return {
    role: message.role,
    content,
    ...(message.toolCallId === null ? {} : { tool_call_id: message.toolCallId }),
    ...(message.toolCalls.length === 0
      ? {}
      : {
          tool_calls: message.toolCalls.map((call) => ({
            id: call.id,
            type: 'function',
            function: { name: guard(call.name), arguments: guard(call.arguments) },
          })),
        }),
  }
}

/** Wraps stretches that spell a control token, or the mark of a picture, in two private characters. */
function guardOf(controls: ReadonlySet<string>): (text: string) => string {
  const spelled = [...controls, pictureMark].filter((token) => token.length > 1)
  return (text) => {
    let result = text.replaceAll(opening, '').replaceAll(closing, '')
    for (const token of spelled) {
      if (result.includes(token)) result = result.replaceAll(token, `${opening}${token}${closing}`)
    }
    return result
  }
}

/** For engines that read control tokens anywhere in a prompt: an invisible space keeps what people wrote from being one. */
export function unspelled(text: string, controls: ReadonlySet<string>): string {
  let result = text
  for (const token of controls) {
    if (token.length > 1 && result.includes(token)) {
      result = result.replaceAll(token, `${token.slice(0, 1)}\u200b${token.slice(1)}`)
    }
  }
  return result
}

function cut(text: string): Segment[] {
  const segments: Segment[] = []
  let rest = text
  while (rest !== '') {
    const start = rest.indexOf(opening)
    if (start < 0) return [...segments, { text: rest, control: true }]
    const end = rest.indexOf(closing, start)
    if (start > 0) segments.push({ text: rest.slice(0, start), control: true })
    segments.push({ text: rest.slice(start + 1, end).replaceAll(opening, ''), control: false })
    rest = rest.slice(end + 1).replace(/^\uE0F1+/, '')
  }
  return segments
}
