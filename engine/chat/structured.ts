// Checks structured answers and tool arguments against their schema, whatever the engine promised.

import { Refusal } from '@seatrial/protocol'
import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { JsonSchema, Tool, ToolCall } from '../model-engine.ts'

const checks = new WeakMap<object, ValidateFunction>()

function checkOf(schema: JsonSchema): ValidateFunction {
  const known = typeof schema === 'object' ? checks.get(schema) : undefined
  if (known) return known
  try {
    const { $schema: _, ...plain } = typeof schema === 'object' ? schema : { $schema: '' }
    const check = new Ajv2020({ strict: false, allErrors: false, validateFormats: false }).compile(
      typeof schema === 'object' ? plain : schema,
    )
    if (typeof schema === 'object') checks.set(schema, check)
    return check
  } catch (error) {
    throw new Refusal('bad_request', `This is not a JSON schema: ${(error as Error).message}.`)
  }
}

/** Throws `Refusal('bad_request')` when it is no schema at all. */
export function assertSchema(schema: JsonSchema): void {
  checkOf(schema)
}

/** Null when `text` is JSON that meets the schema, else what is wrong with it. */
export function whyNot(schema: JsonSchema, text: string): string | null {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return 'it is not whole JSON'
  }
  const check = checkOf(schema)
  if (check(value)) return null
  const first = check.errors?.[0]
  return first ? `${first.instancePath || 'it'} ${first.message}` : 'it does not meet the schema'
}

/** Null when every call names a tool and has arguments it takes, else what is wrong. */
export function whyNotCalls(tools: Tool[], calls: Omit<ToolCall, 'id'>[]): string | null {
  for (const call of calls) {
    const tool = tools.find(({ name }) => name === call.name)
    if (!tool) return `there is no tool "${call.name}"`
    const why = whyNot(tool.parameters, call.arguments)
    if (why) return `the arguments of "${call.name}": ${why}`
  }
  return null
}

/** The schema of one call of one of the tools. */
export function callSchema(tools: Tool[]): JsonSchema {
  return {
    anyOf: tools.map((tool) => ({
      type: 'object',
      properties: { name: { const: tool.name }, arguments: inlined(tool.parameters) },
      required: ['name', 'arguments'],
      additionalProperties: false,
    })),
  }
}

/** References of a tool's schema count from its own root; written out here, to a depth. */
function inlined(schema: JsonSchema): JsonSchema {
  if (typeof schema !== 'object') return schema
  const resolve = (value: unknown, depth: number): unknown => {
    if (Array.isArray(value)) return value.map((item) => resolve(item, depth))
    if (value === null || typeof value !== 'object') return value
    const { $ref, ...rest } = value as Record<string, unknown>
    if (typeof $ref === 'string' && $ref.startsWith('#/')) {
      if (depth > 6) return {}
      let at: unknown = schema
      for (const step of $ref.slice(2).split('/')) at = (at as Record<string, unknown> | undefined)?.[step]
      return resolve(at ?? {}, depth + 1)
    }
    return Object.fromEntries(Object.entries(rest).map(([key, item]) => [key, resolve(item, depth)]))
  }
  const { $defs: _, definitions: __, ...plain } = schema
  return resolve(plain, 0) as JsonSchema
}
