// The event stream: rows are read once, serialised once and written to every watcher as the same bytes.
import type { ServerResponse } from 'node:http'
import type { HouseEvent } from '@seatrial/protocol'
import type { Db } from '../store/database.ts'
import { lastSeq, readAfter, wake } from '../store/log.ts'
import { stillValid } from './access.ts'

const heartbeat = Buffer.from(': still here\n\n')
const heartbeatMs = 15_000
/** Other processes append too (workers on PostgreSQL); their rows are found by looking. */
const pollMs = 1_000
const pageSize = 500
/** A watcher that cannot keep up is dropped; it resumes with Last-Event-ID and loses nothing. */
const mostBufferedBytes = 4 * 1024 * 1024

/** Whose stream it is; a token that opens the house no more ends its streams. */
export interface Holder {
  tokenId: string
  personId: string | null
}

interface Watcher extends Holder {
  response: ServerResponse
  task: string | null
  /** Events up to here were sent while it caught up; infinite as long as it does. */
  from: number
}

export interface EventStream {
  /** Sends everything after `after`, then follows until the response closes. */
  attach(response: ServerResponse, options: { after: number; task: string | null; holder: Holder }): Promise<void>
  /** Ends the streams of a token, or of all tokens of a person, now. */
  cut(holder: { tokenId: string } | { personId: string }): void
  close(): void
  /** Number of watchers, for metrics. */
  readonly size: number
}

interface Frame {
  seq: number
  taskId: string | null
  bytes: Buffer
}

const frameOf = (event: HouseEvent): Frame => ({
  seq: event.seq,
  taskId: event.taskId,
  bytes: Buffer.from(`id: ${event.seq}\ndata: ${JSON.stringify(event)}\n\n`),
})

const join = (frames: Frame[]): Buffer =>
  frames.length === 1 ? frames[0]!.bytes : Buffer.concat(frames.map(({ bytes }) => bytes))

/** `heartbeatMs` is how often idle streams are written to, and their holders looked up again. */
export async function openEventStream(db: Db, options: { poll: boolean; heartbeatMs?: number }): Promise<EventStream> {
  const watchers = new Set<Watcher>()
  let last = await lastSeq(db)
  let reading = false
  let again = false
  let closed = false

  const send = (watcher: Watcher, bytes: Buffer): void => {
    watcher.response.write(bytes)
    if (watcher.response.writableLength > mostBufferedBytes) watcher.response.destroy()
  }

  /** One write per watcher, however many events came at once. */
  const fanOut = (frames: Frame[]): void => {
    const first = frames[0]?.seq
    if (first === undefined || watchers.size === 0) return
    const all = join(frames)
    for (const watcher of watchers) {
      if (!watcher.task && watcher.from < first) {
        send(watcher, all)
        continue
      }
      const wanted = frames.filter(
        ({ seq, taskId }) => seq > watcher.from && (!watcher.task || watcher.task === taskId),
      )
      if (wanted.length > 0) send(watcher, join(wanted))
    }
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
        const events = await readAfter(db, { after: last, limit: pageSize })
        last = events.at(-1)?.seq ?? last
        fanOut(events.map(frameOf))
        if (events.length === pageSize) again = true
      } while (again && !closed)
    } catch {
      // The database is away; the next wake or poll tries again from the same seq.
    } finally {
      reading = false
    }
  }

  const end = (gone: (watcher: Watcher) => boolean): void => {
    for (const watcher of watchers) if (gone(watcher)) watcher.response.end()
  }
  /** Sessions that ran out, and tokens revoked by another house on the same store. */
  const endInvalid = async (): Promise<void> => {
    const valid = await stillValid(db, [...new Set([...watchers].map(({ tokenId }) => tokenId))]).catch(() => null)
    if (valid) end(({ tokenId }) => !valid.has(tokenId))
  }

  const onWake = () => void pump()
  wake.on('appended', onWake)
  const poller = options.poll ? setInterval(onWake, pollMs) : null
  const beater = setInterval(() => {
    // Who still catches up is being written to, and may have more waiting than a watcher that follows.
    for (const watcher of watchers) if (Number.isFinite(watcher.from)) send(watcher, heartbeat)
    if (watchers.size > 0) void endInvalid()
  }, options.heartbeatMs ?? heartbeatMs)
  poller?.unref()
  beater.unref()

  return {
    get size() {
      return watchers.size
    },
    async attach(response, { after, task, holder }) {
      // The stream ends with its connection anyway; without chunks around every event a delivery costs half.
      response.useChunkedEncodingByDefault = false
      response.writeHead(200, {
        connection: 'close',
        'content-type': 'text/event-stream',
        'cache-control': 'no-store',
        'x-accel-buffering': 'no',
        'x-content-type-options': 'nosniff',
      })
      response.flushHeaders()
      const watcher: Watcher = { ...holder, response, task, from: Number.POSITIVE_INFINITY }
      response.on('close', () => watchers.delete(watcher))
      watchers.add(watcher)
      // Read until the pump did not move during a read: then everything up to `last` was sent, and joining
      // without an await in between leaves no gap and no double.
      let seq = after
      let seen = -1
      while (isOpen(response) && seen !== last) {
        seen = last
        const events = await readAfter(db, { after: seq, task: task ?? undefined, limit: pageSize })
        if (!isOpen(response)) return
        // A slow reader of a long past is waited for, not dropped: nothing piles up but one page.
        if (events.length > 0 && !response.write(join(events.map(frameOf)))) await drained(response)
        seq = events.at(-1)?.seq ?? seq
        if (events.length === pageSize) seen = -1
      }
      watcher.from = Math.max(seq, last)
    },
    cut(holder) {
      end((watcher) =>
        'tokenId' in holder ? watcher.tokenId === holder.tokenId : watcher.personId === holder.personId,
      )
    },
    close() {
      closed = true
      wake.off('appended', onWake)
      if (poller) clearInterval(poller)
      clearInterval(beater)
      end(() => true)
    },
  }
}

const isOpen = (response: ServerResponse): boolean => !response.destroyed && !response.writableEnded

const drained = (response: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      response.off('drain', done)
      response.off('close', done)
      resolve()
    }
    response.on('drain', done)
    response.on('close', done)
  })
