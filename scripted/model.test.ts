import { execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { generateText, streamText, tool } from 'ai'
import OpenAI from 'openai'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import { makeCall } from './capability.ts'
import { type ScriptedModel, type ScriptInput, startScriptedModel } from './model.ts'

let model: ScriptedModel | undefined
afterEach(async () => {
  await model?.close()
  model = undefined
})
const start = async (script: ScriptInput) => {
  model = await startScriptedModel({ script })
  return model
}

const post = (path: string, body: object) =>
  fetch(model!.url + path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(body),
  })

test('a real OpenAI client reads text, calls and usage, streaming and not', async () => {
  const { url, requests } = await start({
    rules: [
      {
        when: { user: 'hello' },
        text: 'Hi there, friend.',
        calls: [{ tool: 'bash', command: 'ls' }],
        usage: { input: 7, cacheRead: 3, output: 5 },
      },
    ],
  })
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'x', maxRetries: 0 })
  const tools = [
    {
      type: 'function' as const,
      function: { name: 'Shell', parameters: { type: 'object', properties: { cmd: { type: 'string' } } } },
    },
  ]
  const messages = [{ role: 'user' as const, content: 'hello' }]
  const whole = await client.chat.completions.create({ model: 'gpt', messages, tools })
  expect(whole.model).toBe('scripted')
  expect(whole.choices[0]?.message.content).toBe('Hi there, friend.')
  expect(whole.choices[0]?.message.tool_calls?.[0]).toMatchObject({
    function: { name: 'Shell', arguments: '{"cmd":"ls"}' },
  })
  expect(whole.usage).toMatchObject({ prompt_tokens: 10, completion_tokens: 5 })

  const streamed = client.chat.completions.stream({
    model: 'gpt',
    messages,
    tools,
    stream_options: { include_usage: true },
  })
  const last = await streamed.finalChatCompletion()
  expect(last.choices[0]?.message.content).toBe('Hi there, friend.')
  expect(last.choices[0]?.message.tool_calls?.[0]).toMatchObject({ function: { arguments: '{"cmd":"ls"}' } })
  expect(last.usage?.prompt_tokens_details?.cached_tokens).toBe(3)
  expect(requests.map((one) => [one.wire, one.stream, one.tools, one.state])).toEqual([
    ['openai-chat', false, ['Shell'], 'finished'],
    ['openai-chat', true, ['Shell'], 'finished'],
  ])
})

test('the responses wire satisfies the same client, streaming and not', async () => {
  const { url } = await start({
    rules: [{ text: 'Looking.', calls: [{ name: 'look', args: { at: 'it' } }], usage: { input: 4, output: 2 } }],
  })
  const client = new OpenAI({ baseURL: `${url}/v1`, apiKey: 'x', maxRetries: 0 })
  const ask = { model: 'gpt', input: 'hello' }
  const whole = await client.responses.create(ask)
  expect(whole.output_text).toBe('Looking.')
  const last = await client.responses.stream(ask).finalResponse()
  expect(last.output_text).toBe('Looking.')
  expect(last.output.find((item) => item.type === 'function_call')).toMatchObject({
    name: 'look',
    arguments: '{"at":"it"}',
  })
  expect(last.usage).toMatchObject({ input_tokens: 4, output_tokens: 2 })
})

