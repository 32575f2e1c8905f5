// One event stream per person: the tab that holds a lock reads it and hands every event to the other tabs.
import type { HouseEvent } from '@seatrial/protocol/event'
import { client } from './client.ts'
import { cache } from './queries.ts'
import { staleAfter } from './stale.ts'

type Listener = (event: HouseEvent) => void
const listeners = new Set<Listener>()

/** Calls back with every event from now on; returns how to stop. */
export function onEvent(listener: Listener): () => void {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

let batch: HouseEvent[] = []
let timer: ReturnType<typeof setTimeout> | undefined
let last = 0

function take(event: HouseEvent): void {
  if (event.seq <= last) return
  last = event.seq
  if (event.taskId) {
    cache.setQueryData<HouseEvent[]>(['events', event.taskId], (known) =>
      known && (known.at(-1)?.seq ?? 0) < event.seq ? [...known, event] : known,
    )
  }
  for (const listener of listeners) listener(event)
  batch.push(event)
  timer ??= setTimeout(flush, 200)
}

/** Refetches what the events of the last moment made stale, each query once. */
function flush(): void {
  timer = undefined
  const keys = staleAfter(batch)
  batch = []
  for (const queryKey of keys) void cache.invalidateQueries({ queryKey })
}

/** Follows the log from `after`; several open tabs share one connection. */
export function startLive(after: number): () => void {
  last = Math.max(last, after)
  const stop = new AbortController()
  const channel = 'BroadcastChannel' in globalThis ? new BroadcastChannel('seatrial.events') : null
  if (channel) channel.onmessage = ({ data }) => take(data as HouseEvent)
  const lead = async () => {
    for await (const event of client.follow({ after: last, signal: stop.signal })) {
      take(event)
      channel?.postMessage(event)
    }
  }
  // Without locks (plain HTTP away from localhost) every tab keeps its own stream.
  const led = navigator.locks ? navigator.locks.request('seatrial.events', { signal: stop.signal }, lead) : lead()
  // Aborted, or the session ended: the door asks who is signed in and shows the login if nobody is.
  led.catch(() => {
    if (!stop.signal.aborted) void cache.invalidateQueries({ queryKey: ['session'] })
  })
  return () => {
    stop.abort()
    channel?.close()
    clearTimeout(timer)
    timer = undefined
  }
}
