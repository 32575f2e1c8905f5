// The endpoint as its users see it: the official OpenAI client and the AI SDK, with the fixture model and no network.
import { rm } from 'node:fs/promises'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, jsonSchema, Output, streamText, tool } from 'ai'
import OpenAI from 'openai'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, openEngine } from './index.ts'
import { type Background, type Colour, dataUrl, drawShape, newDataDir, shapesFolder } from './testing/shapes.ts'

let dataDir: string
let engine: Engine
let openai: OpenAI
let endpoint: Awaited<ReturnType<Engine['endpointFor']>>

beforeAll(async () => {
  dataDir = await newDataDir()
  engine = await openEngine({ dataDir })
  await engine.import({ path: shapesFolder, name: 'shapes' })
  endpoint = await engine.endpointFor('shapes')
  openai = new OpenAI({ baseURL: endpoint.baseUrl, apiKey: endpoint.apiKey, maxRetries: 0 })
})
afterAll(async () => {
  await engine.close()
  await rm(dataDir, { recursive: true })
})

const picture = async (colour: Colour, background: Background, seed: number) => ({
  type: 'image_url' as const,
  image_url: { url: dataUrl(await drawShape(colour, background, seed)) },
})
const ask = (text: string) => ({ type: 'text' as const, text })
const description = {
  type: 'object',
  properties: {
    color: { enum: ['red', 'green', 'blue', 'yellow', 'orange', 'purple', 'black', 'white'] },
    shape: { enum: ['circle', 'square', 'triangle', 'cross'] },
    background: { enum: ['white', 'black', 'gray'] },
  },
  required: ['color', 'shape', 'background'],
  additionalProperties: false,
} as const

test('the openai client lists models and streams text', async () => {
  const models = await openai.models.list()
  expect(models.data.map(({ id }) => id)).toEqual(['shapes'])
  const stream = await openai.chat.completions.create({
    model: 'shapes',
    stream: true,
    stream_options: { include_usage: true },
    temperature: 0,
    messages: [{ role: 'user', content: 'Count to three.' }],
  })
  let text = ''
  let usage: OpenAI.CompletionUsage | null | undefined
  for await (const chunk of stream) {
    text += chunk.choices[0]?.delta.content ?? ''
    usage = chunk.usage ?? usage
  }
  expect(text).toBe('one, two, three')
  expect(usage?.completion_tokens).toBeGreaterThan(2)
})

test('a long answer arrives in many pieces', async () => {
  const stream = await openai.chat.completions.create({
    model: 'shapes',
    stream: true,
    temperature: 2,
    seed: 3,
    max_tokens: 1500,
    messages: [{ role: 'user', content: 'red green blue' }],
  })
  let chunks = 0
  for await (const chunk of stream) if (chunk.choices[0]?.delta.content) chunks++
  // Pieces leave at most every 40 ms; this answer takes the engine longer than that.
  expect(chunks).toBeGreaterThan(1)
})

test('it names colour and background of pictures it has never seen', async () => {
  const cases: [Colour, Background][] = [
    ['red', 'white'],
    ['green', 'black'],
    ['blue', 'gray'],
    ['yellow', 'black'],
    ['orange', 'white'],
    ['purple', 'gray'],
  ]
  const seed = Math.floor(Math.random() * 1e6)
  let right = 0
  for (const [index, [colour, background]] of cases.entries()) {
    const result = await openai.chat.completions.create({
      model: 'shapes',
      temperature: 0,
      messages: [
        { role: 'user', content: [await picture(colour, background, seed + index), ask('Describe the image.')] },
      ],
    })
    const text = result.choices[0]?.message.content ?? ''
    if (text.includes(` ${colour} `) && text.includes(`on a ${background} background`)) right++
  }
  // 24 of 24 colours and 23 of 24 backgrounds were right when the model was made; one slip in six is allowed.
  expect(right, `seed ${seed}`).toBeGreaterThanOrEqual(5)
})

