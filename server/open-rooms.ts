// Opens every room once and hands them over as one: the same for a house and for a worker on another machine.
import { appendFile, chmod, mkdir, readdir, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { hostname } from 'node:os'
import { join, resolve } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import { openAgents } from './agents/agents.ts'
import { openAdvisories } from './checks/advisories/open-advisories.ts'
import type { Config } from './config.ts'
import { openCredentials } from './credentials.ts'
import { openEndpoints, remoteModels } from './endpoints.ts'
import { createGateway } from './gateway/create-gateway.ts'
import { priceOf } from './gateway/prices.ts'
import { decidedExamples } from './http/decided.ts'
import { openBudgets } from './journey/budgets.ts'
import { openExchange } from './journey/exchange.ts'
import type { Rooms } from './journey/rooms.ts'
import { shareWorkspaces } from './journey/share.ts'
import { engineEnvironment, engineSettings, type HouseModels, openModels } from './models.ts'
import { type HouseToml, readHouseToml } from './project/house-toml.ts'
import { openQueue } from './queue/queue.ts'
import { cgroupRoots } from './sandbox/cgroup-roots.ts'
import { sandboxIdentity } from './sandbox/identity.ts'
import { openSandbox } from './sandbox/open-sandbox.ts'
import { openStore } from './store/database.ts'
import { openWorkspaces } from './workspace/open.ts'
import { openParcels } from './workspace/parcel.ts'

export interface OpenedRooms {
  rooms: Rooms
  toml: HouseToml
  models: HouseModels
  /** Lets running stages go, then closes everything, the store last; `last` runs before that, when no stage does any more. */
  close(last?: () => Promise<void>): Promise<void>
}

/** Opens the rooms of a data folder. Refuses when it is in use or the store cannot be opened. */
export async function openRooms(config: Config): Promise<OpenedRooms> {
  await mkdir(join(config.dataDir, 'run'), { recursive: true, mode: 0o755 })
  const housePath = join(config.dataDir, 'house.toml')
  const toml = await readHouseToml(housePath)
  const store = await openStore(config)
  await sweepLeft(join(config.dataDir, 'run'))
  // Looking for them removes those of killed houses.
  cgroupRoots()
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
    engine: {
      dataDir: config.dataDir,
      searchPath: config.path,
      ...engineSettings(toml),
      remotes: () => remoteModels({ housePath, env: config.env }),
      env: engineEnvironment(config.env),
      bug: (error) => report(error as Error, 'engine'),
    },
    agents: () => rooms.agents.listAgents(),
    decisions: () => decidedExamples(rooms),
  })
  const endpoints = openEndpoints({ housePath, env: config.env, local: models.local })
  const gatewaySocket = join(config.dataDir, 'run', 'gateway.sock')
  const gatewayServer = createServer(getRequestListener((request) => gateway.fetch(request)))
  await listenOnSocket(gatewayServer, gatewaySocket)
  const workspaces = await openWorkspaces({ dataDir: config.dataDir, identity: sandboxIdentity() })

  const rooms: Rooms = {
    config,
    store,
    queue,
    // On a shared database other machines must find what rows speak of.
    workspaces:
      store.kind === 'postgres'
        ? shareWorkspaces(workspaces, openExchange(store.db, openParcels(config.dataDir)))
        : workspaces,
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
    credentialsOf: openCredentials({ housePath, env: config.env }).credentialsOf,
    panelSettings: async () => (await readHouseToml(housePath)).panel,
    advisories: async () => {
      const { osv } = (await readHouseToml(housePath)).advisories
      return osv === null ? null : openAdvisories(resolve(config.dataDir, osv), join(config.dataDir, 'advisories'))
    },
    describePictures: async (pictures) => (await models.engine()).describe(pictures),
    worker: `${hostname()}:${process.pid}`,
    stopping: stopping.signal,
    report,
  }
  return {
    rooms,
    toml,
    models,
    async close(last = async () => {}) {
      stopping.abort()
      await queue.stop()
      await gateway.close()
      await models.close()
      gatewayServer.close()
      gatewayServer.closeAllConnections()
      await workspaces.close()
      await last()
      await store.close()
    },
  }
}

/** A killed house leaves the sockets, certificates and homes of its sandboxes behind; nobody uses them any more. */
async function sweepLeft(run: string): Promise<void> {
  for (const name of await readdir(run)) {
    if (/\.sock$|-trust$|-home$/.test(name)) await rm(join(run, name), { recursive: true, force: true })
  }
}

async function listenOnSocket(server: Server, path: string): Promise<void> {
  await rm(path, { force: true })
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(path, resolve))
  // Sandboxed processes run under another user; the token they present decides what they may do.
  await chmod(path, 0o666)
}
