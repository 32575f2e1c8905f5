// The gateway against the same endpoint direct: tokens per second, time to the first token, and CPU per token.
// Three processes: the scripted endpoint, the gateway, and this client. Run with `node bench/gateway.ts`.
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import type { AddressInfo } from 'node:net'
import { serve } from '@hono/node-server'
import { startScriptedModel } from '../scripted/model.ts'
import { createGateway } from '../server/gateway/create-gateway.ts'
import type { Spender } from '../server/gateway/gateway.ts'
import { priceOf } from '../server/gateway/prices.ts'

const rounds = 7
const load = {
  paced: { streams: 8, tokens: 300, fault: { kind: 'slow' as const, msPerToken: 5 } },
  unpaced: { streams: 4, tokens: 20_000, fault: undefined },
}
type Pace = keyof typeof load

/** An endpoint that says so many words, at a model's pace or as fast as it can. */
async function serveEndpoint(): Promise<string> {
  const rules = Object.entries(load).map(([pace, { tokens, fault }]) => ({
    when: { lastUser: `[${pace}]` },
    text: 'token '.repeat(tokens),
    ...(fault ? { fault } : {}),
  }))
  return (await startScriptedModel({ script: { rules } })).url
}

/** A gateway with a token for the endpoint's own wire and one that must translate. */
async function serveGateway(endpointUrl: string): Promise<{ url: string; tokens: Record<string, string> }> {
  const gateway = createGateway({
    ledger: { reserve: async () => null, settle: async () => {} },
    prices: { priceOf },
    onUsage: () => {},
  })
  const spender = (wire: Spender['model']['wire']): Spender => ({
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
      adapter: null,
    },
  })
  const server = serve({ fetch: gateway.fetch, port: 0, hostname: '127.0.0.1' })
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    tokens: { same: gateway.mint(spender('openai-chat')), translated: gateway.mint(spender('anthropic')) },
  }
}

interface Measured {
  tokensPerSecond: number
  firstMs: number
}

/** Reads so many streams at once and counts their tokens. */
async function drink(url: string, token: string, pace: Pace): Promise<Measured> {
  const { streams, tokens } = load[pace]
  const began = performance.now()
  const firsts: number[] = []
  const one = async (): Promise<number> => {
    const response = await fetch(`${url}/v1/chat/completions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body: JSON.stringify({ model: 'any', stream: true, messages: [{ role: 'user', content: `[${pace}] go` }] }),
    })
    let count = 0
    let rest = ''
    const decoder = new TextDecoder()
    for await (const piece of response.body as unknown as AsyncIterable<Uint8Array>) {
      rest += decoder.decode(piece, { stream: true })
      const lines = rest.split('\n')
      rest = lines.pop()!
      for (const line of lines) {
        if (!line.includes('"content":"token ')) continue
        if (count++ === 0) firsts.push(performance.now() - began)
      }
    }
    return count
  }
  const counts = await Promise.all(Array.from({ length: streams }, one))
  const total = counts.reduce((sum, count) => sum + count, 0)
  if (total !== streams * tokens) throw new Error(`Read ${total} tokens instead of ${streams * tokens}.`)
  return { tokensPerSecond: (total / (performance.now() - began)) * 1000, firstMs: median(firsts) }
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

async function ask<Reply>(child: ChildProcess, message: unknown): Promise<Reply> {
  child.send(message as never)
  return (await once(child, 'message'))[0]
}

async function main(): Promise<void> {
  const endpoint = fork(import.meta.filename, ['endpoint'])
  const house = fork(import.meta.filename, ['gateway'])
  try {
    const endpointUrl = await ask<string>(endpoint, 'start')
    const { url, tokens } = await ask<Awaited<ReturnType<typeof serveGateway>>>(house, { start: endpointUrl })
    const paths = {
      direct: () => [endpointUrl, 'none'] as const,
      same: () => [url, tokens.same!] as const,
    }
    for (const pace of Object.keys(load) as Pace[]) {
      for (const path of Object.values(paths)) await drink(...path(), pace)
      const seen: Record<keyof typeof paths, Measured[]> = { direct: [], same: [] }
      const cpu: number[] = []
      for (let round = 0; round < rounds; round++) {
        for (const name of Object.keys(paths) as (keyof typeof paths)[]) {
          const before = await ask<number>(house, 'cpu')
          seen[name].push(await drink(...paths[name](), pace))
          const used = (await ask<number>(house, 'cpu')) - before
          if (name === 'same') cpu.push(used / (load[pace].streams * load[pace].tokens))
        }
      }
      const speed = (name: keyof typeof paths) => median(seen[name].map((one) => one.tokensPerSecond))
      const first = (name: keyof typeof paths) => median(seen[name].map((one) => one.firstMs))
      const ratio = median(seen.same.map((one, round) => one.tokensPerSecond / seen.direct[round]!.tokensPerSecond))
      console.log(
        `${pace.padEnd(8)} direct ${speed('direct').toFixed(0)} tok/s, gateway ${speed('same').toFixed(0)} tok/s, ` +
          `ratio ${ratio.toFixed(3)}; first token ${first('direct').toFixed(1)} -> ${first('same').toFixed(1)} ms; ` +
          `CPU ${median(cpu).toFixed(4)} ms per token`,
      )
    }
  } finally {
    endpoint.kill()
    house.kill()
  }
}

const role = process.argv[2]
if (role === undefined) await main()
else {
  process.on('message', async (message: { start: string } | string) => {
    if (message === 'cpu') {
      const { user, system } = process.cpuUsage()
      process.send!((user + system) / 1000)
    } else
      process.send!(
        role === 'endpoint' ? await serveEndpoint() : await serveGateway((message as { start: string }).start),
      )
  })
}
