import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { createOpenAICompatible } from '@ai-sdk/openai-compatible'
import { serve } from '@hono/node-server'
import { generateText, tool } from 'ai'
import OpenAI from 'openai'
import { afterEach, expect, test } from 'vitest'
import { z } from 'zod'
import type { Json } from './neutral.ts'
import { framesOf, makeRig, noLimits, type Rig, requests, secret, type WireName, wireNames } from './test-kit.ts'

const open: { close(): unknown }[] = []
afterEach(async () => {
  for (const one of open.splice(0).reverse()) await one.close()
})
async function rigOf(options: Parameters<typeof makeRig>[0]): Promise<Rig> {
  const rig = await makeRig(options)
  open.push(rig)
  return rig
}
const tokens = (most: number) => ({ ...noLimits, trial: { tokens: most, micros: null } })

/** An endpoint that answers what a test wants to see. */
async function rawEndpoint(answer: Parameters<typeof createServer>[1] & {}): Promise<string> {
  const server: Server = createServer(answer)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push({ close: () => new Promise((resolve) => server.close(resolve).closeAllConnections()) })
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
}

/** An address where nobody listens any more. */
async function nobody(): Promise<string> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  await new Promise((resolve) => server.close(resolve))
  return `http://127.0.0.1:${port}/v1`
}

