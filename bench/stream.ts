// The event stream against Hono's `streamSSE`: CPU of the serving process per event that reached a watcher, both fed by the
// same log; then every watcher is cut off by a crash and resumes. Run with `node bench/stream.ts` (about 20 s).
import { type ChildProcess, fork } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { createServer, get, type IncomingMessage } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { serve } from '@hono/node-server'
import { Hono } from 'hono'
import { type SSEStreamingApi, streamSSE } from 'hono/streaming'
import { issueToken } from '../server/http/access.ts'
import { openEventStream } from '../server/http/stream.ts'
import { openStore } from '../server/store/database.ts'
import { append, lastSeq, readAfter, transact, wake } from '../server/store/log.ts'

const watchers = 300
const eventsPerSecond = 10
const seconds = 1.5
const rounds = 3
const events = eventsPerSecond * seconds

type Way = 'ours' | 'hono'
type Order = { do: 'open' | 'write' | 'cpu'; count?: number; after?: number }
type Reply = { ours: number; hono: number; last: number; cpuMs: number; seqs: number[] }

const body = {
  type: 'task.moved' as const,
  from: 'queued' as const,
  to: 'working' as const,
  note: 'A step of a trial, in about as many words as the log has on average for one. '.repeat(3),
}

/** The serving process: one log, two servers. The peer gets its data serialised once, which is the best it can have. */
async function serveBoth(dataDir: string): Promise<(order: Order) => Promise<Reply>> {
  const { db } = await openStore({ dataDir, databaseUrl: null })
  const stream = await openEventStream(db, { poll: false })
  const { id: tokenId } = await issueToken(db, {
    name: 'bench',
    role: 'viewer',
    kind: 'token',
    personId: null,
    days: 1,
  })
  const ours = createServer((request, response) => {
    const after = Number(request.headers['last-event-id'] ?? 0)
    void stream.attach(response, { after, task: null, holder: { tokenId, personId: null } })
  })
  ours.listen(0, '127.0.0.1')
  await once(ours, 'listening')

  const open = new Set<SSEStreamingApi>()
  let last = await lastSeq(db)
  wake.on('appended', async () => {
    if (open.size === 0) return
    for (const event of await readAfter(db, { after: last, limit: 500 })) {
      if (event.seq <= last) continue
      last = event.seq
      const data = JSON.stringify(event)
      for (const one of open) void one.writeSSE({ id: String(event.seq), data })
    }
  })
  const app = new Hono().get('/', (c) =>
    streamSSE(c, async (one) => {
      open.add(one)
      // Its headers leave with the first bytes.
      await one.write(': hello\n\n')
      await new Promise<void>((resolve) => one.onAbort(resolve))
      open.delete(one)
    }),
  )
  const hono = serve({ fetch: app.fetch, port: 0, hostname: '127.0.0.1' })
  await once(hono, 'listening')

  const portOf = (server: { address(): unknown }) => (server.address() as AddressInfo).port
  return async (order) => {
    if (order.do === 'open') last = await lastSeq(db)
    if (order.do === 'write') {
      for (let index = 0; index < order.count!; index++) {
        const next = new Promise((resolve) => setTimeout(resolve, 1000 / eventsPerSecond))
        await transact(db, (tx) => append(tx, {}, [body]))
        await next
      }
    }
    const { user, system } = process.cpuUsage()
    const listed = order.after === undefined ? [] : await readAfter(db, { after: order.after, limit: 1000 })
    const seqs = listed.map(({ seq }) => seq)
    return { seqs, ours: portOf(ours), hono: portOf(hono), last: await lastSeq(db), cpuMs: (user + system) / 1000 }
  }
}

async function start(dataDir: string): Promise<{ child: ChildProcess; ask: (order: Order) => Promise<Reply> }> {
  const child = fork(import.meta.filename, ['serve', dataDir])
  await once(child, 'message')
  return {
    child,
    async ask(order) {
      child.send(order)
      return (await once(child, 'message'))[0] as Reply
    },
  }
}

interface Watcher {
  seqs: number[]
  close(): void
  until(seq: number): Promise<void>
  ended: Promise<void>
}

