// A piece of state kept in this browser, shared by every component and tab that names the same key.
import { useCallback, useSyncExternalStore } from 'react'

const listeners = new Map<string, Set<() => void>>()
const parsed = new Map<string, { text: string | null; value: unknown }>()

const read = (key: string) => {
  const text = localStorage.getItem(key)
  const known = parsed.get(key)
  if (known && known.text === text) return known.value
  let value: unknown
  try {
    value = text === null ? undefined : JSON.parse(text)
  } catch {
    value = undefined
  }
  parsed.set(key, { text, value })
  return value
}

export function keep(key: string, value: unknown): void {
  if (value === undefined) localStorage.removeItem(key)
  else localStorage.setItem(key, JSON.stringify(value))
  for (const listener of listeners.get(key) ?? []) listener()
}

export const kept = <T>(key: string, fallback: T): T => (read(key) as T | undefined) ?? fallback

/** Like `useState`, kept under `key`. `fallback` must be a constant. */
export function useKept<T>(key: string, fallback: T): [T, (next: T) => void] {
  const subscribe = useCallback(
    (listener: () => void) => {
      const set = listeners.get(key) ?? new Set()
      listeners.set(key, set.add(listener))
      addEventListener('storage', listener)
      return () => {
        set.delete(listener)
        removeEventListener('storage', listener)
      }
    },
    [key],
  )
  const value = useSyncExternalStore(subscribe, () => kept(key, fallback))
  const write = useCallback((next: T) => keep(key, next), [key])
  return [value, write]
}