test('a call that would exceed the budget is refused before it starts, in the words of each wire', async () => {
  const shapes: Record<WireName, object> = {
    'openai-chat': { error: { type: 'insufficient_quota', code: 'budget_spent' } },
    'openai-responses': { error: { type: 'insufficient_quota', code: 'budget_spent' } },
    anthropic: { type: 'error', error: { type: 'billing_error' } },
    gemini: { error: { code: 402, status: 'FAILED_PRECONDITION' } },
  }
  for (const wire of wireNames) {
    const rig = await rigOf({
      wire,
      script: { rules: [{ text: 'hi', usage: { input: 900, output: 100 } }] },
      limits: tokens(1900),
    })
    expect((await rig.send(wire, requests[wire].hello)).status).toBe(200)
    const refused = await rig.send(wire, requests[wire].hello)
    expect(refused.status).toBe(402)
    expect(refused.headers.get('x-should-retry')).toBe('false')
    const body = await refused.json()
    expect(body).toMatchObject(shapes[wire])
    expect(body.error.message).toMatch(/^This trial's budget of 1900 tokens is spent \(1000 used/)
    expect(rig.model.requests).toHaveLength(1)
    expect(rig.reports.map((report) => report.outcome)).toEqual(['ok', 'budget'])
  }
})

test('a smaller output limit is sent when only less than asked for fits', async () => {
  const rig = await rigOf({ wire: 'anthropic', script: { rules: [{ text: 'hi' }] }, limits: tokens(6000) })
  const ask = { ...requests.anthropic.hello, max_tokens: 64_000, thinking: { type: 'enabled', budget_tokens: 32_000 } }
  expect((await rig.send('anthropic', ask)).status).toBe(200)
  expect(rig.model.requests[0]?.body.max_tokens).toBe(4096)
  expect(rig.model.requests[0]?.body.thinking).toBeUndefined()
  // That the whole did not fit is no news; that nothing fits is, once.
  expect(rig.ledger.refusals).toEqual([])
  rig.ledger.settled[0]!.inputTokens = 5500
  expect((await rig.send('anthropic', ask)).status).toBe(402)
  expect(rig.ledger.refusals).toHaveLength(1)
})

test('an adapter is asked for in the terms of its server, on every wire, and no agent chooses its own', async () => {
  const lora = [{ id: 1, scale: 1 }]
  for (const wire of wireNames) {
    const worn = { model: 'terse-v2', fields: { lora } }
    const rig = await rigOf({ wire, script: { rules: [{ text: 'hi' }] }, endpoint: { model: 'devstral', worn } })
    for (const inbound of wireNames) await rig.send(inbound, { ...requests[inbound].hello, lora: [{ id: 7 }] })
    expect(rig.model.requests.map((one) => one.model)).toEqual(Array(4).fill('terse-v2'))
    expect(rig.model.requests.map(({ body }) => body.lora)).toEqual(Array(4).fill(lora))
  }
  const bare = await rigOf({ wire: 'openai-chat', script: { rules: [{ text: 'hi' }] } })
  await bare.send('openai-chat', { ...requests['openai-chat'].hello, lora })
  expect(bare.model.requests[0]?.body.lora).toBeUndefined()
})

test('parallel calls cannot spend the same money twice', async () => {
  const rig = await rigOf({
    wire: 'openai-chat',
    script: { rules: [{ text: 'hi', usage: { input: 10, output: 5 } }] },
    limits: tokens(1500),
  })
  const ask = { ...requests['openai-chat'].hello, max_tokens: 1024 }
  const statuses = (await Promise.all([1, 2, 3, 4].map(() => rig.send('openai-chat', ask)))).map((one) => one.status)
  expect(statuses.toSorted()).toEqual([200, 402, 402, 402])
})

test('money: a known price is held to, an unknown one is refused rather than taken for nothing, free is free', async () => {
  const limits = { ...noLimits, day: { tokens: null, micros: 20_000 } }
  const script = { rules: [{ text: 'hi', usage: { input: 10, output: 5 } }] }
  const ask = { ...requests['openai-chat'].hello, max_tokens: 500 }
  const known = await rigOf({ wire: 'openai-chat', script, limits })
  expect((await known.send('openai-chat', ask)).status).toBe(200)
  expect((await known.send('openai-chat', { ...ask, max_tokens: 900 })).status).toBe(402)

  const unknown = await rigOf({ wire: 'openai-chat', script, limits, endpoint: { model: 'own-model' } })
  const refused = await unknown.send('openai-chat', ask)
  expect((await refused.json()).error.message).toMatch(/cannot be held, because the model's price is not known/)

  const unlimited = await rigOf({ wire: 'openai-chat', script, endpoint: { model: 'own-model' } })
  await unlimited.send('openai-chat', ask)
  expect(unlimited.ledger.settled[0]?.micros).toBeNull()

  const free = await rigOf({ wire: 'openai-chat', script, limits, endpoint: { model: 'own-model', free: true } })
  expect((await free.send('openai-chat', ask)).status).toBe(200)
  expect(free.ledger.settled[0]?.micros).toBe(0)
})

test('a stream that runs past its reservation is cut when the budget ends', async () => {
  const rig = await rigOf({
    wire: 'openai-chat',
    script: { rules: [{ text: 'word '.repeat(20_000), usage: null }] },
    limits: tokens(3000),
  })
  for (const wire of ['openai-chat', 'anthropic'] as const) {
    const text = await (await rig.send(wire, { ...requests[wire].hello, max_tokens: 1024 }, { stream: true })).text()
    expect(text).toMatch(/budget of 3000 tokens is spent/)
    expect(rig.reports.at(-1)).toMatchObject({ outcome: 'budget', estimated: true })
    await expect.poll(() => rig.model.requests.at(-1)?.state).toBe('aborted')
    expect(rig.ledger.open.size).toBe(0)
    rig.ledger.settled.length = 0
  }
})

test('revoke ends a stream in the middle at once and refuses the token from then on', async () => {
  const rig = await rigOf({
    wire: 'openai-chat',
    script: { rules: [{ text: 'one two three four', fault: { kind: 'slow', msPerToken: 200 } }] },
  })
  for (const wire of wireNames) {
    const token = rig.gateway.mint(rig.spender)
    const request = new Request(`http://gateway${requests[wire].path(true)}`, {
      method: 'POST',
      headers: requests[wire].auth(token),
      body: JSON.stringify(wire === 'gemini' ? requests[wire].hello : { ...requests[wire].hello, stream: true }),
    })
    const response = await rig.gateway.fetch(request.clone())
    const reader = response.body!.getReader()
    await reader.read()
    const before = performance.now()
    rig.gateway.revoke('trial-1')
    await expect(
      (async () => {
        while (!(await reader.read()).done);
      })(),
    ).rejects.toThrow(/Spending of this trial has ended/)
    expect(performance.now() - before).toBeLessThan(150)
    await expect.poll(() => rig.model.requests.at(-1)?.state).toBe('aborted')
    await expect.poll(() => rig.ledger.open.size).toBe(0)
    expect(rig.reports.at(-1)).toMatchObject({ outcome: 'cut', estimated: true })
    expect(rig.ledger.settled.at(-1)?.inputTokens).toBeGreaterThan(0)
    const refused = await rig.gateway.fetch(request)
    expect(refused.status).toBe(403)
  }
  expect(rig.model.requests).toHaveLength(wireNames.length)
})

test('ending one token of a trial leaves the token of whoever took it over', async () => {
  const rig = await rigOf({ wire: 'openai-chat', script: { rules: [{ text: 'hello' }] } })
  const [first, second] = [rig.gateway.mint(rig.spender), rig.gateway.mint(rig.spender)]
  rig.gateway.revoke('trial-1', first)
  const statusOf = async (token: string): Promise<number> => {
    const { path, auth, hello } = requests['openai-chat']
    const request = new Request(`http://gateway${path(false)}`, {
      method: 'POST',
      headers: auth(token),
      body: JSON.stringify(hello),
    })
    return (await rig.gateway.fetch(request)).status
  }
  expect([await statusOf(first), await statusOf(second)]).toEqual([403, 200])
})

test('revoke also ends a call that has no answer yet', async () => {
  const rig = await rigOf({ wire: 'gemini', script: { rules: [{ fault: { kind: 'hang' } }] } })
  const answer = rig.send('anthropic', requests.anthropic.hello)
  await expect.poll(() => rig.model.requests.length).toBe(1)
  rig.gateway.revoke('trial-1')
  expect((await answer).status).toBe(403)
  await expect.poll(() => rig.model.requests[0]?.state).toBe('aborted')
})

test('an agent that goes away stops the call, and what it used is settled', async () => {
  const rig = await rigOf({
    wire: 'anthropic',
    script: {
      rules: [
        { text: 'one two three', fault: { kind: 'slow', msPerToken: 200 }, usage: { input: 70, cacheWrite: 30 } },
      ],
    },
  })
  const response = await rig.send('openai-chat', requests['openai-chat'].hello, { stream: true })
  const reader = response.body!.getReader()
  await reader.read()
  await reader.cancel()
  await expect.poll(() => rig.model.requests[0]?.state).toBe('aborted')
  await expect.poll(() => rig.ledger.settled.length).toBe(1)
  expect(rig.ledger.settled[0]).toMatchObject({ inputTokens: 70, cacheWriteTokens: 30 })
})

test('cache reads and writes are metered and priced apart', async () => {
  const rig = await rigOf({
    wire: 'anthropic',
    script: { rules: [{ text: 'hi', usage: { input: 1000, cacheRead: 20_000, cacheWrite: 4000, output: 100 } }] },
  })
  for (const stream of [false, true]) {
    await (await rig.send('anthropic', requests.anthropic.hello, { stream })).text()
    expect(rig.ledger.settled.at(-1)).toEqual({
      calls: 1,
      inputTokens: 1000,
      cacheReadTokens: 20_000,
      cacheWriteTokens: 4000,
      outputTokens: 100,
      // $5, $0.50, $6.25 and $25 per million
      micros: 5000 + 10_000 + 25_000 + 2500,
    })
  }
})

test('without a count from the endpoint, an estimate is settled and marked', async () => {
  const rig = await rigOf({ wire: 'openai-chat', script: { rules: [{ text: 'x'.repeat(400), usage: null }] } })
  const body = { ...requests['openai-chat'].hello, messages: [{ role: 'user', content: 'y'.repeat(3000) }] }
  await (await rig.send('openai-chat', body, { stream: true })).text()
  const [usage] = rig.ledger.settled
  expect(rig.reports[0]?.estimated).toBe(true)
  expect(usage?.outputTokens).toBe(100)
  expect(usage?.inputTokens).toBeGreaterThan(1000)
  expect(usage?.inputTokens).toBeLessThan(1100)
})

test('every place for a key is a place for the token; no other is let in', async () => {
  const rig = await rigOf({ wire: 'gemini', script: { rules: [{ text: 'hi' }] } })
  const ask = (headers: Record<string, string>, query = '') =>
    rig.gateway.fetch(
      new Request(`http://gateway/v1beta/models/any:generateContent${query}`, {
        method: 'POST',
        headers,
        body: JSON.stringify(requests.gemini.hello),
      }),
    )
  for (const headers of [
    { authorization: `Bearer ${rig.token}` },
    { 'x-api-key': rig.token },
    { 'x-goog-api-key': rig.token },
  ]) {
    expect((await ask(headers as unknown as Record<string, string>)).status).toBe(200)
  }
  expect((await ask({}, `?key=${rig.token}`)).status).toBe(200)
  expect((await ask({})).status).toBe(401)
  expect((await ask({ 'x-api-key': 'st-guessed' })).status).toBe(401)
  for (const seen of rig.model.requests) {
    expect(seen.headers['x-goog-api-key']).toBe(secret)
    expect(seen.headers.authorization).toBeUndefined()
    expect(seen.path).not.toContain(rig.token)
  }
})

test('the key never comes back, however the endpoint fails', async () => {
  let status = 401
  const baseUrl = await rawEndpoint((request, response) => {
    const shown = `wrong key ${request.headers.authorization}`
    response.writeHead(status, {
      'content-type': 'application/json',
      location: 'http://127.0.0.1:9/',
      'x-account': secret,
    })
    response.end(JSON.stringify({ error: { message: shown, param: shown } }))
  })
  for (status of [301, 400, 401, 403, 404, 429, 500, 503]) {
    for (const wire of wireNames) {
      const rig = await rigOf({ wire: 'openai-chat', script: { rules: [] }, endpoint: { baseUrl } })
      const response = await rig.send(wire, requests[wire].hello)
      const all = (await response.text()) + JSON.stringify([...response.headers])
      expect(all).not.toContain(secret)
      expect(response.status).toBe({ 301: 502, 401: 403 }[status] ?? status)
      expect(rig.ledger.settled[0]).toMatchObject({ inputTokens: 0, outputTokens: 0, micros: 0 })
    }
  }
})

test("an endpoint's errors arrive in the agent's own shape, with the hint when to retry", async () => {
  const shapes: Record<WireName, object> = {
    'openai-chat': { error: { type: 'rate_limit_error' } },
    'openai-responses': { error: { type: 'rate_limit_error' } },
    anthropic: { type: 'error', error: { type: 'rate_limit_error' } },
    gemini: { error: { code: 429, status: 'RESOURCE_EXHAUSTED' } },
  }
  for (const inbound of wireNames) {
    for (const upstream of wireNames) {
      const fault = { kind: 'status' as const, status: 429, retryAfterSeconds: 7 }
      const rig = await rigOf({ wire: upstream, script: { rules: [{ text: 'hi', fault }] } })
      const failed = await rig.send(inbound, requests[inbound].hello)
      expect(failed.status).toBe(429)
      expect(failed.headers.get('retry-after')).toBe('7')
      expect(await failed.json()).toMatchObject(shapes[inbound])
      expect((await rig.send(inbound, requests[inbound].hello)).status).toBe(200)
    }
  }
  const rig = await rigOf({
    wire: 'openai-chat',
    script: { rules: [] },
    endpoint: { baseUrl: await nobody() },
  })
  const unreachable = await rig.send('anthropic', requests.anthropic.hello)
  expect(unreachable.status).toBe(502)
  expect((await unreachable.json()).error.message).toBe(
    'The endpoint of model house-model gave no answer (ECONNREFUSED).',
  )
})

test('a context overflow is said in the words that each agent knows it by', async () => {
  const baseUrl = await rawEndpoint((_request, response) => {
    response.writeHead(400, { 'content-type': 'application/json' })
    const message = 'the request exceeds the available context size, try increasing it'
    response.end(JSON.stringify({ error: { code: 400, message, type: 'exceed_context_size_error' } }))
  })
  const rig = await rigOf({ wire: 'openai-chat', script: { rules: [] }, endpoint: { baseUrl } })
  const message = async (wire: WireName) => (await (await rig.send(wire, requests[wire].hello)).json()).error
  expect((await message('anthropic')).message).toMatch(/^prompt is too long: /)
  expect((await message('openai-responses')).code).toBe('context_length_exceeded')
  expect((await message('gemini')).message).toMatch(/^The input token count exceeds the maximum/)
})

test('an error in the middle of a stream is an error on every wire, and no end', async () => {
  const baseUrl = await rawEndpoint((_request, response) => {
    response.writeHead(200, { 'content-type': 'text/event-stream' })
    response.write('data: {"choices":[{"index":0,"delta":{"content":"one "}}]}\r\n\r\n')
    response.end('data: {"error":{"message":"the engine fell over"}}\r\n\r\n')
  })
  for (const inbound of wireNames) {
    const rig = await rigOf({ wire: 'openai-chat', script: { rules: [] }, endpoint: { baseUrl } })
    const text = await (await rig.send(inbound, requests[inbound].hello, { stream: true })).text()
    expect(text).toContain('one ')
    expect(text).toContain('the engine fell over')
    expect(text).not.toMatch(/message_stop|response\.completed|finishReason/)
    expect(rig.reports).toMatchObject([{ outcome: 'cut', sentence: 'the engine fell over' }])
  }
})

test('a stream that was not asked for, and a whole answer where a stream was, both arrive', async () => {
  const whole = {
    choices: [{ index: 0, message: { role: 'assistant', content: 'all at once' }, finish_reason: 'stop' }],
  }
  const chunk = { choices: [{ index: 0, delta: { content: 'all at once' }, finish_reason: 'stop' }] }
  for (const stream of [false, true]) {
    const baseUrl = await rawEndpoint((_request, response) => {
      response.writeHead(200, { 'content-type': stream ? 'application/json' : 'text/event-stream' })
      response.end(stream ? JSON.stringify(whole) : `data: ${JSON.stringify(chunk)}\n\ndata: [DONE]\n\n`)
    })
    for (const inbound of wireNames) {
      const rig = await rigOf({ wire: 'openai-chat', script: { rules: [] }, endpoint: { baseUrl } })
      const body = {
        ...requests[inbound].hello,
        ...(inbound === 'openai-chat' ? { stream_options: { include_usage: true } } : {}),
      }
      const text = await (await rig.send(inbound, body, { stream })).text()
      const { read, readStream } = requests[inbound]
      expect((stream ? readStream(framesOf(text)) : read(JSON.parse(text))).text).toBe('all at once')
    }
  }
})

test('what the endpoint counted makes the next reservation better', async () => {
  const rig = await rigOf({
    wire: 'openai-chat',
    // A byte a token, where three were assumed.
    script: { rules: [{ text: 'hi', usage: { input: 3000, output: 10 } }] },
    limits: tokens(8600),
  })
  const messages = [{ role: 'user', content: 'y'.repeat(2900) }]
  const statuses: number[] = []
  for (let call = 0; call < 3; call++) {
    statuses.push((await rig.send('openai-chat', { model: 'm', max_tokens: 1024, messages })).status)
  }
  expect(statuses).toEqual([200, 200, 402])
})

test('a dropped or early ended stream is never passed off as complete', async () => {
  for (const kind of ['drop', 'eof'] as const) {
    for (const inbound of wireNames) {
      const rig = await rigOf({
        wire: 'openai-chat',
        script: { rules: [{ text: 'one two three four', fault: { kind, after: 3, times: 9 } }] },
      })
      const response = await rig.send(inbound, requests[inbound].hello, { stream: true })
      const text = await response.text().catch((error) => `broke off: ${error.message}`)
      expect(text).not.toMatch(/\[DONE\]|message_stop|response\.completed|finishReason/)
      if (kind === 'drop' || inbound !== 'openai-chat') expect(text).toMatch(/^broke off/)
      expect(rig.reports).toMatchObject([{ outcome: 'cut', estimated: true }])
    }
  }
})

test('nothing the provider would do by itself is passed on: hosted tools, remote pictures, dearer tiers', async () => {
  const url = 'https://collect.example.org/?d=secret'
  const bodies: Record<WireName, Json> = {
    'openai-chat': {
      model: 'm',
      n: 8,
      service_tier: 'priority',
      web_search_options: {},
      tools: [{ type: 'web_search' }],
      tool_choice: 'auto',
      messages: [{ role: 'user', content: [{ type: 'image_url', image_url: { url } }] }],
    },
    'openai-responses': {
      model: 'm',
      background: true,
      tools: [{ type: 'web_search' }, { type: 'mcp', server_url: url }, { type: 'code_interpreter' }],
      input: [{ role: 'user', content: [{ type: 'input_image', image_url: url }] }],
    },
    anthropic: {
      model: 'm',
      max_tokens: 9,
      mcp_servers: [{ type: 'url', url }],
      tools: [{ type: 'web_fetch_20250910', name: 'web_fetch' }],
      messages: [
        { role: 'user', content: [{ type: 'image', source: { type: 'url', url } }] },
        {
          role: 'user',
          content: [
            { type: 'tool_result', tool_use_id: 'x', content: [{ type: 'image', source: { type: 'url', url } }] },
          ],
        },
      ],
    },
    gemini: {
      tools: [{ googleSearch: {} }, { urlContext: {} }],
      contents: [{ role: 'user', parts: [{ fileData: { fileUri: url, mimeType: 'image/png' } }] }],
    },
  }
  for (const inbound of wireNames) {
    for (const upstream of wireNames) {
      const rig = await rigOf({ wire: upstream, script: { rules: [{ text: 'hi' }] } })
      const response = await rig.send(inbound, bodies[inbound])
      expect(response.status).toBe(200)
      const sent = JSON.stringify(rig.model.requests[0]?.body)
      expect(sent).not.toMatch(
        /collect\.example|web_search|web_fetch|code_interpreter|mcp|googleSearch|urlContext|priority/,
      )
      expect(sent).toContain('left out by the house')
      expect(rig.model.requests[0]?.tools).toEqual([])
    }
  }
})

test('a model that sees no pictures is told of them in words', async () => {
  for (const inbound of wireNames) {
    const rig = await rigOf({ wire: inbound, script: { rules: [{ text: 'hi' }] }, endpoint: { seesImages: false } })
    await rig.send(inbound, requests[inbound].conversation)
    expect(rig.model.requests[0]).toMatchObject({ images: 0, tools: ['read'], toolResults: 1 })
    expect(JSON.stringify(rig.model.requests[0]?.body)).toContain('picture, which model house-model cannot see')
  }
})

test("codex's free-text tools and namespaces survive a wire that has neither", async () => {
  const patch = '*** Begin Patch\n*** Add File: a\n+"x"\n*** End Patch'
  const rig = await rigOf({
    wire: 'openai-chat',
    script: {
      rules: [
        {
          when: { toolResults: 0 },
          calls: [
            { name: 'apply_patch', args: { input: patch } },
            { name: 'refactor__rename', args: { to: 'b' } },
          ],
        },
        { when: { toolResults: 2 }, text: 'done' },
      ],
    },
  })
  const tools = [
    { type: 'custom', name: 'apply_patch', format: { type: 'grammar', syntax: 'lark', definition: 'start: x' } },
    { type: 'namespace', name: 'refactor', tools: [{ type: 'function', name: 'rename', parameters: {} }] },
  ]
  const input: Json[] = [{ role: 'user', content: 'go' }]
  for (const stream of [false, true]) {
    const response = await rig.send('openai-responses', { model: 'codex', tools, input }, { stream })
    const output = stream ? framesOf(await response.text()).at(-1)!.response.output : (await response.json()).output
    expect(output).toMatchObject([
      { type: 'custom_tool_call', name: 'apply_patch', input: patch },
      { type: 'function_call', namespace: 'refactor', name: 'rename', arguments: '{"to":"b"}' },
    ])
    if (!stream) continue
    const results = output.map((item: Json) => ({
      type: item.type === 'custom_tool_call' ? 'custom_tool_call_output' : 'function_call_output',
      call_id: item.call_id,
      output: 'ok',
    }))
    const last = await rig.send('openai-responses', { model: 'codex', tools, input: [...input, ...output, ...results] })
    expect((await last.json()).output[0].content[0].text).toBe('done')
    const [, , assistant] = [null, ...rig.model.requests.at(-1)!.body.messages]
    expect(assistant.tool_calls.map((call: Json) => call.function.name)).toEqual(['apply_patch', 'refactor__rename'])
  }
})

test('pictures in tool results reach every wire', async () => {
  const { conversation } = requests.anthropic
  const picture = { type: 'image', source: { type: 'base64', media_type: 'image/png', data: 'QUJD' } }
  const messages = structuredClone(conversation.messages)
  messages[2].content[0].content = [{ type: 'text', text: 'shot' }, picture]
  for (const upstream of wireNames) {
    const rig = await rigOf({ wire: upstream, script: { rules: [{ text: 'hi' }] } })
    await rig.send('anthropic', { ...conversation, messages })
    expect(JSON.stringify(rig.model.requests[0]?.body)).toContain('QUJD')
    expect(rig.model.requests[0]?.toolResults).toBe(1)
  }
})

test("Gemini without alt=sse streams one JSON array, and its schemas in capitals are everybody's", async () => {
  const rig = await rigOf({ wire: 'openai-chat', script: { rules: [{ text: 'one two' }] } })
  const parameters = { type: 'OBJECT', properties: { type: { type: 'STRING', nullable: true } }, required: ['type'] }
  const body = { ...requests.gemini.hello, tools: [{ functionDeclarations: [{ name: 'f', parameters }] }] }
  const response = await rig.send('gemini', body, { path: '/v1beta/models/x:streamGenerateContent' })
  const list = await response.json()
  expect(list.map((one: Json) => one.candidates[0].content.parts[0].text).join('')).toBe('one two')
  expect(rig.model.requests[0]?.body.tools[0].function.parameters).toEqual({
    type: 'object',
    properties: { type: { type: ['string', 'null'] } },
    required: ['type'],
  })
  const same = await rigOf({ wire: 'gemini', script: { rules: [{ text: 'one two' }] } })
  const passed = await same.send('gemini', requests.gemini.hello, { path: '/v1beta/models/x:streamGenerateContent' })
  expect((await passed.json()).length).toBe(3)
})

test('usage that an agent did not ask for is metered and kept from it', async () => {
  const rig = await rigOf({ wire: 'openai-chat', script: { rules: [{ text: 'a b', usage: { input: 3, output: 2 } }] } })
  const text = await (await rig.send('openai-chat', requests['openai-chat'].hello, { stream: true })).text()
  expect(text).not.toContain('usage')
  expect(text).toContain('[DONE]')
  expect(rig.ledger.settled[0]).toMatchObject({ inputTokens: 3, outputTokens: 2 })
})

test('models, counts and unknown paths', async () => {
  const rig = await rigOf({ wire: 'openai-chat', script: { rules: [] } })
  const get = async (path: string) => {
    const response = await rig.gateway.fetch(
      new Request(`http://gateway${path}`, { headers: { 'x-api-key': rig.token } }),
    )
    return { status: response.status, body: await response.json() }
  }
  expect((await get('/v1/models')).body.data[0]).toMatchObject({ id: 'house-model', context_length: 200_000 })
  expect((await get('/v1beta/models')).body.models[0].name).toBe('models/house-model')
  expect(await get('/v1/embeddings')).toMatchObject({ status: 404, body: { error: { type: 'invalid_request_error' } } })
  const count = await rig.send('anthropic', requests.anthropic.hello, { path: '/v1/messages/count_tokens?beta=true' })
  expect((await count.json()).input_tokens).toBeGreaterThan(5)
  const bad = await rig.gateway.fetch(
    new Request('http://gateway/v1/messages', {
      method: 'POST',
      headers: { 'x-api-key': rig.token },
      body: '{nonsense',
    }),
  )
  expect(await bad.json()).toMatchObject({ type: 'error', error: { type: 'invalid_request_error' } })
  expect(rig.model.requests).toHaveLength(0)
})

test('real clients over real sockets: the openai package and the AI SDK, on an endpoint of another wire', async () => {
  const rig = await rigOf({
    wire: 'anthropic',
    script: {
      rules: [
        { when: { toolResults: 0, tools: true }, calls: [{ name: 'add', args: { a: 2, b: 3 } }] },
        { when: { toolResults: 1, lastTool: '5' }, text: 'It is five.' },
        { when: { lastUser: 'hang' }, fault: { kind: 'hang' } },
        { text: 'Plain.' },
      ],
    },
  })
  const server = serve({ fetch: rig.gateway.fetch, port: 0, hostname: '127.0.0.1' })
  await new Promise<void>((resolve) => server.once('listening', resolve))
  open.push({ close: () => new Promise((resolve) => server.close(resolve)) })
  const baseURL = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`

  const client = new OpenAI({ baseURL, apiKey: rig.token, maxRetries: 0 })
  const streamed = await client.responses.stream({ model: 'gpt-5', input: 'hello' }).finalResponse()
  expect(streamed.output_text).toBe('Plain.')
  const whole = await client.chat.completions.create({ model: 'o9', messages: [{ role: 'user', content: 'hello' }] })
  expect(whole.choices[0]?.message.content).toBe('Plain.')

  const provider = createOpenAICompatible({ name: 'house', baseURL, apiKey: rig.token })
  const result = await generateText({
    model: provider('whatever'),
    prompt: 'Add 2 and 3.',
    tools: {
      add: tool({
        inputSchema: z.object({ a: z.number(), b: z.number() }),
        execute: async ({ a, b }) => String(a + b),
      }),
    },
    stopWhen: ({ steps }) => steps.length >= 3,
  })
  expect(result.text).toBe('It is five.')

  // A client that hangs up before the answer begins.
  const away = new AbortController()
  const waiting = client.chat.completions.create(
    { model: 'x', messages: [{ role: 'user', content: 'hang' }] },
    { signal: away.signal },
  )
  await expect.poll(() => rig.model.requests.at(-1)?.lastUser).toBe('hang')
  away.abort()
  await expect(waiting).rejects.toThrow(/abort/i)
  await expect.poll(() => rig.model.requests.at(-1)?.state).toBe('aborted')
  await expect.poll(() => rig.ledger.open.size).toBe(0)

  rig.gateway.revoke('trial-1')
  await expect(client.chat.completions.create({ model: 'x', messages: [] })).rejects.toThrow(/Spending of this trial/)
})

test('frames that are passed on unread are counted as if they had been read, and nothing of them is lost', async () => {
  const words = 'a "quoted" word, näh, '.repeat(1000)
  for (const wire of wireNames) {
    for (const usage of [null, { input: 10, output: 777 }]) {
      const rig = await rigOf({ wire, script: { rules: [{ text: words, usage }] } })
      const text = await (await rig.send(wire, requests[wire].hello, { stream: true })).text()
      const said = framesOf(text).map((frame) => textIn(wire, frame))
      expect(said.join('')).toBe(words)
      const { outputTokens } = rig.ledger.settled[0]!
      if (usage) expect(outputTokens).toBe(777)
      else expect(Math.abs(outputTokens / (Buffer.byteLength(words) / 4) - 1)).toBeLessThan(0.1)
      expect(rig.reports[0]?.estimated).toBe(usage === null)
    }
  }
})

const textIn = (wire: WireName, frame: Json): string =>
  ({
    'openai-chat': () => frame.choices[0]?.delta.content ?? '',
    'openai-responses': () => (frame.type === 'response.output_text.delta' ? frame.delta : ''),
    anthropic: () => (frame.delta?.type === 'text_delta' ? frame.delta.text : ''),
    gemini: () => frame.candidates?.[0].content.parts.map((part: Json) => part.text ?? '').join('') ?? '',
  })[wire]()

test('a piece of which nothing is for the agent does not end the reading', async () => {
  const script = { rules: [{ text: 'one two', fault: { kind: 'slow' as const, msPerToken: 30 } }] }
  const rig = await rigOf({ wire: 'openai-chat', script })
  const text = await (await rig.send('openai-chat', requests['openai-chat'].hello, { stream: true })).text()
  expect(text).toMatch(/\[DONE\]\s*$/)
  expect(text).not.toContain('"usage":{')
  expect(rig.reports).toMatchObject([{ outcome: 'ok', estimated: false }])
}, 10_000)