test('it answers in JSON that meets a schema, about a picture', async () => {
  const result = await openai.chat.completions.create({
    model: 'shapes',
    temperature: 0,
    response_format: { type: 'json_schema', json_schema: { name: 'description', schema: description, strict: true } },
    messages: [{ role: 'user', content: [await picture('green', 'black', 7), ask('Answer as JSON.')] }],
  })
  expect(JSON.parse(result.choices[0]?.message.content ?? '')).toMatchObject({ color: 'green', background: 'black' })
})

test('it calls a tool when it must, with arguments that meet the schema and a nine-character id', async () => {
  const result = await openai.chat.completions.create({
    model: 'shapes',
    temperature: 0,
    tool_choice: 'required',
    tools: [{ type: 'function', function: { name: 'describe', parameters: description } }],
    messages: [{ role: 'user', content: [await picture('red', 'white', 11), ask('Answer as JSON.')] }],
  })
  const [choice] = result.choices
  const [call] = choice?.message.tool_calls ?? []
  if (call?.type !== 'function') throw new Error('no call')
  expect(choice?.finish_reason).toBe('tool_calls')
  expect(call.function.name).toBe('describe')
  expect(call.id).toMatch(/^[a-zA-Z0-9]{9}$/)
  const given = JSON.parse(call.function.arguments)
  expect(description.properties.color.enum).toContain(given.color)
  expect(Object.keys(given).sort()).toEqual(['background', 'color', 'shape'])
})

test('a conversation goes on after a tool result, whatever its ids and roles look like', async () => {
  const result = await openai.chat.completions.create({
    model: 'shapes',
    temperature: 0,
    max_tokens: 20,
    messages: [
      { role: 'user', content: 'Say hello.' },
      { role: 'user', content: 'Say hello.' },
      {
        role: 'assistant',
        content: null,
        tool_calls: [
          { id: 'call_0123456789abcdef0123456789', type: 'function', function: { name: 'a', arguments: '{}' } },
        ],
      },
      { role: 'tool', tool_call_id: 'call_0123456789abcdef0123456789', content: 'done' },
      { role: 'user', content: 'What is the capital of France?' },
    ],
  })
  expect(result.choices[0]?.message.content).toBeTypeOf('string')
})

test('embeddings have one vector per text, equal for equal texts', async () => {
  const { data } = await openai.embeddings.create({ model: 'shapes', input: ['Say hello.', 'Paris', 'Say hello.'] })
  expect(data).toHaveLength(3)
  expect(data[0]?.embedding).toHaveLength(96)
  expect(data[0]?.embedding).toEqual(data[2]?.embedding)
  expect(data[0]?.embedding).not.toEqual(data[1]?.embedding)
})

test('the AI SDK streams text, sees a picture, gets an object and calls a tool', async () => {
  const provider = createOpenAICompatible({
    name: 'seatrial',
    baseURL: endpoint.baseUrl,
    apiKey: endpoint.apiKey,
    supportsStructuredOutputs: true,
  })
  const model = provider('shapes')
  const streamed = streamText({ model, prompt: 'What is the capital of France?', temperature: 0 })
  let text = ''
  for await (const piece of streamed.textStream) text += piece
  expect(text).toBe('Paris')

  const png = await drawShape('blue', 'white', 21)
  const content = [
    { type: 'file' as const, data: png, mediaType: 'image/png' },
    { type: 'text' as const, text: 'Answer as JSON.' },
  ]
  const seen = await generateText({
    model,
    temperature: 0,
    messages: [{ role: 'user', content }],
    output: Output.object({ schema: jsonSchema<{ color: string; background: string }>(description) }),
  })
  expect(seen.output).toMatchObject({ color: 'blue', background: 'white' })

  const called = await generateText({
    model,
    temperature: 0,
    messages: [{ role: 'user', content }],
    toolChoice: 'required',
    tools: { describe: tool({ inputSchema: jsonSchema(description) }) },
  })
  expect(called.toolCalls[0]).toMatchObject({ toolName: 'describe' })
  expect(description.properties.background.enum).toContain(
    (called.toolCalls[0]!.input as { background: string }).background,
  )
})