test('steps follow the rounds of tool results since the matched message', async () => {
  const { url, requests } = await start({
    rules: [
      { when: { tools: false }, text: 'A title' },
      {
        when: { user: 'fix the bug' },
        steps: [
          { calls: [{ tool: 'read', path: 'a.txt' }] },
          { calls: [{ tool: 'write', path: 'a.txt', text: 'new' }] },
          { text: 'Fixed.' },
        ],
      },
    ],
  })
  const provider = createOpenAICompatible({ name: 'scripted', baseURL: `${url}/v1` })
  const done: unknown[] = []
  const tools = {
    read_file: tool({
      inputSchema: z.object({ file_path: z.string() }),
      execute: async (args) => done.push(['read', args]),
    }),
    write_file: tool({
      inputSchema: z.object({ absolute_path: z.string(), content: z.string(), overwrite: z.boolean() }),
      execute: async (args) => done.push(['write', args]),
    }),
  }
  const result = await generateText({
    model: provider('whatever'),
    instructions: 'Working directory: /repo/here.\nBe quick.',
    prompt: 'Please fix the bug.',
    tools,
    stopWhen: ({ steps }) => steps.length >= 5,
  })
  expect(result.text).toBe('Fixed.')
  expect(done).toEqual([
    ['read', { file_path: '/repo/here/a.txt' }],
    ['write', { absolute_path: '/repo/here/a.txt', content: 'new', overwrite: false }],
  ])
  expect(requests.map((one) => one.toolResults)).toEqual([0, 1, 2])
  const streamed = streamText({ model: provider('whatever'), prompt: 'Name this.' })
  expect(await streamed.text).toBe('A title')
})

test('anthropic and gemini speak their own shapes and count images and results', async () => {
  const { requests } = await start({
    rules: [
      { when: { image: true, toolResults: 0 }, calls: [{ tool: 'read', path: 'x' }] },
      { when: { toolResults: 1 }, text: 'I saw it.' },
    ],
  })
  const image = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'AAAA' } }
  const read = { name: 'Read', input_schema: { type: 'object', properties: { file_path: { type: 'string' } } } }
  const user = { role: 'user', content: [{ type: 'text', text: 'see' }, image] }
  const first = await (await post('/v1/messages', { model: 'c', messages: [user], tools: [read] })).json()
  expect(first).toMatchObject({ model: 'scripted', stop_reason: 'tool_use' })
  expect(first.content[0]).toMatchObject({ type: 'tool_use', name: 'Read', input: { file_path: 'x' } })
  const messages = [
    user,
    { role: 'assistant', content: first.content },
    { role: 'user', content: [{ type: 'tool_result', tool_use_id: first.content[0].id, content: 'ok' }] },
  ]
  const stream = await (await post('/v1/messages', { model: 'c', messages, tools: [read], stream: true })).text()
  expect(stream).toContain('event: message_start')
  expect(stream).toContain('"text":"saw "')
  expect(stream.trimEnd().endsWith('data: {"type":"message_stop"}')).toBe(true)

  const declared = { functionDeclarations: [{ name: 'read_file', parameters: { properties: { path: {} } } }] }
  const contents = [{ role: 'user', parts: [{ text: 'see' }, { inlineData: { mimeType: 'image/png', data: 'A' } }] }]
  const gemini = await (await post('/v1beta/models/g:generateContent', { contents, tools: [declared] })).json()
  expect(gemini.candidates[0].content.parts[0].functionCall).toMatchObject({ name: 'read_file', args: { path: 'x' } })
  const more = [...contents, { role: 'user', parts: [{ functionResponse: { name: 'read_file', response: { a: 1 } } }] }]
  const path = '/v1beta/models/g:streamGenerateContent?alt=sse'
  expect(await (await post(path, { contents: more, tools: [declared] })).text()).toContain('"finishReason":"STOP"')
  expect(requests.map((one) => [one.wire, one.images, one.toolResults])).toEqual([
    ['anthropic', 1, 0],
    ['anthropic', 1, 1],
    ['gemini', 1, 0],
    ['gemini', 1, 1],
  ])
})

