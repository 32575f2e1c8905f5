// JSON schema to GBNF, so that a local engine can only write what the schema allows. No free white space, no exponent
// in integers, bounded strings: each of these let real engines run on or answer what the schema forbids.
import { Refusal } from '@seatrial/protocol'
import type { JsonSchema } from '../model-engine.ts'

type Schema = { [key: string]: unknown }

/** Grammars with more counted repetitions than this are slow to load; longer bounds are left to validation. */
const mostCounted = 500

/** Rules whose `root` is the schema. Throws `Refusal('bad_request')` for what no grammar can promise. */
export function grammarOf(schema: JsonSchema): string {
  const writer = new Writer(schema)
  return writer.text()
}

const counted = (most: number) => (most <= mostCounted ? String(most) : '')
const literal = (text: string) =>
  JSON.stringify(text).replace(/[^\x20-\x7e]/gu, (c) => `\\U${c.codePointAt(0)!.toString(16).padStart(8, '0')}`)
const json = (value: unknown) => literal(JSON.stringify(value))

const basics: Record<string, string> = {
  char: `[^"\\\\\\x00-\\x1f\\x7f] | "\\\\" (["\\\\/bfnrt] | "u" [0-9a-fA-F]{4})`,
  string: `"\\"" char* "\\""`,
  integer: `"0" | "-"? [1-9] [0-9]{0,15}`,
  number: `"-"? ("0" | [1-9] [0-9]{0,15}) ("." [0-9]{1,15})? ([eE] [-+]? [0-9]{1,2})?`,
  boolean: `"true" | "false"`,
  null: `"null"`,
  value: `string | number | boolean | null | any-object | any-array`,
  'any-object': `"{" (string ":" value ("," string ":" value){0,50})? "}"`,
  'any-array': `"[" (value ("," value){0,100})? "]"`,
}
const needs: Record<string, string[]> = {
  string: ['char'],
  value: ['string', 'char', 'number', 'boolean', 'null', 'any-object', 'any-array'],
  'any-object': ['value', 'string', 'char', 'number', 'boolean', 'null', 'any-array'],
  'any-array': ['value', 'string', 'char', 'number', 'boolean', 'null', 'any-object'],
}

class Writer {
  private readonly rules = new Map<string, string>()
  private readonly refs = new Map<string, string>()
  private readonly root: JsonSchema
  private count = 0

  constructor(root: JsonSchema) {
    this.root = root
    this.rules.set('root', '')
    this.rules.set('root', this.body(root))
  }

  text(): string {
    return [...this.rules].map(([name, body]) => `${name} ::= ${body}`).join('\n')
  }

  private basic(name: string): string {
    for (const rule of [name, ...(needs[name] ?? [])]) this.rules.set(rule, basics[rule]!)
    return name
  }

  private rule(body: string): string {
    const name = `r${this.count++}`
    this.rules.set(name, body)
    return name
  }

  private body(schema: JsonSchema): string {
    if (schema === true) return this.basic('value')
    if (schema === false) throw cannot('`false` allows nothing')
    if (typeof schema.$ref === 'string') return this.reference(schema.$ref)
    if ('const' in schema) return json(schema.const)
    if (Array.isArray(schema.enum)) {
      if (schema.enum.length === 0) throw cannot('an empty enum allows nothing')
      return schema.enum.map(json).join(' | ')
    }
    const options = schema.anyOf ?? schema.oneOf
    if (Array.isArray(options)) return options.map((option) => this.rule(this.body(option as JsonSchema))).join(' | ')
    if (Array.isArray(schema.allOf)) return this.body(merged(schema))
    if (Array.isArray(schema.type)) {
      return schema.type.map((type) => this.rule(this.body({ ...schema, type }))).join(' | ')
    }
    const write = kinds[schema.type as string] ?? kinds[impliedType(schema)]
    if (!write) throw cannot(`the type ${JSON.stringify(schema.type)} is unknown`)
    return write.call(this, schema)
  }

  private reference(ref: string): string {
    const known = this.refs.get(ref)
    if (known) return known
    const name = `ref${this.refs.size}`
    this.refs.set(ref, name)
    this.rules.set(name, this.body(follow(this.root, ref)))
    return name
  }

