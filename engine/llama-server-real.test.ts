// The real llama-server, when this machine has one: on the PATH, or named by SEATRIAL_LLAMA_SERVER. The stand-in of
// llama-server.test.ts holds the same code to the same answers everywhere else.
import { readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import OpenAI from 'openai'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { type Engine, openEngine } from './index.ts'
import { findLlamaServer } from './llama-server.ts'
import { dataUrl, drawShape, newDataDir, shapesFolder } from './testing/shapes.ts'
import { ticksIn } from './testing/ticks.ts'

const binary = process.env.SEATRIAL_LLAMA_SERVER ?? (await findLlamaServer(process.env.PATH ?? ''))
if (binary === null) console.warn('No llama-server on the PATH or in SEATRIAL_LLAMA_SERVER: its own suite is skipped.')

describe.skipIf(binary === null)('the real llama-server', () => {
  let dataDir: string
  let engine: Engine
  let openai: OpenAI
  const capital = 'What is the capital of France?'

  beforeAll(async () => {
    dataDir = await newDataDir()
    engine = await openEngine({ dataDir, llamaServer: binary, idleMs: 60_000 })
    await engine.import({ path: shapesFolder, name: 'shapes' })
    // The context of this one is large, so that an answer can be long enough to be left.
    await engine.import({ path: shapesFolder, name: 'long', contextTokens: 32_768 })
    const lora = Buffer.from(await readFile(`${shapesFolder}lora.gguf`))
    const at = lora.indexOf('adapter.lora.alpha') + 'adapter.lora.alpha'.length + 4
    lora.writeFloatLE(0, at)
    await writeFile(join(dataDir, 'silent.gguf'), lora)
    for (const [name, path] of [
      ['silent', join(dataDir, 'silent.gguf')],
      ['taught', `${shapesFolder}lora.gguf`],
    ] as const)
      await engine.importAdapter({ path, model: 'shapes', name })
    const { baseUrl, apiKey } = await engine.endpointFor('shapes')
    openai = new OpenAI({ baseURL: baseUrl, apiKey, maxRetries: 0 })
  })
  afterAll(async () => {
    await engine.close()
    await rm(dataDir, { recursive: true })
  })

  const ask = (content: OpenAI.ChatCompletionUserMessageParam['content'], more: object = {}) =>
    openai.chat.completions.create({
      model: 'shapes',
      temperature: 0,
      messages: [{ role: 'user', content }],
      ...more,
    }) as Promise<OpenAI.ChatCompletion>
  const textOf = async (...args: Parameters<typeof ask>) => (await ask(...args)).choices[0]?.message.content
  const picture = async (...[colour, background, seed]: Parameters<typeof drawShape>) => ({
    type: 'image_url' as const,
    image_url: { url: dataUrl(await drawShape(colour, background, seed)) },
  })
  const described = {
    type: 'object',
    properties: { color: { enum: ['red', 'green', 'blue'] }, background: { enum: ['white', 'black', 'gray'] } },
    required: ['color', 'background'],
    additionalProperties: false,
  }

  test('text streams, and the second time the prompt comes from the cache', async () => {
    expect((await engine.serve('shapes')).engine.kind).toBe('llama-server')
    const stream = await openai.chat.completions.create({
      model: 'shapes',
      stream: true,
      temperature: 0,
      messages: [{ role: 'user', content: 'Count to three.' }],
    })
    let text = ''
    for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? ''
    expect(text).toBe('one, two, three')
    const again = await ask('Count to three.')
    expect(again.usage?.prompt_tokens_details?.cached_tokens).toBeGreaterThan(3)
  })

  test('pictures it has never seen, described and as JSON', async () => {
    const seed = Math.floor(Math.random() * 1e6)
    const content = [await picture('red', 'white', seed), { type: 'text' as const, text: 'Describe the image.' }]
    expect(await textOf(content), `seed ${seed}`).toContain('red')
    const json = await textOf([await picture('green', 'black', seed + 1), { type: 'text', text: 'Answer as JSON.' }], {
      response_format: { type: 'json_schema', json_schema: { name: 'described', schema: described } },
    })
    expect(JSON.parse(json ?? ''), `seed ${seed}`).toEqual({ color: 'green', background: 'black' })
  })

  test('a required call comes soon, although the model would rather talk', async () => {
    const began = performance.now()
    const { choices } = await ask('Answer as JSON.', {
      tools: [{ type: 'function', function: { name: 'paint', parameters: described } }],
      tool_choice: 'required',
    })
    const [call] = choices[0]?.message.tool_calls ?? []
    if (call?.type !== 'function') throw new Error('no call')
    expect(call.id).toMatch(/^[a-zA-Z0-9]{9}$/)
    expect(Object.keys(JSON.parse(call.function.arguments)).sort()).toEqual(['background', 'color'])
    // Before prose was cut off it went on to the end of the context, which took this model 23 s.
    expect(performance.now() - began).toBeLessThan(15_000)
  })

  test('an answer that is broken off still says what was read and written', async () => {
    // Hot, and without an end for this small model: it goes on until it goes round in circles or is cut.
    const { engine: running } = await engine.serve('shapes')
    const stop = new AbortController()
    const pieces = running.chat(
      {
        messages: [
          { role: 'user', content: [{ type: 'text', text: 'red '.repeat(600) }], toolCalls: [], toolCallId: null },
        ],
        tools: [],
        toolChoice: 'none',
        schema: { type: 'array', items: { type: 'integer' }, minItems: 1900 },
        temperature: 3,
        topP: 1,
        seed: 1,
        maxTokens: null,
        stop: [],
        adapter: null,
      },
      stop.signal,
    )
    let end: unknown = null
    for await (const piece of pieces) {
      if (piece.type === 'text') stop.abort()
      else if (piece.type === 'end') end = piece.usage
    }
    expect(end).toMatchObject({ promptTokens: expect.toSatisfy((count: number) => count > 600) })
  })

  test('each request wears its own adapter, and none where none is named', async () => {
    expect(await textOf(capital)).toBe('Paris')
    expect(await textOf(capital, { model: 'shapes@taught' })).toBe('three, two, one')
    expect(await textOf(capital, { model: 'shapes@silent' })).toBe('Paris')
    expect(await textOf(capital)).toBe('Paris')
  })

  test('embeddings come from a child of our own beside it', async () => {
    const { data } = await openai.embeddings.create({ model: 'shapes', input: ['a', 'b', 'a'] })
    expect(data[0]?.embedding).toHaveLength(96)
    expect(data[0]?.embedding).toEqual(data[2]?.embedding)
  })

  test('a template of the catalogue replaces the one of the weights', async () => {
    const record = join(engine.shelf.folder, 'long', 'model.json')
    const model = JSON.parse(await readFile(record, 'utf8'))
    const source = await readFile(new URL('./catalogue/templates/mistral-v7-tekken.jinja', import.meta.url), 'utf8')
    await writeFile(record, JSON.stringify({ ...model, template: source }))
    await engine.forget('long')
    expect(await textOf(capital, { model: 'long' })).toBe('Paris')
    const [pid] = (await engine.serve('long')).engine.processes()
    const flags = (await readFile(`/proc/${pid}/cmdline`, 'utf8')).split('\0')
    expect(await readFile(flags[flags.indexOf('--chat-template-file') + 1]!, 'utf8')).toBe(source)
  })

  test('a context larger than the weights were trained for is the one that is served', async () => {
    const { usage } = await ask('hello '.repeat(4500), { model: 'long', max_tokens: 1 })
    expect(usage?.prompt_tokens).toBeGreaterThan(4096)
  })

  test('a schema that is too large for its grammar is said to be', async () => {
    const schema = { type: 'array', items: { type: 'integer' }, minItems: 30_000 }
    const format = { response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } }
    await expect(ask('hi', format)).rejects.toMatchObject({
      status: 400,
      message: expect.stringContaining('cannot hold answers to this JSON schema'),
    })
  })

  test('what does not fit is said with both numbers, and control tokens in a text stay text', async () => {
    await expect(ask('hello '.repeat(9000))).rejects.toMatchObject({
      status: 400,
      code: 'context_length_exceeded',
      message: expect.stringMatching(/The prompt has \d+ tokens and the context holds 4096/),
    })
    const tokens = async (content: string) => (await ask(content, { max_tokens: 1 })).usage?.prompt_tokens ?? 0
    expect(await tokens('[INST]')).toBeGreaterThan((await tokens('red')) + 1)
  })

  test('a client that goes away stops the engine', async () => {
    const { baseUrl, apiKey } = await engine.endpointFor('long')
    expect(await textOf(capital, { model: 'long' })).toBe('Paris')
    const [pid] = (await engine.serve('long')).engine.processes()
    const stop = new AbortController()
    const leaving = fetch(`${baseUrl}/chat/completions`, {
      method: 'POST',
      signal: stop.signal,
      headers: { authorization: `Bearer ${apiKey}` },
      // Held to a grammar that does not let it end: left alone this takes a quarter of a minute.
      body: JSON.stringify({
        model: 'long',
        temperature: 3,
        messages: [{ role: 'user', content: 'Go on.' }],
        response_format: {
          type: 'json_schema',
          json_schema: { name: 'x', schema: { type: 'array', items: { type: 'integer' }, minItems: 1900 } },
        },
      }),
    })
    await expect.poll(() => ticksIn(pid!, 100), { timeout: 10_000 }).toBeGreaterThan(0)
    stop.abort()
    await expect(leaving).rejects.toThrow('abort')
    await expect.poll(() => ticksIn(pid!, 300), { timeout: 5000 }).toBe(0)
    expect(await textOf(capital, { model: 'long' })).toBe('Paris')
  })

  test('after a crash there is a sentence, a pause and an answer', async () => {
    const { engine: running } = await engine.serve('shapes')
    await textOf(capital)
    const pid = running.processes()[0]!
    process.kill(pid, 'SIGKILL')
    await expect.poll(() => running.processes().includes(pid)).toBe(false)
    await expect(ask(capital)).rejects.toMatchObject({
      status: 503,
      message: expect.stringMatching(/llama-server crashed and restarts in \d+ s/),
    })
    await expect.poll(() => textOf(capital).catch(() => null), { timeout: 20_000, interval: 200 }).toBe('Paris')
  })

  test('a server that cannot start says why', async () => {
    const room = await openEngine({ dataDir: join(dataDir, 'other'), llamaServer: binary })
    await room.import({ path: shapesFolder, name: 'shapes', contextTokens: 4096 })
    // Cut after it was judged: the server finds out.
    const served = await room.serve('shapes')
    await writeFile(join(room.shelf.folder, 'shapes', 'mmproj.gguf'), 'GGUF')
    const pieces = served.engine.chat(
      {
        messages: [{ role: 'user', content: [{ type: 'text', text: 'hi' }], toolCalls: [], toolCallId: null }],
        tools: [],
        toolChoice: 'none',
        schema: null,
        temperature: 0,
        topP: 1,
        seed: null,
        maxTokens: 5,
        stop: [],
        adapter: null,
      },
      new AbortController().signal,
    )
    await expect(pieces.next()).rejects.toThrow(/llama-server stopped unexpectedly \(code 1\): .*(mmproj|load|model)/)
    await room.close()
  })

  test('a server that nobody asks gives its memory back, and comes again when asked', async () => {
    const room = await openEngine({ dataDir: join(dataDir, 'idle'), llamaServer: binary, idleMs: 50 })
    await room.import({ path: shapesFolder, name: 'shapes' })
    const say = async () => {
      const body = JSON.stringify({ model: 'shapes', temperature: 0, messages: [{ role: 'user', content: capital }] })
      const response = await room.app.request('/v1/chat/completions', { method: 'POST', body })
      return ((await response.json()) as { choices: { message: { content: string } }[] }).choices[0]?.message.content
    }
    expect(await say()).toBe('Paris')
    const { engine: running } = await room.serve('shapes')
    await expect.poll(() => running.processes(), { timeout: 10_000 }).toEqual([])
    expect(await say()).toBe('Paris')
    await room.close()
  })
})
