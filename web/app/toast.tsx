// Short messages at the edge of the screen, announced to screen readers; some can be undone.
import { useSyncExternalStore } from 'react'
import { KeyCap } from '../parts/key-cap.tsx'

export interface Toast {
  id: number
  tone: 'plain' | 'bad'
  sentence: string
  undo?: () => void
}

let toasts: readonly Toast[] = []
let next = 1
const listeners = new Set<() => void>()
const publish = (list: readonly Toast[]) => {
  toasts = list
  for (const listener of listeners) listener()
}
const subscribe = (listener: () => void) => {
  listeners.add(listener)
  return () => listeners.delete(listener)
}

export function say(sentence: string, options: { tone?: Toast['tone']; undo?: () => void } = {}): void {
  const toast: Toast = {
    id: next++,
    tone: options.tone ?? 'plain',
    sentence,
    ...(options.undo && { undo: options.undo }),
  }
  publish([...toasts.slice(-2), toast])
  setTimeout(() => drop(toast.id), options.undo || toast.tone === 'bad' ? 12_000 : 5_000)
}

const drop = (id: number) => publish(toasts.filter((toast) => toast.id !== id))

/** The newest undo on screen, if any; using it removes its message. */
export function takeUndo(): (() => void) | undefined {
  const toast = toasts.findLast(({ undo }) => undo)
  if (toast) drop(toast.id)
  return toast?.undo
}

export function Toasts() {
  const list = useSyncExternalStore(subscribe, () => toasts)
  return (
    <section
      aria-live="polite"
      aria-label="Messages"
      className="pointer-events-none fixed inset-x-3 bottom-16 z-50 flex flex-col items-end gap-2 md:bottom-4 md:left-auto"
    >
      {list.map((toast) => (
        <div
          key={toast.id}
          className={`pointer-events-auto flex max-w-[30rem] items-center gap-3 rounded-md border bg-panel px-3 py-2 text-sm shadow-[var(--shadow)] ${
            toast.tone === 'bad' ? 'border-skip text-skip' : 'border-line-strong text-ink'
          }`}
        >
          <span className="min-w-0 [overflow-wrap:anywhere]">{toast.sentence}</span>
          {toast.undo && (
            <button
              type="button"
              className="flex shrink-0 items-center gap-1.5 font-medium text-accent hover:underline"
              onClick={() => {
                drop(toast.id)
                toast.undo?.()
              }}
            >
              Undo <KeyCap keys="u" />
            </button>
          )}
        </div>
      ))}
    </section>
  )
}
