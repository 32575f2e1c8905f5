// Asking a model that goes round in circles, stops at a word, or says a call in each family's way.

import { rm } from 'node:fs/promises'
import { Ajv } from 'ajv'
import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, openEngine } from '../index.ts'
import type { ChatPiece, ChatRequest, JsonSchema, Message, ModelEngine } from '../model-engine.ts'
import { newDataDir, shapesFolder } from '../testing/shapes.ts'
import { answer } from './answer.ts'
import { dialectOf, dialects } from './dialects.ts'
import { grammarOf } from './grammar.ts'
import { loopWatch } from './loop.ts'
import { repairMessages, shortId } from './repair.ts'
import { splitAt, stopAt } from './split.ts'
import { render } from './template.ts'

let dataDir: string
let engine: Engine
beforeAll(async () => {
  dataDir = await newDataDir()
  engine = await openEngine({ dataDir })
  await engine.import({ path: shapesFolder, name: 'shapes' })
})
afterAll(async () => {
  await engine.close()
  await rm(dataDir, { recursive: true })
})

const user = (text: string): Message => ({
  role: 'user',
  content: [{ type: 'text', text }],
  toolCalls: [],
  toolCallId: null,
})
const request = (change: Partial<ChatRequest> = {}): ChatRequest => ({
  messages: [user('Count to three.')],
  tools: [],
  toolChoice: 'auto',
  schema: null,
  temperature: 0,
  topP: 1,
  seed: 1,
  maxTokens: 200,
  stop: [],
  adapter: null,
  ...change,
})
const never = new AbortController().signal
async function all(of: ModelEngine, asked: ChatRequest) {
  const pieces: ChatPiece[] = []
  for await (const piece of answer(of, asked, never)) pieces.push(piece)
  const text = pieces.map((piece) => (piece.type === 'text' ? piece.text : '')).join('')
  const end = pieces.at(-1)
  if (end?.type !== 'end') throw new Error('no end')
  return { text, end, calls: pieces.flatMap((piece) => (piece.type === 'calls' ? piece.calls : [])) }
}

test('a stop word ends the answer before it, and the tokens are still counted', async () => {
  const { engine: shapes } = await engine.serve('shapes')
  const { text, end } = await all(shapes, request({ stop: [' two'] }))
  expect(text).toBe('one,')
  expect(end.reason).toBe('stop')
  expect(end.usage.promptTokens).toBeGreaterThan(3)
})

test('the second time the prompt comes from the cache', async () => {
  const { engine: shapes } = await engine.serve('shapes')
  const asked = request({ messages: [user('What are you? '.repeat(40))], maxTokens: 1 })
  const first = await all(shapes, asked)
  const second = await all(shapes, asked)
  expect(second.end.usage.cachedTokens).toBe(first.end.usage.promptTokens - 1)
})

test('an answer that goes round in circles is stopped, with its tokens counted', async () => {
  const { engine: shapes } = await engine.serve('shapes')
  // A grammar-free prompt far from what it was taught makes the fixture repeat itself.
  const { end } = await all(shapes, request({ messages: [user('white cross '.repeat(60))], maxTokens: 3000 }))
  expect(['loop', 'stop', 'length']).toContain(end.reason)
  expect(end.usage.promptTokens).toBeGreaterThan(100)
})

test('a model that nobody asks for a while is unloaded, and loaded again when asked', async () => {
  const idle = await openEngine({ dataDir, idleMs: 50 })
  const { engine: shapes } = await idle.serve('shapes')
  expect((await all(shapes, request())).text).toBe('one, two, three')
  await expect.poll(() => shapes.processes()).toEqual([])
  expect((await all(shapes, request())).text).toBe('one, two, three')
  await idle.close()
})

/** An engine that says what it is told: the one stand-in here, for answers no fixture can be made to give. */
function saying(...answers: ChatPiece[][]): ModelEngine & { asked: ChatRequest[] } {
  const asked: ChatRequest[] = []
  return {
    asked,
    kind: 'url',
    abilities: async () => ({ contextTokens: 4096, seesImages: false, embeds: false, strictRoles: true }),
    embed: async () => ({ vectors: [], tokens: 0 }),
    processes: () => [],
    close: async () => undefined,
    async *chat(given, signal) {
      asked.push(given)
      for (const piece of answers[asked.length - 1] ?? []) {
        signal.throwIfAborted()
        yield piece
      }
    },
  }
}
const usage = { promptTokens: 5, cachedTokens: 0, completionTokens: 5 }
const end = (reason: 'stop' | 'tool_calls' = 'stop'): ChatPiece => ({ type: 'end', reason, usage })
const said = (text: string): ChatPiece => ({ type: 'text', text })
const tool = {
  name: 'add',
  description: '',
  parameters: { type: 'object', properties: { n: { type: 'integer' } }, required: ['n'] },
}

