// Keeps a long session within the model's context: old steps become a ledger of what was done, one line each, so that
// the model neither forgets nor repeats them. No model is asked to summarise.
import type { ModelMessage } from 'ai'
import { clip } from './tools/tool.ts'

const charsPerToken = 3.5
const imageTokens = 1200
/** First line of the message that carries the ledger. */
const ledgerTitle = 'What you did so far, oldest first (older messages were removed to save space):'

/** Rough tokens of a request; `scale` is what the model reported against an earlier estimate. */
export function estimateTokens(system: string, messages: ModelMessage[], toolChars: number, scale: number): number {
  let chars = system.length + toolChars
  let images = 0
  for (const message of messages) {
    chars += 20
    if (typeof message.content === 'string') chars += message.content.length
    else
      for (const part of message.content) {
        if (part.type === 'file') images += 1
        else chars += JSON.stringify(part).length
      }
  }
  return Math.ceil((chars / charsPerToken) * scale) + images * imageTokens
}

/** A shorter history that fits `budget` tokens as well as it can; the first message, the task, always stays whole. */
export function compact(
  messages: ModelMessage[],
  budget: number,
  measure: (messages: ModelMessage[]) => number,
): ModelMessage[] {
  const trimmed = trimOutputs(messages)
  if (measure(trimmed) <= budget) return trimmed
  for (let keep = 12; keep >= 2; keep -= 2) {
    const cut = cutPoint(trimmed, trimmed.length - keep)
    const shorter = [...head(trimmed), ledgerMessage(trimmed.slice(1, cut)), ...trimmed.slice(cut)]
    if (cut > 1 && measure(shorter) <= budget) return shorter
  }
  const cut = cutPoint(trimmed, trimmed.length - 2)
  const shrunk = trimmed.slice(cut).map((message) => shrink(message, 1500))
  return [...head(trimmed), ledgerMessage(trimmed.slice(1, cut)), ...shrunk]
}

const head = (messages: ModelMessage[]): ModelMessage[] => messages.slice(0, 1)

/** Moves a cut so that a tool result never loses its call. */
function cutPoint(messages: ModelMessage[], wanted: number): number {
  let cut = Math.max(1, wanted)
  while (cut > 1 && messages[cut]?.role === 'tool') cut -= 1
  return cut
}

/** Long results of all but the last steps keep their beginning and end. */
function trimOutputs(messages: ModelMessage[]): ModelMessage[] {
  return messages.map((message, index) => (index < messages.length - 8 ? shrink(message, 800) : message))
}

function shrink(message: ModelMessage, max: number): ModelMessage {
  if (message.role !== 'tool') return message
  const content = message.content.map((part) => {
    if (part.type !== 'tool-result' || !('value' in part.output) || typeof part.output.value !== 'string') return part
    return { ...part, output: { ...part.output, value: clip(part.output.value, max) } as typeof part.output }
  })
  return { ...message, content }
}

function ledgerMessage(messages: ModelMessage[]): ModelMessage {
  const earlier: string[] = []
  const lines: string[] = []
  const results = new Map<string, string>()
  for (const message of messages) {
    if (message.role !== 'tool') continue
    for (const part of message.content) {
      if (part.type !== 'tool-result' || !('value' in part.output)) continue
      const last = String(part.output.value).trim().split('\n').at(-1) ?? ''
      results.set(part.toolCallId, `${part.output.type === 'error-text' ? 'failed' : 'ok'}: ${last.slice(0, 120)}`)
    }
  }
  for (const message of messages) {
    if (message.role === 'user') {
      const text = textOf(message)
      if (text.startsWith(ledgerTitle)) earlier.push(...text.split('\n').slice(1))
      else lines.push(`- The user said: ${quoteWhole(text.slice(0, 2000))}`)
    }
    if (message.role !== 'assistant' || typeof message.content === 'string') continue
    for (const part of message.content) {
      if (part.type === 'text' && part.text.trim())
        lines.push(`- You said: ${part.text.trim().replace(/\s+/g, ' ').slice(0, 200)}`)
      if (part.type === 'tool-call') {
        const input = JSON.stringify(part.input).slice(0, 200)
        lines.push(`- ${part.toolName} ${input} -> ${results.get(part.toolCallId) ?? 'no result'}`)
      }
    }
  }
  const all = [...earlier, ...lines]
  // A ledger that has itself grown long loses its middle, not its ends.
  return { role: 'user', content: `${ledgerTitle}\n${clip(all.join('\n'), 24_000)}` }
}

function textOf(message: ModelMessage): string {
  if (typeof message.content === 'string') return message.content
  return message.content.map((part) => (part.type === 'text' ? part.text : '')).join('\n')
}

/** Quoted text that was cut stays quoted: an opening mark or fence without its end gets one. */
function quoteWhole(text: string): string {
  let fence: string | null = null
  for (const [, marks = ''] of text.matchAll(/^(`{3,})/gm)) {
    if (fence === null) fence = marks
    else if (marks.length >= fence.length) fence = null
  }
  const opened = (text.match(/<untrusted\b/g) ?? []).length
  const closed = (text.match(/<\/untrusted>/g) ?? []).length
  return text + (fence ? `\n${fence}` : '') + '</untrusted>'.repeat(Math.max(0, opened - closed))
}
