// Which wire a request came on and what it wants: one table of paths.
import { wires } from './wires/table.ts'
import type { Wire } from './wires/wire.ts'

export interface Route {
  wire: Wire
  wants: 'answer' | 'models' | 'count'
  /** Gemini says these in the path; null means the body says. */
  stream: boolean | null
  /** Gemini without `alt=sse` streams one JSON array. */
  framing: 'sse' | 'array'
}

interface Entry {
  method: string
  path: RegExp
  wire: keyof typeof wires
  wants: Route['wants']
  stream?: boolean
}

const entries: Entry[] = [
  { method: 'POST', path: /^(\/v1)?\/chat\/completions$/, wire: 'openai-chat', wants: 'answer' },
  { method: 'POST', path: /^(\/v1)?\/responses$/, wire: 'openai-responses', wants: 'answer' },
  { method: 'POST', path: /^(\/v1)?\/messages$/, wire: 'anthropic', wants: 'answer' },
  { method: 'POST', path: /^(\/v1)?\/messages\/count_tokens$/, wire: 'anthropic', wants: 'count' },
  {
    method: 'POST',
    path: /^\/v1(alpha|beta)?\/models\/[^/]+:generateContent$/,
    wire: 'gemini',
    wants: 'answer',
    stream: false,
  },
  {
    method: 'POST',
    path: /^\/v1(alpha|beta)?\/models\/[^/]+:streamGenerateContent$/,
    wire: 'gemini',
    wants: 'answer',
    stream: true,
  },
  { method: 'POST', path: /^\/v1(alpha|beta)?\/models\/[^/]+:countTokens$/, wire: 'gemini', wants: 'count' },
  { method: 'GET', path: /^\/v1(alpha|beta)\/models(\/[^/]+)?$/, wire: 'gemini', wants: 'models' },
  { method: 'GET', path: /^(\/v1)?\/models(\/.+)?$/, wire: 'openai-chat', wants: 'models' },
]

/** The route of a request, or null when there is none. */
export function routeOf(method: string, url: URL): Route | null {
  const entry = entries.find((one) => one.method === method && one.path.test(url.pathname))
  if (!entry) return null
  return {
    wire: wires[entry.wire],
    wants: entry.wants,
    stream: entry.stream ?? null,
    framing: entry.stream && url.searchParams.get('alt') !== 'sse' ? 'array' : 'sse',
  }
}

/** The wire to refuse in, for requests that have no route. */
export function wireOfPath(path: string): Wire {
  if (/^\/v1(alpha|beta)\//.test(path)) return wires.gemini
  return /\/messages/.test(path) ? wires.anthropic : wires['openai-chat']
}
