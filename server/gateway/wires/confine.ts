// What confining a request comes to on every wire: fields left out, and the parts of messages gone through.
import type { Json, Loose } from '../neutral.ts'

export function without(body: Json, keys: readonly string[]): Json {
  const kept = { ...body }
  for (const key of keys) delete kept[key]
  return kept
}

/** The messages with each part below `key` made anew; those that hold none there stay as they are. */
export const withParts = (messages: Loose[], key: string, part: (one: Loose) => Loose): Loose[] =>
  messages.map((message) => (Array.isArray(message?.[key]) ? { ...message, [key]: message[key].map(part) } : message))
