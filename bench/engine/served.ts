// The house's side: the engine with its endpoint, and the gateway in front of it, in a process of their own.
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'
import { getRequestListener } from '@hono/node-server'
import { openEngine } from '../../engine/index.ts'
import { createGateway } from '../../server/gateway/create-gateway.ts'
import { priceOf } from '../../server/gateway/prices.ts'

const engine = await openEngine({ dataDir: process.argv[2]!, threads: 1, contextTokens: 2048 })
const endpoint = await engine.endpointFor('random')
const gateway = createGateway({
  ledger: { reserve: async () => null, settle: async () => undefined },
  prices: { priceOf },
  onUsage: () => undefined,
})
const token = gateway.mint({
  trialId: 'r-1',
  taskId: 't-1',
  model: { ...endpoint, provider: null, free: true, worn: null },
})
const front = createServer(getRequestListener((request) => gateway.fetch(request)))
await new Promise<void>((resolve) => front.listen(0, '127.0.0.1', resolve))
const { engine: running } = await engine.serve('random')

process.on('message', (message) => {
  if (message === 'processes') process.send!({ processes: running.processes() })
})
process.on('disconnect', () => process.exit(0))
process.send!({
  endpoint: { url: endpoint.baseUrl, key: endpoint.apiKey },
  gateway: { url: `http://127.0.0.1:${(front.address() as AddressInfo).port}/v1`, key: token },
})
