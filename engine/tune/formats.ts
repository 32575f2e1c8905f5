// How each trainer wants a line of its dataset. A table: a trainer that has no format for a method has no entry.
import type { Trainer, TuneMethod } from '@seatrial/protocol'
import type { Conversation, Preference, ToolDef, Turn, Verdict } from './records.ts'

type Line = Record<string, unknown>

interface Format {
  sft: (record: Conversation) => Line | Line[]
  dpo?: (record: Preference) => Line
  kto?: (record: Verdict) => Line
}

/** OpenAI and Mistral's own format carry arguments as JSON text; chat templates of trainers want the object. */
type Arguments = 'text' | 'object'
type Images = 'beside' | 'inside' | 'url'

function message(turn: Turn, args: Arguments, images: Images): Line {
  return {
    role: turn.role,
    content:
      turn.images.length === 0
        ? turn.content
        : [...turn.images.map(pictureParts[images]), { type: 'text', text: turn.content }],
    ...(turn.toolCalls.length === 0
      ? {}
      : {
          tool_calls: turn.toolCalls.map(({ id, name, arguments: given }) => ({
            id,
            type: 'function',
            function: { name, arguments: args === 'text' ? given : objectOf(given) },
          })),
        }),
    ...(turn.toolCallId === null ? {} : { tool_call_id: turn.toolCallId }),
  }
}

const pictureParts: Record<Images, (path: string) => Line> = {
  beside: () => ({ type: 'image' }),
  inside: (path) => ({ type: 'image', image: path }),
  url: (path) => ({ type: 'image_url', image_url: { url: path } }),
}

const tools = (defs: ToolDef[]) =>
  defs.length === 0 ? {} : { tools: defs.map((def) => ({ type: 'function', function: def })) }

const imagesOf = (turns: Turn[]) => {
  const paths = turns.flatMap(({ images }) => images)
  return paths.length === 0 ? {} : { images: paths }
}

/** A line for each turn of the assistant, with all that came before as its prompt: the loss is on that turn alone. */
function turnsOf({ messages, tools: defs }: Conversation): Line[] {
  return messages.flatMap((turn, at) =>
    turn.role === 'assistant' && at > 0
      ? [
          {
            prompt: messages.slice(0, at).map((each) => message(each, 'object', 'beside')),
            completion: [message(turn, 'object', 'beside')],
            ...tools(defs),
            ...imagesOf(messages.slice(0, at)),
          },
        ]
      : [],
  )
}

export const formats: Record<Trainer, Format> = {
  trl: {
    sft: turnsOf,
    dpo: ({ prompt, chosen, rejected, tools: defs }) => ({
      prompt: prompt.map((turn) => message(turn, 'object', 'beside')),
      chosen: chosen.map((turn) => message(turn, 'object', 'beside')),
      rejected: rejected.map((turn) => message(turn, 'object', 'beside')),
      ...tools(defs),
      ...imagesOf(prompt),
    }),
    kto: ({ prompt, completion, label, tools: defs }) => ({
      prompt: prompt.map((turn) => message(turn, 'object', 'beside')),
      completion: completion.map((turn) => message(turn, 'object', 'beside')),
      label,
      ...tools(defs),
    }),
  },
  axolotl: {
    sft: ({ messages, tools: defs }) => ({
      messages: messages.map((turn) => message(turn, 'object', 'inside')),
      ...tools(defs),
    }),
    dpo: ({ prompt, chosen, rejected }) => ({
      messages: prompt.map((turn) => message(turn, 'object', 'inside')),
      chosen: message(chosen[0]!, 'object', 'inside'),
      rejected: message(rejected[0]!, 'object', 'inside'),
    }),
  },
  // It trains by TRL's trainers, which it speeds up.
  unsloth: {
    sft: turnsOf,
    dpo: (record) => formats.trl.dpo!(record),
    kto: (record) => formats.trl.kto!(record),
  },
  openai: {
    sft: ({ messages, tools: defs }) => ({
      messages: messages.map((turn) => message(turn, 'text', 'url')),
      ...tools(defs),
    }),
    dpo: ({ prompt, chosen, rejected, tools: defs }) => ({
      input: { messages: prompt.map((turn) => message(turn, 'text', 'url')), ...tools(defs) },
      preferred_output: chosen.map((turn) => message(turn, 'text', 'url')),
      non_preferred_output: rejected.map((turn) => message(turn, 'text', 'url')),
    }),
  },
}

/** Lines of one record; none when the trainer has no such method. */
export function linesOf(trainer: Trainer, method: TuneMethod, record: Conversation | Preference | Verdict): Line[] {
  const made = formats[trainer][method]?.(record as never) ?? []
  return Array.isArray(made) ? made : [made]
}

function objectOf(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return { text }
  }
}
