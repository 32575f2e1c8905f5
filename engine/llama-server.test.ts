// llama-server as a supervised child, and the same endpoint behind an address: one port, one set of answers.
import { chmod, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { RemoteModel } from './choices.ts'
import { type Engine, openEngine } from './index.ts'
import { findLlamaServer, flagsOf } from './llama-server.ts'
import { dataUrl, drawShape, newDataDir, shapesFolder } from './testing/shapes.ts'

let dataDir: string
let supervised: Engine
let far: Engine
let addresses: RemoteModel[]

beforeAll(async () => {
  dataDir = await newDataDir()
  const binary = join(dataDir, 'llama-server')
  const program = fileURLToPath(new URL('./testing/llama-server.ts', import.meta.url))
  await writeFile(binary, `#!/bin/sh\nexec ${process.execPath} ${program} "$@"\n`)
  await chmod(binary, 0o755)
  supervised = await openEngine({ dataDir, llamaServer: binary })
  await supervised.import({ path: shapesFolder, name: 'shapes' })
  await supervised.importAdapter({ path: `${shapesFolder}lora.gguf`, model: 'shapes', name: 'taught' })
  const { baseUrl, apiKey } = await supervised.endpointFor('shapes')
  const remote = {
    name: 'box',
    baseUrl,
    apiKey: async () => apiKey,
    model: 'shapes',
    contextTokens: 4096,
    seesImages: true,
    strictRoles: true,
  }
  addresses = [
    remote,
    { ...remote, name: 'tuned', wear: (adapter) => (adapter === null ? {} : { model: `shapes@${adapter}` }) },
  ]
  far = await openEngine({
    dataDir: join(dataDir, 'far'),
    remotes: async () => [...addresses, { ...remote, name: 'gone', baseUrl: 'http://127.0.0.1:9/v1' }],
  })
})
afterAll(async () => {
  await far.close()
  await supervised.close()
  await rm(dataDir, { recursive: true })
})

async function chat(engine: Engine, model: string, content: unknown, more: object = {}) {
  const body = JSON.stringify({ model, temperature: 0, messages: [{ role: 'user', content }], ...more })
  const response = await engine.app.request('/v1/chat/completions', { method: 'POST', body })
  const answer = (await response.json()) as {
    choices?: { message: { content: string; tool_calls?: { id: string; function: { arguments: string } }[] } }[]
    error?: { message: string }
  }
  return { status: response.status, message: answer.choices?.[0]?.message, error: answer.error?.message }
}
const capital = 'What is the capital of France?'

test('it starts with the first request and answers text, pictures and adapters', async () => {
  const { engine } = await supervised.serve('shapes')
  expect(engine.kind).toBe('llama-server')
  expect(engine.processes()).toEqual([])
  expect((await chat(supervised, 'shapes', capital)).message?.content).toBe('Paris')
  expect(engine.processes()).toHaveLength(1)
  const picture = { type: 'image_url', image_url: { url: dataUrl(await drawShape('red', 'white', 3)) } }
  const seen = await chat(supervised, 'shapes', [picture, { type: 'text', text: 'Describe the image.' }])
  expect(seen.message?.content).toContain('red')
  expect((await chat(supervised, 'shapes@taught', capital)).message?.content).toBe('three, two, one')
  expect((await chat(supervised, 'shapes', capital)).message?.content).toBe('Paris')
})

test('after a crash there is a sentence, a pause and an answer', async () => {
  const refused = await chat(supervised, 'shapes', 'fall over')
  expect(refused.status).toBe(503)
  await expect
    .poll(async () => (await chat(supervised, 'shapes', capital)).message?.content, { timeout: 20_000, interval: 200 })
    .toBe('Paris')
})

test('a binary that is not there is a sentence', async () => {
  const engine = await openEngine({ dataDir: join(dataDir, 'nowhere'), llamaServer: '/nowhere/llama-server' })
  await engine.import({ path: shapesFolder, name: 'shapes' })
  expect(await chat(engine, 'shapes', capital)).toMatchObject({
    status: 503,
    error: 'llama-server stopped unexpectedly (code -2): spawn /nowhere/llama-server ENOENT.',
  })
  await engine.close()
})

test('it is found on the path, when it is there', async () => {
  expect(await findLlamaServer(`/nowhere:${dataDir}`)).toBe(join(dataDir, 'llama-server'))
  expect(await findLlamaServer('/nowhere')).toBeNull()
})

test('its flags: loopback, a chat template by Jinja, the key nowhere', () => {
  const flags = flagsOf(
    {
      weights: 'w.gguf',
      projector: 'p.gguf',
      template: null,
      templateFile: 't.jinja',
      contextTokens: 4096,
      trained: { key: 'llama.context_length', tokens: 2048 },
      adapterPath: () => null,
    },
    {
      binary: 'x',
      adapters: [{ name: 'a', path: 'a.gguf' }],
      startMs: 1,
      threads: 2,
      gpu: null,
      slots: 2,
      idleMs: 1,
      mostImageTokens: 1024,
      env: {},
    },
    8080,
    (flag) => flag === '--cache-ram',
  )
  expect(flags.join(' ')).toBe(
    '--model w.gguf --override-kv llama.context_length=int:4096 --mmproj p.gguf --image-max-tokens 1024 --host 127.0.0.1 --port 8080 --jinja --no-webui --chat-template-file t.jinja --ctx-size 8192 --parallel 2 --threads 2 --cache-ram 1024 --lora a.gguf --lora-init-without-apply',
  )
})

test('an address is an engine like any other: text, pictures, schemas and tools', async () => {
  expect((await far.serve('box')).engine.kind).toBe('url')
  expect((await chat(far, 'box', capital)).message?.content).toBe('Paris')
  const picture = { type: 'image_url', image_url: { url: dataUrl(await drawShape('green', 'black', 6)) } }
  const schema = {
    type: 'object',
    properties: { color: { enum: ['green', 'red'] } },
    required: ['color'],
    additionalProperties: false,
  }
  const answer = await chat(far, 'box', [picture, { type: 'text', text: 'Answer as JSON.' }], {
    response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
  })
  expect(JSON.parse(answer.message?.content ?? '')).toEqual({ color: 'green' })
  const called = await chat(far, 'box', 'Answer as JSON.', {
    tools: [{ type: 'function', function: { name: 'paint', parameters: schema } }],
    tool_choice: 'required',
  })
  expect(called.message?.tool_calls?.[0]?.id).toMatch(/^\w{9}$/)
})

test('an adapter at an address is asked for by the name that the server there gives it', async () => {
  expect((await chat(far, 'tuned@taught', capital)).message?.content).toBe('three, two, one')
  // Where nothing else is said, by its own name, as vLLM does; the other side here knows no such model.
  expect(await chat(far, 'box@taught', capital)).toMatchObject({
    status: 404,
    error: expect.stringContaining('"taught"'),
  })
})

test('an address that moved is followed, and pictures go to one only when it was chosen', async () => {
  const look = async () => far.look({ file: 'a.png', bytes: await drawShape('green', 'black', 6), as: 'caption' })
  await far.use('box')
  expect((await look()).model).toBe('box')
  await far.import({ path: `${shapesFolder}model.gguf`, name: 'blind' })
  await far.use('blind')
  expect((await look()).model).toBeNull()
  const [box] = addresses as [RemoteModel]
  addresses = [{ ...box, baseUrl: 'http://127.0.0.1:9/v1' }]
  expect((await chat(far, 'box', capital)).status).toBe(503)
  addresses = [box]
  expect((await chat(far, 'box', capital)).message?.content).toBe('Paris')
})

test('an address where nobody is, and what the other side refuses, are sentences', async () => {
  expect(await chat(far, 'gone', 'hi')).toMatchObject({
    status: 503,
    error: 'No engine answers at http://127.0.0.1:9/v1.',
  })
  expect((await chat(far, 'box', 'hello '.repeat(9000))).error).toMatch(/tokens and the context holds/)
})
