// The event stream: rows are read once, serialised once and written to every watcher as the same bytes.
import type { ServerResponse } from 'node:http'
import type { HouseEvent } from '@seatrial/protocol'
import type { Db } from '../store/database.ts'
import { lastSeq, readAfter, wake } from '../store/log.ts'

const heartbeat = Buffer.from(': still here\n\n')
const heartbeatMs = 15_000
/** Other processes append too (workers on PostgreSQL); their rows are found by looking. */
const pollMs = 1_000
/** A watcher that cannot keep up is dropped; it resumes with Last-Event-ID and loses nothing. */
const mostBufferedBytes = 4 * 1024 * 1024

interface Watcher {
  response: ServerResponse
  task: string | null
  /** Events up to here were sent while it caught up. */
  from: number
}

export interface EventStream {
  /** Sends everything after `after`, then follows until the response closes. */
  attach(response: ServerResponse, options: { after: number; task: string | null }): Promise<void>
  close(): void
  /** Number of watchers, for metrics. */
  readonly size: number
}

const frame = (event: HouseEvent): Buffer => Buffer.from(`id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`)

export async function openEventStream(db: Db, options: { poll: boolean }): Promise<EventStream> {
  const watchers = new Set<Watcher>()
  let last = await lastSeq(db)
  let reading = false
  let again = false
  let closed = false

  const send = (watcher: Watcher, bytes: Buffer): void => {
    watcher.response.write(bytes)
    if (watcher.response.writableLength > mostBufferedBytes) watcher.response.destroy()
  }

  const pump = async (): Promise<void> => {
    if (reading) {
      again = true
      return
    }
    reading = true
    try {
      do {
        again = false
        const events = await readAfter(db, { after: last, limit: 500 })
        for (const event of events) {
          last = event.seq
          if (watchers.size === 0) continue
          const bytes = frame(event)
          for (const watcher of watchers) {
            if (event.seq > watcher.from && (!watcher.task || watcher.task === event.taskId)) send(watcher, bytes)
          }
        }
        if (events.length === 500) again = true
      } while (again && !closed)
    } catch {
      // The database is away; the next wake or poll tries again from the same seq.
    } finally {
      reading = false
    }
  }

  const onWake = () => void pump()
  wake.on('appended', onWake)
  const poller = options.poll ? setInterval(onWake, pollMs) : null
  const beater = setInterval(() => {
    for (const watcher of watchers) send(watcher, heartbeat)
  }, heartbeatMs)
  poller?.unref()
  beater.unref()

  return {
    get size() {
      return watchers.size
    },
    async attach(response, { after, task }) {
      response.writeHead(200, {
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
      })
      response.flushHeaders()
      const watcher: Watcher = { response, task, from: after }
      response.on('close', () => watchers.delete(watcher))
      // Read until the pump did not move during a read: then everything up to `last` was sent, and joining
      // without an await in between leaves no gap and no double.
      let seq = after
      let seen = -1
      while (!response.destroyed && seen !== last) {
        seen = last
        const events = await readAfter(db, { after: seq, task: task ?? undefined, limit: 500 })
        for (const event of events) {
          send(watcher, frame(event))
          seq = event.seq
        }
        if (events.length === 500) seen = -1
      }
      watcher.from = Math.max(seq, last)
      if (!response.destroyed) watchers.add(watcher)
    },
    close() {
      closed = true
      wake.off('appended', onWake)
      if (poller) clearInterval(poller)
      clearInterval(beater)
      for (const watcher of watchers) watcher.response.end()
    },
  }
}
