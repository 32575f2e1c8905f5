// Holds what an agent sends against the protocol's own schema, as the SDK ships it.
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { Ajv2020 } from 'ajv/dist/2020.js'

interface Definitions {
  $defs: Record<string, { 'x-method'?: string; 'x-side'?: string }>
}

const file = createRequire(import.meta.url).resolve('@agentclientprotocol/sdk/schema/v1/schema.json')
const schema = JSON.parse(readFileSync(file, 'utf8')) as Definitions
const ajv = new Ajv2020({ strict: false, validateFormats: false })
ajv.addSchema(schema, 'acp')

/** The definition of what is sent for a method: by the agent's side for answers, by the client's for the rest. */
function definitionFor(method: string, side: 'agent' | 'client', ending: RegExp): string | null {
  const found = Object.entries(schema.$defs).find(
    ([name, def]) => def['x-method'] === method && def['x-side'] === side && ending.test(name),
  )
  return found?.[0] ?? null
}

function check(name: string | null, value: unknown, what: string): string[] {
  if (!name) return [`${what}: the protocol knows no such method`]
  const validate = ajv.getSchema(`acp#/$defs/${name}`)!
  return validate(value) ? [] : [`${what} is no ${name}: ${ajv.errorsText(validate.errors).slice(0, 500)}`]
}

/** What the schema does not allow: among all frames of an agent, and its results by the method asked. */
export function unlikeSchema(frames: object[], answers: { method: string; result: unknown }[]): string[] {
  const wrong = frames.flatMap((frame) => {
    const { jsonrpc, method, params, id, error } = frame as Record<string, unknown>
    const what = JSON.stringify(frame).slice(0, 300)
    if (jsonrpc !== '2.0') return [`${what}: not JSON-RPC 2.0`]
    if (typeof method === 'string') {
      return check(definitionFor(method, 'client', id === undefined ? /Notification$/ : /Request$/), params, what)
    }
    return error === undefined ? [] : check('Error', error, what)
  })
  return [
    ...wrong,
    ...answers.flatMap(({ method, result }) =>
      check(definitionFor(method, 'agent', /Response$/), result, `${method}: ${JSON.stringify(result)}`),
    ),
  ]
}