  object(schema: Schema): string {
    const properties = Object.entries((schema.properties ?? {}) as Record<string, JsonSchema>)
    if (properties.length === 0) return this.basic('any-object')
    const required = new Set((schema.required as string[] | undefined) ?? [])
    const missing = [...required].find((name) => !properties.some(([known]) => known === name))
    if (missing) throw cannot(`"${missing}" is required but not described`)
    const pairs = properties.map(([name, value]) => ({
      text: `${literal(`${JSON.stringify(name)}:`)} ${this.rule(this.body(value))}`,
      required: required.has(name),
    }))
    // One rule per place: what may follow when something was written before, and when nothing was.
    let after = ''
    let first = ''
    for (const pair of pairs.reverse()) {
      const tail = after === '' ? '' : ` ${after}`
      const here = `"," ${pair.text}${tail}`
      const opening = `${pair.text}${tail}`
      first = pair.required
        ? this.rule(opening)
        : first === ''
          ? this.rule(`(${opening})?`)
          : this.rule(`${opening} | ${first}`)
      after = pair.required ? this.rule(here) : this.rule(after === '' ? `(${here})?` : `${here} | ${after}`)
    }
    return `"{" ${first} "}"`
  }

  array(schema: Schema): string {
    if (Array.isArray(schema.prefixItems)) {
      const items = schema.prefixItems.map((item) => this.rule(this.body(item as JsonSchema)))
      return `"[" ${items.join(' "," ')} "]"`
    }
    const item = this.rule(this.body((schema.items as JsonSchema | undefined) ?? true))
    const least = Number(schema.minItems ?? 0)
    const most = Number(schema.maxItems ?? Number.POSITIVE_INFINITY)
    if (most < least) throw cannot(`a list of at least ${least} and at most ${most} items does not exist`)
    if (most === 0) return '"[]"'
    const rest = `("," ${item}){${Math.max(least - 1, 0)},${counted(most - 1)}}`
    return least > 0 ? `"[" ${item} ${rest} "]"` : `"[" (${item} ${rest})? "]"`
  }

  string(schema: Schema): string {
    if (schema.minLength === undefined && schema.maxLength === undefined) return this.basic('string')
    const least = Number(schema.minLength ?? 0)
    const most = Number(schema.maxLength ?? Number.POSITIVE_INFINITY)
    if (most < least) throw cannot(`a text of at least ${least} and at most ${most} characters does not exist`)
    return `"\\"" ${this.basic('char')}{${least},${counted(most)}} "\\""`
  }

  integer(schema: Schema): string {
    const { least, most } = bounds(schema)
    if (least !== null && most !== null && most - least <= 256) {
      if (most < least) throw cannot(`a whole number from ${least} to ${most} does not exist`)
      return Array.from({ length: most - least + 1 }, (_, i) => literal(String(least + i))).join(' | ')
    }
    return least !== null && least >= 0 ? '"0" | [1-9] [0-9]{0,15}' : this.basic('integer')
  }

  named(name: string): string {
    return this.basic(name)
  }
}

const kinds: Record<string, (this: Writer, schema: Schema) => string> = {
  object(schema) {
    return this.object(schema)
  },
  array(schema) {
    return this.array(schema)
  },
  string(schema) {
    return this.string(schema)
  },
  integer(schema) {
    return this.integer(schema)
  },
  number() {
    return this.named('number')
  },
  boolean() {
    return this.named('boolean')
  },
  null() {
    return this.named('null')
  },
  any() {
    return this.named('value')
  },
}

function impliedType(schema: Schema): string {
  if (schema.type !== undefined) return ''
  if (schema.properties) return 'object'
  if (schema.items || schema.prefixItems) return 'array'
  return 'any'
}

function bounds(schema: Schema): { least: number | null; most: number | null } {
  const number = (value: unknown) => (typeof value === 'number' ? value : null)
  const above = number(schema.exclusiveMinimum)
  const below = number(schema.exclusiveMaximum)
  const least = number(schema.minimum) ?? (above === null ? null : Math.floor(above) + 1)
  const most = number(schema.maximum) ?? (below === null ? null : Math.ceil(below) - 1)
  return { least: least === null ? null : Math.ceil(least), most: most === null ? null : Math.floor(most) }
}

function merged(schema: Schema): Schema {
  const { allOf, ...own } = schema
  const result: Schema = { ...own }
  for (const part of allOf as Schema[]) {
    const required = [...((result.required as string[]) ?? []), ...((part.required as string[]) ?? [])]
    const properties = { ...((result.properties as Schema) ?? {}), ...((part.properties as Schema) ?? {}) }
    Object.assign(result, part, Object.keys(properties).length > 0 ? { properties, required } : {})
  }
  return result
}

function follow(root: JsonSchema, ref: string): JsonSchema {
  if (ref === '#') return root
  if (!ref.startsWith('#/')) throw cannot(`${ref} points outside the schema`)
  let at: unknown = root
  for (const step of ref.slice(2).split('/')) {
    at = (at as Schema | undefined)?.[step.replaceAll('~1', '/').replaceAll('~0', '~')]
  }
  if (at === undefined || at === null) throw cannot(`${ref} points nowhere`)
  return at as JsonSchema
}

function cannot(why: string): Refusal {
  return new Refusal('bad_request', `This JSON schema cannot be met: ${why}.`)
}
