// Reads a TOML file by a schema; every mistake is one sentence that names the file and the key.
import { readFile } from 'node:fs/promises'
import { Refusal } from '@seatrial/protocol'
import { parse, TomlError } from 'smol-toml'
import type { z } from 'zod'

/**
 * `shown` is how the file is called in sentences. Keys may be written `like_this`; `free` names tables
 * whose keys are the user's own and stay as written. `given` is what the file itself says. Null when there is none.
 */
export async function readToml<Schema extends z.ZodType>(
  file: string,
  shown: string,
  schema: Schema,
  free: readonly string[],
): Promise<{ value: z.output<Schema>; given: Record<string, unknown> } | null> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return null
    throw new Refusal('unprocessable', `${shown} cannot be read (${error.code}).`)
  })
  if (text === null) return null
  const raw = parseToml(text, shown)
  const given = camelKeys(raw, free) as Record<string, unknown>
  const result = schema.safeParse(given)
  if (!result.success) throw new Refusal('unprocessable', sentenceOf(result.error.issues[0]!, shown))
  return { value: result.data, given }
}

function parseToml(text: string, shown: string): Record<string, unknown> {
  try {
    return parse(text)
  } catch (error) {
    if (!(error instanceof TomlError)) throw error
    const why = error.message.split('\n')[0]!.replace(/^Invalid TOML document: /, '')
    throw new Refusal('unprocessable', `${shown}, line ${error.line}: ${why}.`)
  }
}

const camel = (key: string): string => key.replace(/_([a-z0-9])/g, (_, letter: string) => letter.toUpperCase())
const snake = (key: string): string => key.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)

function camelKeys(value: unknown, free: readonly string[]): unknown {
  if (Array.isArray(value)) return value.map((one) => camelKeys(one, free))
  if (value === null || typeof value !== 'object' || value instanceof Date) return value
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => {
      if (!free.includes(key)) return [camel(key), camelKeys(inner, free)]
      const entries = Object.entries(inner as object).map(([name, one]) => [name, camelKeys(one, free)])
      return [key, typeof inner === 'object' && !Array.isArray(inner) ? Object.fromEntries(entries) : inner]
    }),
  )
}

function sentenceOf(issue: z.core.$ZodIssue, shown: string): string {
  const path = issue.path.map((part) => (typeof part === 'string' ? snake(part) : String(part))).join('.')
  if (issue.code === 'unrecognized_keys') {
    const where = path ? ` in [${path}]` : ''
    return `${shown}: there is no key \`${snake(issue.keys[0]!)}\`${where}.`
  }
  const missing = issue.code === 'invalid_type' && /received undefined/.test(issue.message)
  if (missing) return `${shown}: \`${path}\` is missing.`
  const why = issue.message.replace(/^Invalid (input|option): /, '').replace(/^expected/, 'must be')
  return `${shown}: \`${path}\`: ${why}.`
}
