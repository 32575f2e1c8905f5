// Builds every room once and wires them. Tests open a house of their own the same way.

import { randomBytes } from 'node:crypto'
import { appendFile, chmod, mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { hostname } from 'node:os'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { openAgents } from './agents/agents.ts'
import type { Config } from './config.ts'
import { openEndpoints } from './endpoints.ts'
import { createGateway } from './gateway/create-gateway.ts'
import { priceOf } from './gateway/prices.ts'
import { ensureHouseToken } from './http/access.ts'
import { createApp } from './http/app.ts'
import { decidedExamples } from './http/decided.ts'
import { houseHandlers } from './http/house.ts'
import { sessionHandlers } from './http/session.ts'
import { openEventStream } from './http/stream.ts'
import { taskHandlers } from './http/tasks.ts'
import { openWebFiles } from './http/web-files.ts'
import { openBudgets } from './journey/budgets.ts'
import type { Rooms } from './journey/rooms.ts'
import { startJourney } from './journey.ts'
import { openModels } from './models.ts'
import { readHouseToml } from './project/house-toml.ts'
import { openQueue } from './queue/queue.ts'
import { sandboxIdentity } from './sandbox/identity.ts'
import { openSandbox } from './sandbox/open-sandbox.ts'
import { openStore } from './store/database.ts'
import { openWorkspaces } from './workspace/open.ts'

export interface House {
  url: string
  token: string
  /** For tests and embedding: the rooms behind the API. */
  rooms: Rooms
  /** Stops politely: running trials are given back to the queue. Safe to call twice. */
  stop(): Promise<void>
  /** Resolves when the house has stopped, by whatever hand. */
  stopped: Promise<void>
}

/** Opens a house. Refuses when the data folder is in use or the store cannot be opened. */
export async function openHouse(config: Config): Promise<House> {
  await mkdir(join(config.dataDir, 'run'), { recursive: true, mode: 0o755 })
  const housePath = join(config.dataDir, 'house.toml')
  const toml = await readHouseToml(housePath)
  const host = config.host ?? toml.house.host
  const store = await openStore(config)
  const report = (error: Error, where: string): void => {
    const line = `${new Date().toISOString()} ${where}: ${error.stack ?? error.message}\n`
    void appendFile(join(config.dataDir, 'house.log'), line).catch(() => {})
  }
  const stopping = new AbortController()
  const queue = await openQueue(store, (error) => report(error, 'queue'))
  const budgets = openBudgets(store, toml.budget)
  const gateway = createGateway({
    ledger: budgets,
    prices: { priceOf },
    onUsage: ({ outcome, sentence, spender }) => {
      if (outcome === 'failed')
        report(new Error(sentence ?? 'A model call failed'), `gateway, trial ${spender.trialId}`)
    },
  })
  const models = openModels({
    engine: { dataDir: config.dataDir, bug: (error) => report(error as Error, 'engine') },
    agents: () => rooms.agents.listAgents(),
    decisions: () => decidedExamples(rooms),
  })
  const endpoints = openEndpoints({ housePath, env: config.env, local: models.local })
  const gatewaySocket = join(config.dataDir, 'run', 'gateway.sock')
  const gatewayServer = createServer(getRequestListener((request) => gateway.fetch(request)))
  await listenOnSocket(gatewayServer, gatewaySocket)

  const rooms: Rooms = {
    config,
    store,
    queue,
    workspaces: await openWorkspaces({ dataDir: config.dataDir, identity: sandboxIdentity() }),
    openSandbox,
    agents: openAgents({
      agentsDir: join(config.dataDir, 'agents'),
      houseDir: config.houseDir,
      nodeBinary: config.node,
      path: config.path,
      npmEnv: config.env,
    }),
    gateway,
    budgets,
    gatewaySocket,
    endpointOf: endpoints.endpointOf,
    describePictures: async (pictures) => (await models.engine()).describe(pictures),
    worker: `${hostname()}:${process.pid}`,
    stopping: stopping.signal,
    report,
  }

  const token = await houseToken(config.dataDir)
  await ensureHouseToken(store.db, token)
  const stream = await openEventStream(store.db, { poll: store.kind === 'postgres' })
  let stop: () => Promise<void> = async () => {}
  const app = createApp({
    db: store.db,
    handlers: {
      ...taskHandlers(rooms),
      ...houseHandlers(rooms, () => void stop()),
      ...sessionHandlers(store.db),
      ...models.handlers,
    },
    stream,
    web: openWebFiles(join(config.houseDir, 'web', 'dist')),
    hosts: ['127.0.0.1', 'localhost', '[::1]', host, ...toml.house.hosts],
    version: config.version,
    models: async (request) => (await models.engine()).app.fetch(request),
    onBug: (error) => report(error, 'http'),
  })
  const server = createServer(getRequestListener(app.fetch))
  await startJourney(rooms, { workers: config.workers ?? toml.house.workers, decides: true })
  const port = await listen(server, host, config.port ?? toml.house.port)
  const url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  await writeFile(join(config.dataDir, 'house.json'), JSON.stringify({ url, pid: process.pid }), { mode: 0o600 })

  const ended = Promise.withResolvers<void>()
  let stopped: Promise<void> | null = null
  stop = () => {
    stopped ??= (async () => {
      stopping.abort()
      stream.close()
      server.close()
      server.closeAllConnections()
      await queue.stop()
      await gateway.close()
      await models.close()
      gatewayServer.close()
      gatewayServer.closeAllConnections()
      await rm(join(config.dataDir, 'house.json'), { force: true })
      await store.close()
      ended.resolve()
    })()
    return stopped
  }
  return { url, token, rooms, stop, stopped: ended.promise }
}

/** The secret that opens the house from this machine; made once, readable by its owner alone. */
async function houseToken(dataDir: string): Promise<string> {
  const path = join(dataDir, 'token')
  const kept = await readFile(path, 'utf8').catch(() => '')
  if (kept.trim()) return kept.trim()
  const secret = `st_${randomBytes(24).toString('base64url')}`
  await writeFile(path, `${secret}\n`, { mode: 0o600 })
  return secret
}

async function listenOnSocket(server: Server, path: string): Promise<void> {
  await rm(path, { force: true })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
  // Sandboxed processes run under another user; the token they present decides what they may do.
  await chmod(path, 0o666)
}

/** Listens on the wanted port, or on a free one when it is taken. */
function listen(server: Server, host: string, port: number): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EADDRINUSE' && port !== 0) listen(server, host, 0).then(resolve, reject)
      else reject(error)
    })
    server.listen(port, host, () => {
      const address = server.address()
      resolve(typeof address === 'object' && address ? address.port : port)
    })
  })
}
