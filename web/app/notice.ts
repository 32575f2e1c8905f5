// Tells the person only when a task begins to need them: a count in the title, and a system notice if allowed.
import type { TaskView } from '@seatrial/protocol/api'
import { useEffect, useRef } from 'react'
import { startLive } from '../data/live.ts'
import { needOf } from '../inbox/need.ts'

/** Ids that need a person now and did not before; everything counts as known at first. */
export function newlyNeeding(known: ReadonlySet<string> | null, now: readonly string[]): string[] {
  return known === null ? [] : now.filter((id) => !known.has(id))
}

/** `waiting` is null until the inbox is loaded. */
export function useNotice(waiting: readonly TaskView[] | null): void {
  const known = useRef<Set<string> | null>(null)
  const ids = waiting?.map(({ id }) => id).join()
  const loaded = waiting !== null

  // biome-ignore lint/correctness/useExhaustiveDependencies: the stream starts once, from what the first load knew.
  useEffect(() => {
    if (!loaded) return
    const seq = Math.max(0, ...(waiting ?? []).map((task) => task.seq))
    return startLive(seq)
  }, [loaded])

  // biome-ignore lint/correctness/useExhaustiveDependencies: `ids` stands for `waiting`.
  useEffect(() => {
    if (!waiting) return
    document.title = waiting.length > 0 ? `(${waiting.length}) Seatrial` : 'Seatrial'
    const fresh = newlyNeeding(
      known.current,
      waiting.map(({ id }) => id),
    )
    known.current = new Set(waiting.map(({ id }) => id))
    if (document.visibilityState === 'visible' || globalThis.Notification?.permission !== 'granted') return
    for (const task of waiting.filter(({ id }) => fresh.includes(id))) {
      new Notification(task.title, { body: needOf(task)?.sentence ?? '', tag: task.id })
    }
  }, [ids])
}