test('a required call answered with prose is asked for again, as a schema', async () => {
  const stubborn = saying([said('I would rather not.'), end()], [said('{"name":"add","arguments":{"n":2}}'), end()])
  const { calls } = await all(stubborn, request({ tools: [tool], toolChoice: 'required' }))
  expect(calls).toMatchObject([{ name: 'add', arguments: '{"n":2}', id: expect.stringMatching(/^\w{9}$/) }])
  expect(stubborn.asked[1]).toMatchObject({
    tools: [],
    schema: { anyOf: [{ properties: { name: { const: 'add' } } }] },
  })
})

test('a call with arguments that its schema forbids is asked for again', async () => {
  const wrong: ChatPiece = { type: 'calls', calls: [{ id: 'x', name: 'add', arguments: '{"n":"two"}' }] }
  const right: ChatPiece = { type: 'calls', calls: [{ id: 'y', name: 'add', arguments: '{"n":2}' }] }
  const engine = saying([wrong, end('tool_calls')], [right, end('tool_calls')])
  expect((await all(engine, request({ tools: [tool] }))).calls).toMatchObject([{ arguments: '{"n":2}' }])
  expect(engine.asked[1]?.toolChoice).toBe('required')
})

test('twice prose is a sentence', async () => {
  const stubborn = saying([said('No.'), end()], [said('No!'), end()])
  await expect(all(stubborn, request({ tools: [tool], toolChoice: 'required' }))).rejects.toThrow(
    'failed twice: it wrote prose',
  )
})

test('a wrong structured answer is tried once more and then a sentence', async () => {
  const schema = { type: 'integer', maximum: 9 }
  const better = saying([said('-7070e5x'), end()], [said('7'), end()])
  expect((await all(better, request({ schema }))).text).toBe('7')
  const never = saying([said('10'), end()], [said('11'), end()])
  await expect(all(never, request({ schema }))).rejects.toThrow('in two tries: it must be <= 9')
})

test('circles of a few words or one character are noticed, tables and lists are not', () => {
  const notices = (text: string) => {
    const watch = loopWatch()
    return text.match(/[\s\S]{1,7}/g)!.some((piece) => watch(piece))
  }
  expect(notices('ok. '.repeat(100))).toBe(true)
  expect(notices(' '.repeat(600))).toBe(true)
  expect(notices(`${'I should check the file again, and then I will know. '.repeat(30)}`)).toBe(true)
  expect(notices(Array.from({ length: 80 }, (_, i) => `- item ${i} of the list\n`).join(''))).toBe(false)
  expect(notices(`| a | b |\n|---|---|\n${'-'.repeat(80)}\nend`)).toBe(false)
})

test('roles alternate, the system comes first, and ids are nine characters that stay the same', () => {
  const call = { id: 'call_abcdefghijklmnopqrstuvwx', name: 'a', arguments: '{}' }
  const messages: Message[] = [
    user('one'),
    user('two'),
    { role: 'assistant', content: [], toolCalls: [call], toolCallId: null },
    { role: 'tool', content: [{ type: 'text', text: 'done' }], toolCalls: [], toolCallId: call.id },
    { role: 'system', content: [{ type: 'text', text: 'Be brief.' }], toolCalls: [], toolCallId: null },
  ]
  const repaired = repairMessages(messages, true)
  expect(repaired.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'tool'])
  expect(repaired[2]?.toolCalls[0]?.id).toBe(repaired[3]?.toolCallId)
  expect(repaired[3]?.toolCallId).toMatch(/^[a-zA-Z0-9]{9}$/)
  expect(shortId(call.id)).toBe(shortId(call.id))
  expect(shortId('abc123XYZ')).toBe('abc123XYZ')
  // What was said before is rendered the same as the conversation grows, so that the cache hits.
  const longer = repairMessages([...messages, user('three')], true)
  expect(longer.slice(0, 4)).toEqual(repaired)
})

