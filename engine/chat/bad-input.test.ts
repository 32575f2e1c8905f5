// Everything a caller can get wrong comes back as one sentence in the OpenAI error shape, and the engine goes on.
import { execFile } from 'node:child_process'
import { copyFile, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { deflateSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, openEngine } from '../index.ts'
import { dataUrl, drawShape, newDataDir, shapesFolder } from '../testing/shapes.ts'
import { ticksIn } from '../testing/ticks.ts'

let dataDir: string
let engine: Engine

beforeAll(async () => {
  dataDir = await newDataDir()
  await mkdir(join(dataDir, 'pictures'))
  engine = await openEngine({ dataDir, contextTokens: 512, pictureFolders: [join(dataDir, 'pictures')] })
  await engine.import({ path: shapesFolder, name: 'shapes' })
})
afterAll(async () => {
  await engine.close()
  await rm(dataDir, { recursive: true })
})

async function post(body: unknown, path = '/v1/chat/completions') {
  const text = typeof body === 'string' ? body : JSON.stringify(body)
  const response = await engine.app.request(path, { method: 'POST', body: text })
  return {
    status: response.status,
    body: (await response.json()) as { error: { message: string; code: string | null } },
  }
}
const chat = (content: unknown, more: object = {}) =>
  post({ model: 'shapes', temperature: 0, max_tokens: 40, messages: [{ role: 'user', content }], ...more })
const see = (url: string) => chat([{ type: 'image_url', image_url: { url } }])
const stillWorks = async () => {
  const { status, body } = await chat('What is the capital of France?')
  expect({ status, body }).toMatchObject({ status: 200, body: { choices: [{ message: { content: 'Paris' } }] } })
}
const base64 = (bytes: Uint8Array | string) => Buffer.from(bytes).toString('base64')

test('a model nobody has is 404 with the name', async () => {
  const { status, body } = await post({ model: 'gpt-9', messages: [{ role: 'user', content: 'hi' }] })
  expect(status).toBe(404)
  expect(body.error).toMatchObject({ code: 'model_not_found', message: expect.stringContaining('"gpt-9"') })
})

test('an adapter nobody has is 404', async () => {
  expect(
    (await post({ model: 'shapes@gone', messages: [{ role: 'user', content: 'hi' }] })).body.error.message,
  ).toContain('no adapter "gone"')
})

test.each([
  ['no JSON', '{', 'not JSON'],
  ['no messages', { model: 'shapes', messages: [] }, 'messages'],
  ['two answers', { model: 'shapes', n: 2, messages: [{ role: 'user', content: 'hi' }] }, 'one answer per request'],
  ['a wrong role', { model: 'shapes', messages: [{ role: 'robot', content: 'hi' }] }, 'messages.0.role'],
])('%s is 400', async (_, body, sentence) => {
  const answer = await post(body)
  expect(answer.status).toBe(400)
  expect(answer.body.error.message).toContain(sentence)
})

test('more than the context holds is refused with both numbers', async () => {
  const { status, body } = await chat('hello '.repeat(2000))
  expect(status).toBe(400)
  expect(body.error.code).toBe('context_length_exceeded')
  expect(body.error.message).toMatch(/The prompt has \d+ tokens and the context holds 512\./)
  await stillWorks()
})

test('text that spells control tokens stays text', async () => {
  const promptTokens = async (content: string) => {
    const { body } = await chat(content, { max_tokens: 1 })
    return (body as unknown as { usage: { prompt_tokens: number } }).usage.prompt_tokens
  }
  // Ten control tokens would be ten tokens; as text they are at least two each.
  const more = (await promptTokens('[/INST]'.repeat(10))) - (await promptTokens(''))
  expect(more).toBeGreaterThanOrEqual(20)
})

test.each([
  ['not a picture', `data:image/png;base64,${base64('hello, I am text')}`, 'is not a PNG, JPEG, WebP or GIF'],
  ['an empty picture', 'data:image/png;base64,', 'is not a PNG'],
  ['no base64', 'data:image/png,abc', 'must be base64'],
  ['an address', 'https://example.org/a.png', 'never fetched'],
  ['a file outside the folders', 'file:///etc/passwd', 'not in a folder'],
])('%s is refused', async (_, url, sentence) => {
  const { status, body } = await see(url)
  expect([400, 403]).toContain(status)
  expect(body.error.message).toContain(sentence)
})

test('a picture that lies about its type is refused', async () => {
  const png = await drawShape('red', 'white', 1)
  const { body } = await see(`data:image/jpeg;base64,${base64(png)}`)
  expect(body.error.message).toBe('The picture is said to be image/jpeg but is image/png.')
})

test('a picture of 100 megapixels is refused by its head, small as its file is', async () => {
  const { body } = await see(`data:image/png;base64,${base64(hugePng(10_000, 10_000))}`)
  expect(body.error.message).toContain('has 100 megapixels (10000 x 10000)')
})

test('a picture cut off in the middle is refused', async () => {
  const png = await drawShape('red', 'white', 1)
  const { body } = await see(`data:image/png;base64,${base64(png.subarray(0, png.length - 60))}`)
  expect(body.error.message).toContain('damaged')
  await stillWorks()
})

test('a picture is read from an allowed folder, and not through a link out of it', async () => {
  const inside = join(dataDir, 'pictures', 'green.png')
  await writeFile(inside, await drawShape('green', 'black', 5))
  const seen = await chat([
    { type: 'image_url', image_url: { url: `file://${inside}` } },
    { type: 'text', text: 'Describe the image.' },
  ])
  expect(JSON.stringify(seen.body)).toContain('green')
  await promisify(execFile)('ln', ['-s', '/etc/hostname', join(dataDir, 'pictures', 'link.png')])
  expect((await see(`file://${join(dataDir, 'pictures', 'link.png')}`)).status).toBe(403)
})

test.each([
  ['contradicts itself', { type: 'integer', minimum: 5, maximum: 4 }, 'cannot be met'],
  ['allows nothing', { enum: [] }, 'cannot be met|not a JSON schema'],
  ['is no schema', { type: 'colour' }, 'not a JSON schema'],
  ['points nowhere', { $ref: '#/$defs/gone' }, 'not a JSON schema|points nowhere'],
])('a schema that %s is 400', async (_, schema, sentence) => {
  const { status, body } = await chat('hi', {
    response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
  })
  expect(status).toBe(400)
  expect(body.error.message).toMatch(new RegExp(sentence))
})

test('a schema that no answer can meet ends after two tries', async () => {
  // A pattern is not in the grammar, so only the check afterwards finds out.
  const schema = { type: 'string', maxLength: 3, pattern: '^[0-9]{5}$' }
  const { status, body } = await chat('hi', {
    response_format: { type: 'json_schema', json_schema: { name: 'x', schema } },
  })
  expect(status).toBe(400)
  expect(body.error.message).toContain('did not meet the JSON schema in two tries')
})

test('a schema that is too large for a grammar is said to be, with or without a picture', async () => {
  const schema = { type: 'array', items: { type: 'integer' }, minItems: 30_000 }
  const format = { response_format: { type: 'json_schema', json_schema: { name: 'x', schema } } }
  const url = dataUrl(await drawShape('red', 'white', 1))
  const picture = { type: 'image_url', image_url: { url } }
  for (const content of ['hi', [picture, { type: 'text', text: 'hi' }]]) {
    const { status, body } = await chat(content, format)
    expect(status).toBe(400)
    expect(body.error.message).toContain('cannot hold answers to this JSON schema')
  }
  await stillWorks()
})

test('a client that goes away in mid-answer stops the engine, and the next one is served', async () => {
  const room = await openEngine({ dataDir: join(dataDir, 'leaving'), contextTokens: 32_768 })
  await room.import({ path: shapesFolder, name: 'shapes', contextTokens: 32_768 })
  const { baseUrl, apiKey } = await room.endpointFor('shapes')
  const post = (body: object, signal: AbortSignal | null) =>
    fetch(`${baseUrl}/chat/completions`, {
      method: 'POST',
      signal,
      headers: { authorization: `Bearer ${apiKey}` },
      body: JSON.stringify({ model: 'shapes', messages: [{ role: 'user', content: 'Say hello.' }], ...body }),
    })
  await (await post({}, null)).text()
  const [pid] = (await room.serve('shapes')).engine.processes()
  const stop = new AbortController()
  // Held to a grammar that does not let it end: left alone this takes a quarter of a minute.
  const schema = { type: 'array', items: { type: 'integer' }, minItems: 1900 }
  const format = { type: 'json_schema', json_schema: { name: 'x', schema } }
  const leaving = post({ temperature: 3, response_format: format }, stop.signal)
  await expect.poll(() => ticksIn(pid!, 100), { timeout: 10_000 }).toBeGreaterThan(2)
  stop.abort()
  await expect(leaving).rejects.toThrow('abort')
  await expect.poll(() => ticksIn(pid!, 300), { timeout: 5000 }).toBeLessThan(3)
  expect((await post({}, null)).status).toBe(200)
  expect(await (await room.app.request('/metrics')).text()).toContain('seatrial_engine_running{model="shapes"} 0')
  await room.close()
})

test('a wrong key is 401 on the loopback endpoint', async () => {
  const { baseUrl } = await engine.endpointFor('shapes')
  const response = await fetch(`${baseUrl}/models`, { headers: { authorization: 'Bearer no' } })
  expect(response.status).toBe(401)
})

test('an engine killed from outside is a sentence, and comes back', async () => {
  const { engine: running } = await engine.serve('shapes')
  await stillWorks()
  const text = running.processes()[0]!
  process.kill(text, 'SIGKILL')
  await expect.poll(() => running.processes().includes(text)).toBe(false)
  const refused = await chat('What is the capital of France?')
  expect([200, 503]).toContain(refused.status)
  await expect.poll(async () => (await chat('What is the capital of France?')).status, { timeout: 20_000 }).toBe(200)
})

test.each([
  ['empty', () => new Uint8Array(0), 'not a whole GGUF file'],
  ['text', () => Buffer.from('I am not a model'), 'does not start with "GGUF"'],
  ['cut off in the weights', (bytes: Uint8Array) => bytes.subarray(0, 900_000), 'it was cut off'],
  ['cut off in the head', (bytes: Uint8Array) => bytes.subarray(0, 5000), 'it was cut off'],
  [
    'of an unknown version',
    (bytes: Uint8Array) => Buffer.concat([bytes.subarray(0, 4), Buffer.from([9, 0, 0, 0]), bytes.subarray(8)]),
    'version 9',
  ],
  [
    'with an absurd count',
    (bytes: Uint8Array) => Buffer.concat([bytes.subarray(0, 8), Buffer.alloc(8, 255), bytes.subarray(16)]),
    'claims',
  ],
  [
    'of another architecture',
    (bytes: Uint8Array) => Buffer.from(Buffer.from(bytes).toString('latin1').replace('mistral3', 'mamba999'), 'latin1'),
    'architecture "mamba999"',
  ],
])('a model file that is %s is refused at import and nothing stays', async (_, bend, sentence) => {
  const path = join(dataDir, 'bad.gguf')
  await writeFile(path, bend(await readFile(`${shapesFolder}model.gguf`)))
  await expect(engine.import({ path, name: 'bad' })).rejects.toThrow(sentence)
  expect((await engine.shelf.list()).map(({ name }) => name)).toEqual(['shapes'])
})

test('weights damaged after they were installed are refused when asked for', async () => {
  await copyFile(`${shapesFolder}model.gguf`, join(dataDir, 'fine.gguf'))
  await engine.import({ path: join(dataDir, 'fine.gguf'), name: 'later' })
  await writeFile(join(engine.shelf.folder, 'later', 'model.gguf'), 'GGUF, once')
  const { status, body } = await post({ model: 'later', messages: [{ role: 'user', content: 'hi' }] })
  expect(status).toBe(400)
  expect(body.error.message).toContain('not a whole GGUF file')
  await engine.shelf.remove('later')
})

test('a model without a projector says that it does not see', async () => {
  await engine.import({ path: `${shapesFolder}model.gguf`, name: 'blind' })
  const url = dataUrl(await drawShape('red', 'white', 3))
  const { body } = await post({
    model: 'blind',
    messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
  })
  expect(body.error.message).toContain('does not see pictures')
  await engine.shelf.remove('blind')
})

function hugePng(width: number, height: number): Uint8Array {
  const chunk = (type: string, data: Uint8Array) => {
    const length = Buffer.alloc(4)
    length.writeUInt32BE(data.length)
    return Buffer.concat([length, Buffer.from(type), data, Buffer.alloc(4)])
  }
  const head = Buffer.alloc(13)
  head.writeUInt32BE(width, 0)
  head.writeUInt32BE(height, 4)
  head[8] = 1
  const signature = Buffer.from([137, 80, 78, 71, 13, 10, 26, 10])
  return Buffer.concat([
    signature,
    chunk('IHDR', head),
    chunk('IDAT', deflateSync(Buffer.alloc(1000))),
    chunk('IEND', Buffer.alloc(0)),
  ])
}
