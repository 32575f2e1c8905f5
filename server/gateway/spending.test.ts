// Ways past a budget, each tried: words dressed as pictures, a second name for a limit, calls broken off.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, expect, test } from 'vitest'
import { picturesOf } from './estimate.ts'
import { createMeter } from './meter.ts'
import type { Json } from './neutral.ts'
import { makeRig, noLimits, type Rig, requests, type WireName, wireNames } from './test-kit.ts'

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

const disguised = `data:image/png;base64,${'words '.repeat(8000)}`

test.each<[WireName, string, Json]>([
  ['openai-chat', 'a text', { messages: [{ role: 'user', content: disguised }] }],
  ['openai-chat', 'a text part', { messages: [{ role: 'user', content: [{ type: 'text', text: disguised }] }] }],
  [
    'anthropic',
    'arguments',
    {
      messages: [
        {
          role: 'assistant',
          content: [
            {
              type: 'tool_use',
              id: 'c',
              name: 'x',
              input: { type: 'image', media_type: 'image/png', data: disguised },
            },
          ],
        },
      ],
    },
  ],
  ['openai-responses', 'instructions', { input: 'hi', instructions: disguised }],
  [
    'gemini',
    'a result',
    {
      contents: [
        {
          role: 'user',
          parts: [
            { functionResponse: { name: 'x', response: { inlineData: { mimeType: 'image/png', data: disguised } } } },
          ],
        },
      ],
    },
  ],
])('words dressed as a picture are weighed as words: %s, %s', async (wire, _, body) => {
  const rig = await rigOf({ wire, script: { rules: [{ text: 'hi' }] }, limits: tokens(9000) })
  const asked = wire === 'gemini' ? body : { model: 'm', max_tokens: 100, ...body }
  expect((await rig.send(wire, asked)).status).toBe(402)
  expect(rig.model.requests).toEqual([])
})

test('a picture is one on every wire, in results too', () => {
  for (const wire of wireNames) expect(picturesOf(requests[wire].conversation)).toHaveLength(1)
})

test('of two output limits the larger is reserved, and only one is sent', async () => {
  const rig = await rigOf({ wire: 'openai-chat', script: { rules: [{ text: 'hi' }] }, limits: tokens(9000) })
  const body = { ...requests['openai-chat'].hello, max_completion_tokens: 1, max_tokens: 60_000, n_predict: 70_000 }
  expect((await rig.send('openai-chat', body)).status).toBe(200)
  const sent = rig.model.requests[0]!.body
  expect([sent.max_completion_tokens, sent.max_tokens, sent.n_predict].filter(Boolean)).toEqual([4096])
})

test("Gemini's other spelling is held to the same limits", async () => {
  const rig = await rigOf({ wire: 'gemini', script: { rules: [{ text: 'hi' }] }, limits: tokens(9000) })
  const body = {
    contents: requests.gemini.hello.contents,
    generation_config: { max_output_tokens: 60_000, candidate_count: 8 },
    cached_content: 'cachedContents/x',
    tools: [{ function_declarations: [{ name: 'read' }], google_search: {} }],
  }
  expect((await rig.send('gemini', body)).status).toBe(200)
  expect(rig.model.requests[0]!.body).toEqual({
    contents: body.contents,
    generationConfig: { maxOutputTokens: 4096 },
    tools: [{ functionDeclarations: [{ name: 'read' }] }],
  })
})

test('input kept for an hour is reserved at its own price', async () => {
  const micros = 120_000
  const limits = { ...noLimits, trial: { tokens: null, micros } }
  const rig = await rigOf({ wire: 'anthropic', script: { rules: [{ text: 'hi' }] }, limits })
  // 15,000 tokens at $5 a million, $6.25 when kept for minutes, $10 when kept for an hour.
  const ask = (ttl: string) =>
    rig.send('anthropic', {
      model: 'm',
      max_tokens: 10,
      messages: [
        {
          role: 'user',
          content: [{ type: 'text', text: 'y'.repeat(45_000), cache_control: { type: 'ephemeral', ttl } }],
        },
      ],
    })
  expect((await ask('1h')).status).toBe(402)
  expect((await ask('5m')).status).toBe(200)
})

test('a whole answer that is broken off before its end is not free', async () => {
  const rig = await rigOf({ wire: 'openai-chat', script: { rules: [{ fault: { kind: 'hang' } }] } })
  const agent = new AbortController()
  const answer = rig.send('openai-chat', requests['openai-chat'].hello, { signal: agent.signal })
  await expect.poll(() => rig.model.requests.length).toBe(1)
  agent.abort()
  await answer
  await expect.poll(() => rig.ledger.settled.length).toBe(1)
  expect(rig.ledger.settled[0]?.inputTokens).toBeGreaterThan(0)
  expect(rig.ledger.settled[0]?.outputTokens).toBeGreaterThan(0)
  expect(rig.reports[0]).toMatchObject({ outcome: 'cut', estimated: true })
})

test('what was to be seen of an answer counts as it is; the unseen by time, up to what was reserved', () => {
  const reserved = { inputTokens: 50, outputTokens: 1000 }
  expect(createMeter().result(reserved, 2000).count).toMatchObject({ input: 50, output: 400 })
  expect(createMeter().result(reserved, 60_000).count.output).toBe(1000)
  const begun = createMeter()
  begun.add([{ kind: 'text', delta: 'twelve bytes' }])
  expect(begun.result(reserved, 60_000).count.output).toBe(3)
})

test('a connection that an endpoint drops before its answer is counted, one that was never made is not', async () => {
  const server: Server = createServer((request) => void request.resume().on('end', () => request.socket.destroy()))
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`
  const rig = await rigOf({ wire: 'openai-chat', script: { rules: [] }, endpoint: { baseUrl } })
  expect((await rig.send('openai-chat', requests['openai-chat'].hello)).status).toBe(502)
  expect(rig.ledger.settled[0]?.inputTokens).toBeGreaterThan(0)
  await new Promise((resolve) => server.close(resolve).closeAllConnections())
  expect((await rig.send('openai-chat', requests['openai-chat'].hello)).status).toBe(502)
  expect(rig.ledger.settled[1]).toMatchObject({ calls: 1, inputTokens: 0, outputTokens: 0, micros: 0 })
})

test('a trial that is revoked while its call waits for the ledger sends nothing and pays nothing', async () => {
  const rig = await rigOf({ wire: 'openai-chat', script: { rules: [{ text: 'hi' }] } })
  const reserve = rig.ledger.reserve.bind(rig.ledger)
  const asked = Promise.withResolvers<void>()
  const goOn = Promise.withResolvers<void>()
  rig.ledger.reserve = async (...args) => {
    asked.resolve()
    await goOn.promise
    return reserve(...args)
  }
  const answer = rig.send('openai-chat', requests['openai-chat'].hello)
  await asked.promise
  rig.gateway.revoke('trial-1')
  goOn.resolve()
  expect((await answer).status).toBe(403)
  expect(rig.model.requests).toEqual([])
  expect(rig.ledger.open.size).toBe(0)
  expect(rig.ledger.settled).toMatchObject([{ calls: 0, inputTokens: 0 }])
})
