// Fills the {{holes}} of a catalog entry. A value with a hole that has no value is left out.
import type { Json } from './entry.ts'

export type HoleValues = Record<string, string | null>

/** The text with its holes filled, or null when one of them has no value. */
export function fillText(text: string, values: HoleValues): string | null {
  let missing = false
  const filled = text.replace(/\{\{([\w.]+)\}\}/g, (_, name: string) => {
    const value = values[name] ?? null
    if (value === null) missing = true
    return value ?? ''
  })
  return missing ? null : filled
}

/** Fills strings and keys deeply. `{{#name}}` alone stands for a number or boolean instead of text. */
export function fillJson(json: Json, values: HoleValues): Json {
  if (typeof json === 'string') {
    const bare = /^\{\{#(\w+)\}\}$/.exec(json)
    if (bare) return JSON.parse(values[bare[1] ?? ''] ?? 'null') as Json
    return fillText(json, values) ?? ''
  }
  if (Array.isArray(json)) return json.map((item) => fillJson(item, values))
  if (json === null || typeof json !== 'object') return json
  const entries = Object.entries(json).map(([key, value]) => [fillText(key, values) ?? key, fillJson(value, values)])
  return Object.fromEntries(entries) as Json
}