/** Reads a stream as a browser does: by line, remembering the last id. */
function watch(port: number, seqs: number[] = []): Promise<Watcher> {
  return new Promise((resolve, reject) => {
    const after = seqs.at(-1)
    const headers = after === undefined ? {} : { 'last-event-id': String(after) }
    const call = get({ port, host: '127.0.0.1', headers, agent: false }, (response: IncomingMessage) => {
      let text = ''
      let wanted = Number.POSITIVE_INFINITY
      let reached = () => {}
      response.setEncoding('latin1').on('data', (chunk: string) => {
        text += chunk
        const whole = text.lastIndexOf('\n\n')
        if (whole < 0) return
        for (const [, id] of text.slice(0, whole).matchAll(/^id: (\d+)$/gm)) seqs.push(Number(id))
        text = text.slice(whole + 2)
        if (seqs.at(-1)! >= wanted) reached()
      })
      const ended = new Promise<void>((done) => response.on('close', done).on('error', () => {}))
      resolve({
        seqs,
        ended,
        close: () => response.destroy(),
        until: (seq) =>
          new Promise((done) => {
            wanted = seq
            reached = done
            if ((seqs.at(-1) ?? 0) >= seq) done()
          }),
      })
    })
    call.on('error', reject)
  })
}

const median = (values: number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)]!

/** CPU of one round, in ms; with no watchers it is what writing and reading the log costs anyway. */
async function round(ask: (order: Order) => Promise<Reply>, way: Way, count: number): Promise<number> {
  const from = await ask({ do: 'open' })
  const all = await Promise.all(Array.from({ length: count }, () => watch(from[way], [from.last])))
  const before = await ask({ do: 'cpu' })
  const after = await ask({ do: 'write', count: events })
  await Promise.all(all.map((one) => one.until(after.last)))
  const { cpuMs } = await ask({ do: 'cpu' })
  for (const { seqs, close } of all) {
    close()
    if (seqs.length !== events + 1) throw new Error(`A watcher of ${way} got ${seqs.length - 1} of ${events} events.`)
  }
  await Promise.all(all.map((one) => one.ended))
  return cpuMs - before.cpuMs
}

/** The house is killed while all watch and the log grows; they resume where they were, at a new one. */
async function crash(dataDir: string, first: Awaited<ReturnType<typeof start>>): Promise<string> {
  const { last, ours } = await first.ask({ do: 'open' })
  const all = await Promise.all(Array.from({ length: watchers }, () => watch(ours, [last])))
  first.child.send({ do: 'write', count: 1000 } satisfies Order)
  await all[0]!.until(last + 5)
  first.child.kill('SIGKILL')
  await Promise.all(all.map((one) => one.ended))
  const second = await start(dataDir)
  try {
    const again = await second.ask({ do: 'open' })
    const resumed = await Promise.all(all.map(({ seqs }) => watch(again.ours, seqs)))
    // Numbers may jump over a crash, so what must have arrived is what the log has.
    const end = await second.ask({ do: 'write', count: 5, after: last })
    await Promise.all(resumed.map((one) => one.until(end.last)))
    const wanted = [last, ...end.seqs].join()
    const right = resumed.filter(({ seqs }) => seqs.join() === wanted).length
    for (const { close } of resumed) close()
    if (right !== watchers) throw new Error(`Only ${right} of ${watchers} watchers saw every event once.`)
    return `restart  ${right} of ${watchers} watchers saw all ${end.seqs.length} events once and in order over a kill -9`
  } finally {
    second.child.kill('SIGKILL')
  }
}

async function main(): Promise<void> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bench-stream-'))
  const served = await start(dataDir)
  try {
    const cpu: Record<Way | 'idle', number[]> = { idle: [], ours: [], hono: [] }
    for (let index = 0; index < rounds; index++) {
      if (index === 0) cpu.idle.push(await round(served.ask, 'ours', 0))
      cpu.ours.push(await round(served.ask, 'ours', watchers))
      cpu.hono.push(await round(served.ask, 'hono', watchers))
    }
    const idle = Math.min(...cpu.idle)
    const perEvent = (ms: number) => (ms * 1000) / (watchers * events)
    const net = (way: Way) => cpu[way].map((ms) => perEvent(ms - idle))
    const ratio = (less: number) => median(cpu.ours.map((ms, index) => (cpu.hono[index]! - less) / (ms - less)))
    console.log(
      `${watchers} watchers x ${eventsPerSecond} events/s: ours ${median(net('ours')).toFixed(1)} us, ` +
        `streamSSE ${median(net('hono')).toFixed(1)} us of CPU per delivered event, ratio ${ratio(idle).toFixed(2)}`,
    )
    console.log(
      `with the log itself (${(idle / events).toFixed(2)} ms per event): ours ${perEvent(median(cpu.ours)).toFixed(1)} us, ` +
        `streamSSE ${perEvent(median(cpu.hono)).toFixed(1)} us, ratio ${ratio(0).toFixed(2)}`,
    )
    console.log(await crash(dataDir, served))
  } finally {
    served.child.kill('SIGKILL')
    rmSync(dataDir, { recursive: true, force: true })
  }
}

if (process.argv[2] === 'serve') {
  const answer = await serveBoth(process.argv[3]!)
  process.on('message', async (order: Order) => process.send!(await answer(order)))
  process.send!('ready')
} else await main()
