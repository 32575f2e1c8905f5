// A scripted model behind the real gateway, on a Unix socket that a sandbox can forward to.
import { chmodSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createAdaptorServer } from '@hono/node-server'
import { type ScriptInput, startScriptedModel } from '../../scripted/model.ts'
import { createGateway } from '../gateway/create-gateway.ts'
import type { CallReport } from '../gateway/gateway.ts'
import { priceOf } from '../gateway/prices.ts'
import { createMemoryLedger } from '../gateway/test-kit.ts'
import type { AgentGateway } from './agent.ts'

const gatewayPort = 4141

export interface Rig {
  /** For the turn: what an agent inside is told. */
  gateway: AgentGateway
  /** For the sandbox: port inside to socket outside. */
  forwards: Record<number, string>
  /** Model calls as metered. */
  reports: CallReport[]
  /** Names of tools that were offered, over all requests. */
  offered(): Set<string>
  images(): number
  close(): Promise<void>
}

/** The upstream speaks OpenAI chat, so that every other wire is translated on the way. */
export async function startRig(script: ScriptInput): Promise<Rig> {
  const model = await startScriptedModel({ script })
  const reports: CallReport[] = []
  const gateway = createGateway({
    ledger: createMemoryLedger(),
    prices: { priceOf },
    onUsage: (report) => reports.push(report),
  })
  const token = gateway.mint({
    trialId: 'r-interop',
    taskId: 't-interop',
    model: {
      ...{ name: 'scripted', wire: 'openai-chat', baseUrl: `${model.url}/v1`, model: 'scripted', apiKey: null },
      ...{ provider: null, free: true, contextTokens: 128_000, seesImages: true, worn: null },
    },
  })
  const dir = mkdtempSync(join(tmpdir(), 'seatrial-interop-'))
  chmodSync(dir, 0o755)
  const socket = join(dir, 'gateway.sock')
  const server = createAdaptorServer({ fetch: (request) => gateway.fetch(request) })
  await new Promise<void>((resolve) => {
    server.listen(socket, resolve)
  })
  chmodSync(socket, 0o666)
  return {
    gateway: { baseUrl: `http://127.0.0.1:${gatewayPort}`, token, model: 'scripted' },
    forwards: { [gatewayPort]: socket },
    reports,
    offered: () => new Set(model.requests.flatMap((request) => request.tools)),
    images: () => Math.max(0, ...model.requests.map((request) => request.images)),
    async close() {
      await new Promise((resolve) => server.close(resolve))
      await gateway.close()
      await model.close()
      rmSync(dir, { recursive: true, force: true })
    },
  }
}