test('faults strike as often as they say, then the step works', async () => {
  await start({
    rules: [
      {
        when: { lastUser: 'busy' },
        text: 'ok',
        fault: { kind: 'status', status: 429, retryAfterSeconds: 1, times: 2 },
      },
      { when: { lastUser: 'cut' }, text: 'one two three four', fault: { kind: 'drop', after: 2 } },
      { when: { lastUser: 'early' }, text: 'one two three four', fault: { kind: 'eof', after: 2 } },
      { when: { lastUser: 'bad' }, calls: [{ name: 'x', args: { a: 1 } }], fault: { kind: 'badjson' } },
    ],
  })
  const say = (content: string, stream = false) =>
    post('/v1/chat/completions', { model: 'm', stream, messages: [{ role: 'user', content }] })
  const statuses = [await say('busy'), await say('busy'), await say('busy')]
  expect(statuses.map((one) => [one.status, one.headers.get('retry-after')])).toEqual([
    [429, '1'],
    [429, '1'],
    [200, null],
  ])
  await expect(say('cut', true).then((one) => one.text())).rejects.toThrow()
  expect(await (await say('cut', true)).text()).toContain('[DONE]')
  expect(await (await say('early', true)).text()).not.toContain('[DONE]')
  expect((await (await say('bad')).json()).choices[0].message.tool_calls[0].function.arguments).toBe('{"a":1,}')
})

test('a caller that goes away is recorded', async () => {
  const { requests, url } = await start({ rules: [{ text: 'a b c', fault: { kind: 'slow', msPerToken: 20_000 } }] })
  const away = new AbortController()
  const body = JSON.stringify({ model: 'm', stream: true, messages: [] })
  const response = await fetch(`${url}/v1/chat/completions`, { method: 'POST', body, signal: away.signal })
  expect(response.status).toBe(200)
  away.abort()
  await expect.poll(() => requests[0]?.state).toBe('aborted')
})

test('wishes fall back to a patch or the shell, and those commands do the work', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'scripted-'))
  const shell = [{ name: 'exec_command', schema: { properties: { cmd: { type: 'string' } }, required: ['cmd'] } }]
  const run = (wish: Parameters<typeof makeCall>[0]) =>
    promisify(execFile)('sh', ['-c', String(makeCall(wish, shell, '')?.args.cmd)], { cwd: folder })
  await run({ tool: 'write', path: "deep/it's.txt", text: 'one\n$two\n' })
  await run({ tool: 'edit', path: "deep/it's.txt", old: '$two', new: "$& '3'" })
  expect(await readFile(join(folder, "deep/it's.txt"), 'utf8')).toBe("one\n$& '3'\n")
  await rm(folder, { recursive: true })

  const patch = [{ name: 'apply_patch', schema: {}, freeText: true }]
  expect(makeCall({ tool: 'edit', path: 'a', old: 'x', new: 'y' }, patch, '/r')?.freeText).toBe(
    '*** Begin Patch\n*** Update File: a\n@@\n-x\n+y\n*** End Patch',
  )
  const vector = [{ name: 'shell', schema: { properties: { command: { type: 'array', items: { type: 'string' } } } } }]
  expect(makeCall({ tool: 'bash', command: 'ls' }, vector, '')?.args).toEqual({ command: ['bash', '-lc', 'ls'] })
  const edits = [
    {
      name: 'edit',
      schema: {
        properties: {
          path: {},
          edits: { type: 'array', items: { properties: { oldText: {}, newText: {} } } },
        },
      },
    },
  ]
  expect(makeCall({ tool: 'edit', path: 'a', old: 'x', new: 'y' }, edits, '/r')?.args).toEqual({
    path: '/r/a',
    edits: [{ oldText: 'x', newText: 'y' }],
  })
  expect(makeCall({ tool: 'bash', command: 'ls' }, [], '')).toBeNull()
})

test('runs alone and refuses a script that says nothing sensible', async () => {
  const file = join(await mkdtemp(join(tmpdir(), 'scripted-')), 'script.json')
  await writeFile(file, JSON.stringify({ rules: [{ text: 'alone' }] }))
  const child = spawn(process.execPath, [join(import.meta.dirname, 'model.ts'), '--script', file])
  const [line] = await once(child.stdout, 'data')
  const response = await fetch(`${String(line).trim()}/v1/chat/completions`, {
    method: 'POST',
    body: '{"messages":[]}',
  })
  expect((await response.json()).choices[0].message.content).toBe('alone')
  child.kill()
  await once(child, 'exit')
  await expect(startScriptedModel({ script: { rules: [{ wen: {} }] } as never })).rejects.toThrow(/wen/)
})
