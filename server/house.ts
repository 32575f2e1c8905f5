// The house: every room, its API and its journey. Tests open a house of their own the same way.

import { randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { createServer, type Server } from 'node:http'
import { join } from 'node:path'
import { getRequestListener } from '@hono/node-server'
import type { Refusal } from '@seatrial/protocol'
import type { Config } from './config.ts'
import { ensureHouseToken } from './http/access.ts'
import { createApp } from './http/app.ts'
import { houseHandlers } from './http/house.ts'
import { openOidc } from './http/oidc.ts'
import { sessionHandlers } from './http/session.ts'
import { openEventStream } from './http/stream.ts'
import { taskHandlers } from './http/tasks.ts'
import { verdictPages } from './http/verdict-pages.ts'
import { verdictHandlers } from './http/verdicts.ts'
import { openWebFiles } from './http/web-files.ts'
import type { Rooms } from './journey/rooms.ts'
import { openMailroom } from './journey/verdicts/digest.ts'
import { startVerdicts } from './journey/verdicts.ts'
import { startJourney } from './journey.ts'
import { type OpenedRooms, openRooms } from './open-rooms.ts'
import { takeSeat } from './store/seat.ts'
import { writeWhole } from './whole-file.ts'

export interface House {
  url: string
  token: string
  /** For tests and embedding: the rooms behind the API. */
  rooms: Rooms
  /** Stops politely: running trials are given back to the queue. Safe to call twice. */
  stop(): Promise<void>
  /** Resolves when the house has stopped: with a reason when nobody asked it to. */
  stopped: Promise<Refusal | null>
}

/** Opens a house. Refuses when the data folder is in use or the store cannot be opened. */
export async function openHouse(config: Config): Promise<House> {
  const opened = await openRooms(config)
  const { rooms, toml, models } = opened
  const { store, report } = rooms
  const host = config.host ?? toml.house.host

  const lost = Promise.withResolvers<Refusal>()
  const seat = await orClose(opened, async () => {
    if (store.kind !== 'postgres') return null
    return takeSeat(store.db, {
      dataDir: config.dataDir,
      report: (error) => report(error, 'seat'),
      lost(refusal) {
        report(refusal, 'seat')
        lost.resolve(refusal)
      },
    })
  })
  const token = await houseToken(config.dataDir)
  await ensureHouseToken(store.db, token)
  const { oidc: settings } = toml
  const housePath = join(config.dataDir, 'house.toml')
  const oidc = await orClose(opened, () => openOidc({ settings, env: config.env, housePath }))
  const { trustProxy, publicUrl } = toml.house
  const stream = await openEventStream(store.db, { poll: store.kind === 'postgres' })
  let stop: (why?: Refusal) => Promise<void> = async () => {}
  let url = ''
  const mailroom = () => openMailroom(rooms, url)
  const app = createApp({
    db: store.db,
    handlers: {
      ...taskHandlers(rooms),
      ...houseHandlers(rooms, () => void stop()),
      ...sessionHandlers(store.db, { oidc: oidc !== null, cut: stream.cut }),
      ...models.handlers,
      ...verdictHandlers(rooms, mailroom),
    },
    mounts: [{ path: '/', app: verdictPages(rooms, mailroom) }],
    stream,
    web: openWebFiles(join(config.houseDir, 'web', 'dist')),
    hosts: [
      '127.0.0.1',
      'localhost',
      '[::1]',
      host,
      ...(publicUrl ? [new URL(publicUrl).hostname] : []),
      ...toml.house.hosts,
    ],
    front: { trustProxy, publicUrl },
    oidc,
    version: config.version,
    models: async (request) => (await models.engine()).app.fetch(request),
    onBug: (error) => report(error, 'http'),
  })
  const server = createServer(getRequestListener(app.fetch))
  await startJourney(rooms, { workers: config.workers ?? toml.house.workers, decides: true })
  const port = await listen(server, host, config.port ?? toml.house.port)
  url = `http://${host.includes(':') ? `[${host}]` : host}:${port}`
  const verdicts = await startVerdicts(rooms, mailroom)
  await writeWhole(join(config.dataDir, 'house.json'), JSON.stringify({ url, pid: process.pid }), 0o600)

  const ended = Promise.withResolvers<Refusal | null>()
  let stopped: Promise<void> | null = null
  stop = (why) => {
    stopped ??= (async () => {
      stream.close()
      server.close()
      server.closeAllConnections()
      await rm(join(config.dataDir, 'house.json'), { force: true })
      await verdicts.stop()
      // The seat last: until then stages may still write.
      await opened.close(seat?.leave)
      ended.resolve(why ?? null)
    })()
    return stopped
  }
  void lost.promise.then(stop)
  return { url, token, rooms, stop: () => stop(), stopped: ended.promise }
}

/** What cannot be opened closes what is open already. */
async function orClose<T>(opened: OpenedRooms, open: () => Promise<T>): Promise<T> {
  try {
    return await open()
  } catch (error) {
    await opened.close()
    throw error
  }
}

/** The secret that opens the house from this machine; made once, readable by its owner alone. */
async function houseToken(dataDir: string): Promise<string> {
  const path = join(dataDir, 'token')
  const kept = await readFile(path, 'utf8').catch(() => '')
  if (kept.trim()) return kept.trim()
  const secret = `st_${randomBytes(24).toString('base64url')}`
  await writeWhole(path, `${secret}\n`, 0o600)
  return secret
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
