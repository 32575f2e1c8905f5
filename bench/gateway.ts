// The gateway against the same endpoint direct, on every wire: tokens per second, time to the first token, and CPU per
// token, where the bytes pass through and where they are translated. Three processes: the scripted endpoint, the
// gateway, and this client. `node bench/gateway.ts [--pace paced|unpaced] [--rounds 5]`.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { parseArgs } from 'node:util'
import { serve } from '@hono/node-server'
import { startScriptedModel } from '../scripted/model.ts'
import { createGateway } from '../server/gateway/create-gateway.ts'
import type { Spender } from '../server/gateway/gateway.ts'
import { priceOf } from '../server/gateway/prices.ts'

const load = {
  paced: { streams: 8, tokens: 300, fault: { kind: 'slow' as const, msPerToken: 5 } },
  unpaced: { streams: 4, tokens: 20_000, fault: undefined },
}
type Pace = keyof typeof load

type WireName = Spender['model']['wire']
/** How an agent asks on each wire, and the wire an endpoint speaks when its answer must be translated. */
const asked: Record<WireName, { path: string; body(text: string): unknown; translatedFrom: WireName }> = {
  'openai-chat': {
    path: '/v1/chat/completions',
    body: (content) => ({ model: 'any', stream: true, messages: [{ role: 'user', content }] }),
    translatedFrom: 'anthropic',
  },
  'openai-responses': {
    path: '/v1/responses',
    body: (input) => ({ model: 'any', stream: true, input }),
    translatedFrom: 'openai-chat',
  },
  anthropic: {
    path: '/v1/messages',
    body: (content) => ({ model: 'any', stream: true, max_tokens: 32_000, messages: [{ role: 'user', content }] }),
    translatedFrom: 'openai-chat',
  },
  gemini: {
    path: '/v1beta/models/any:streamGenerateContent?alt=sse',
    body: (text) => ({ contents: [{ role: 'user', parts: [{ text }] }] }),
    translatedFrom: 'openai-chat',
  },
}
const wireNames = Object.keys(asked) as WireName[]

/** An endpoint that says so many words, at a model's pace or as fast as it can. */
async function serveEndpoint(): Promise<string> {
  const rules = Object.entries(load).map(([pace, { tokens, fault }]) => ({
    when: { lastUser: `[${pace}]` },
    text: 'token '.repeat(tokens),
    ...(fault ? { fault } : {}),
  }))
  return (await startScriptedModel({ script: { rules } })).url
}

/** A gateway with a token for each wire that the endpoint may speak. */
async function serveGateway(endpointUrl: string): Promise<{ url: string; tokens: Record<string, string> }> {
  const gateway = createGateway({
    ledger: { reserve: async () => null, settle: async () => {} },
    prices: { priceOf },
    onUsage: () => {},
  })
  const spender = (wire: WireName): Spender => ({
    trialId: wire,
    taskId: 'bench',
    model: {
      name: 'scripted',
      wire,
      baseUrl: endpointUrl,
      model: 'scripted',
      apiKey: 'key',
      provider: null,
      free: true,
      contextTokens: null,
      seesImages: true,
      worn: null,
    },
  })
  const server = serve({ fetch: gateway.fetch, port: 0, hostname: '127.0.0.1' })
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tokens: Object.fromEntries(wireNames.map((wire) => [wire, gateway.mint(spender(wire))])),
  }
}

interface Measured {
  tokensPerSecond: number
  firstMs: number
}