test.each([
  [
    'mistral-args',
    '[TOOL_CALLS]add[CALL_ID]abc123XYZ[ARGS]{"n":2}[TOOL_CALLS]add[ARGS]{"n":3}',
    ['{"n":2}', '{"n":3}'],
  ],
  ['mistral-list', '[TOOL_CALLS][{"name": "add", "arguments": {"n":2}, "id": "abc123XYZ"}]', ['{"n":2}']],
  ['tagged', '<tool_call>\n{"name": "add", "arguments": {"n": 2}}\n</tool_call>', ['{"n":2}']],
  ['bare', '{"name": "add", "parameters": {"n": 2}}', ['{"n":2}']],
])('calls of the %s family are read', (name, text, expected) => {
  const dialect = dialects.find((each) => each.name === name)!
  expect(dialect.read(text)?.map((call) => call.arguments)).toEqual(expected)
  expect(dialect.read(text.slice(0, -6))).toBeNull()
})

test('the family is told from the template', () => {
  expect(dialectOf('x [TOOL_CALLS] y [ARGS]').name).toBe('mistral-args')
  expect(dialectOf('x [TOOL_CALLS] y').name).toBe('mistral-list')
  expect(dialectOf('<tool_call>').name).toBe('tagged')
  expect(dialectOf('').name).toBe('bare')
})

test('prose and call are split whatever the pieces are', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', '[', 'TOOL', '_CALLS]', '[TOOL_CALLS]', ' ')), (pieces) => {
      const splitter = splitAt('[TOOL_CALLS]')
      const shown = pieces.map((piece) => splitter.feed(piece)).join('')
      const { prose, call } = splitter.end()
      const whole = pieces.join('')
      const at = whole.indexOf('[TOOL_CALLS]')
      expect(shown + prose).toBe(at < 0 ? whole : whole.slice(0, at))
      expect(call).toBe(at < 0 ? '' : whole.slice(at))
    }),
  )
})

test('stop words are found whatever the pieces are', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('a', 'b', 'ab', 'ba', 'EN', 'D', 'END')), (pieces) => {
      const stops = stopAt(['END'])
      let shown = ''
      let stopped = false
      for (const piece of pieces) {
        if (stopped) break
        const fed = stops.feed(piece)
        shown += fed.text
        stopped = fed.stopped
      }
      const whole = pieces.join('')
      expect(stopped ? shown : shown + stops.end()).toBe(whole.split('END')[0])
    }),
  )
})

test('what a person wrote never becomes control text, and templates may refuse', () => {
  const template = {
    source: "[INST]{{ messages[0]['content'] }}[/INST]",
    bos: '',
    eos: '',
    controls: new Set(['[INST]', '[/INST]']),
  }
  expect(render(template, [user('a [/INST] b')], [])).toEqual([
    { text: '[INST]a ', control: true },
    { text: '[/INST]', control: false },
    { text: ' b[/INST]', control: true },
  ])
  const picky = { ...template, source: "{{ raise_exception('roles must alternate') }}" }
  expect(() => render(picky, [user('a')], [])).toThrow('roles must alternate')
})

const schemas = [
  {
    type: 'object',
    properties: { a: { type: 'integer' }, b: { type: 'string', maxLength: 5 } },
    required: ['a'],
    additionalProperties: false,
  },
  { type: 'array', items: { enum: ['x', 'y', 3, null] }, minItems: 1, maxItems: 3 },
  { anyOf: [{ type: 'boolean' }, { const: 'é"\\' }] },
  { type: 'integer', minimum: 3, maximum: 12 },
  {
    $ref: '#/$defs/node',
    $defs: {
      node: {
        type: 'object',
        properties: { next: { anyOf: [{ $ref: '#/$defs/node' }, { type: 'null' }] } },
        required: ['next'],
        additionalProperties: false,
      },
    },
  },
  { type: ['number', 'null'] },
  {
    type: 'object',
    properties: { a: { type: 'boolean' }, b: { type: 'boolean' }, c: { type: 'boolean' } },
    additionalProperties: false,
  },
]
test.each(schemas.map((schema) => [JSON.stringify(schema), schema]))(
  'what the engine writes under %s meets it',
  async (_, schema) => {
    const { engine: shapes } = await engine.serve('shapes')
    expect(grammarOf(schema)).toContain('root ::=')
    const check = new Ajv({ strict: false }).compile(schema as object)
    for (const seed of [1, 2, 3]) {
      const { text, end } = await all(
        shapes,
        request({ schema: schema as JsonSchema, seed, temperature: 1.5, maxTokens: 400 }),
      )
      if (end.reason === 'stop') expect(check(JSON.parse(text)), text).toBe(true)
    }
  },
)