/** Reads so many streams at once and counts their tokens, however many come in one frame. */
async function drink(url: string, wire: WireName, token: string, pace: Pace): Promise<Measured> {
  const { streams, tokens } = load[pace]
  const { path, body } = asked[wire]
  const began = performance.now()
  const firsts: number[] = []
  const one = async (): Promise<number> => {
    const response = await fetch(url + path, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify(body(`[${pace}] go`)),
    })
    let count = 0
    let rest = ''
    for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
      const text = rest + Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength).toString('latin1')
      const lines = text.lastIndexOf('\n') + 1
      rest = text.slice(lines)
      const found = said(wire, text.slice(0, lines))
      if (count === 0 && found > 0) firsts.push(performance.now() - began)
      count += found
    }
    return count
  }
  const counts = await Promise.all(Array.from({ length: streams }, one))
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total !== streams * tokens) throw new Error(`Read ${total} tokens instead of ${streams * tokens} (${wire}).`)
  return { tokensPerSecond: (total / (performance.now() - began)) * 1000, firstMs: median(firsts) }
}

function said(wire: WireName, text: string): number {
  // This wire says the whole once more at the end.
  const fresh =
    wire === 'openai-responses' && /\.(done|completed)"/.test(text)
      ? text
          .split('\n')
          .filter((line) => line.startsWith('data:') && line.includes('.delta"'))
          .join('')
      : text
  let count = 0
  for (let at = fresh.indexOf('token '); at >= 0; at = fresh.indexOf('token ', at + 6)) count++
  return count
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

async function ask<Reply>(child: ChildProcess, message: unknown): Promise<Reply> {
  child.send(message as never)
  return (await once(child, 'message'))[0]
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: { pace: { type: 'string' }, rounds: { type: 'string', default: '5' } },
  })
  const endpoint = fork(import.meta.filename, ['endpoint'])
  const house = fork(import.meta.filename, ['gateway'])
  try {
    const endpointUrl = await ask<string>(endpoint, 'start')
    const { url, tokens } = await ask<Awaited<ReturnType<typeof serveGateway>>>(house, { start: endpointUrl })
    for (const pace of (Object.keys(load) as Pace[]).filter((each) => !values.pace || each === values.pace)) {
      for (const wire of wireNames) {
        const paths = {
          direct: () => drink(endpointUrl, wire, 'none', pace),
          passed: () => drink(url, wire, tokens[wire]!, pace),
          translated: () => drink(url, wire, tokens[asked[wire].translatedFrom]!, pace),
        }
        const names = Object.keys(paths) as (keyof typeof paths)[]
        for (const name of names) await paths[name]()
        const seen = { direct: [] as Measured[], passed: [] as Measured[], translated: [] as Measured[] }
        const cpu = { direct: [] as number[], passed: [] as number[], translated: [] as number[] }
        for (let round = 0; round < Number(values.rounds); round++) {
          for (const name of names) {
            const before = await ask<number>(house, 'cpu')
            seen[name].push(await paths[name]())
            cpu[name].push(((await ask<number>(house, 'cpu')) - before) / (load[pace].streams * load[pace].tokens))
          }
        }
        const direct = median(seen.direct.map((each) => each.tokensPerSecond))
        const told = (['passed', 'translated'] as const).map((name) => {
          const ratio = median(
            seen[name].map((each, round) => each.tokensPerSecond / seen.direct[round]!.tokensPerSecond),
          )
          const first = median(seen[name].map((each) => each.firstMs)) - median(seen.direct.map((each) => each.firstMs))
          const micro = median(cpu[name]) * 1000
          return `${name} ${ratio.toFixed(3)}, first token +${first.toFixed(1)} ms, ${micro.toFixed(2)} us CPU per token`
        })
        console.log(`${pace.padEnd(8)} ${wire.padEnd(17)} direct ${direct.toFixed(0)} tok/s; ${told.join('; ')}`)
      }
    }
  } finally {
    endpoint.kill()
    house.kill()
  }
}

const role = process.argv[2]
if (role === 'endpoint' || role === 'gateway') {
  process.on('message', async (message: { start: string } | string) => {
    if (message === 'cpu') {
      const { user, system } = process.cpuUsage()
      process.send!((user + system) / 1000)
    } else
      process.send!(
        role === 'endpoint' ? await serveEndpoint() : await serveGateway((message as { start: string }).start),
      )
  })
} else await main()
