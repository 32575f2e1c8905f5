// Everything a person can do now, as data: screens register actions, keys and the command list run them.
import { useEffect, useRef } from 'react'
import { matchKeys, wordOf } from './keys.ts'

export interface Action {
  id: string
  title: string
  group: string
  keys?: string[]
  run(): void
}

interface Layer {
  /** A dialog's actions shadow everything beneath it. */
  modal: boolean
  actions: readonly Action[]
}

let layers: readonly Layer[] = []
/** The actions in force, innermost first; a key belongs to the first action that claims it. */
export function actionsInForce(all: readonly Layer[] = layers): Action[] {
  const top = all.findLastIndex((layer) => layer.modal)
  const claimed = new Set<string>()
  const list: Action[] = []
  for (const layer of all.slice(Math.max(top, 0)).toReversed()) {
    for (const action of layer.actions) {
      const keys = (action.keys ?? []).filter((key) => !claimed.has(key))
      list.push({ ...action, keys })
    }
    for (const action of layer.actions) for (const key of action.keys ?? []) claimed.add(key)
  }
  return list
}

/** Registers actions while the component is mounted. Their `run` always sees the latest render. */
export function useActions(actions: readonly Action[], modal = false): void {
  const latest = useRef(actions)
  latest.current = actions
  const shape = actions.map((action) => `${action.id}|${action.title}|${action.keys?.join()}`).join('\n')
  // biome-ignore lint/correctness/useExhaustiveDependencies: registered anew only when the list's shape changes.
  useEffect(() => {
    const layer: Layer = {
      modal,
      actions: latest.current.map((action) => ({
        ...action,
        run: () => latest.current.find(({ id }) => id === action.id)?.run(),
      })),
    }
    layers = [...layers, layer]
    return () => {
      layers = layers.filter((other) => other !== layer)
    }
  }, [shape, modal])
}

const typing = (target: EventTarget | null) =>
  target instanceof HTMLElement &&
  (target.isContentEditable || (/^(input|textarea|select)$/i.test(target.tagName) && !isToggle(target)))

const isToggle = (target: HTMLElement) =>
  target instanceof HTMLInputElement && ['checkbox', 'radio', 'button'].includes(target.type)

const pressable = (target: EventTarget | null) =>
  target instanceof HTMLElement && target.closest('button, a, summary, select, input, [role=option]') !== null

/** Listens for keys on the whole page; returns how to stop. */
export function listenForKeys(): () => void {
  let pending = ''
  let expires = 0
  const onKey = (event: KeyboardEvent) => {
    if (event.defaultPrevented || event.isComposing || ['Shift', 'Control', 'Meta', 'Alt'].includes(event.key)) return
    const word = wordOf(event)
    if (typing(event.target) && !word.startsWith('mod+')) return
    if ((word === 'Enter' || word === ' ') && pressable(event.target)) return
    if (event.timeStamp > expires) pending = ''
    const list = actionsInForce()
    const match = matchKeys(
      pending,
      word,
      list.flatMap((action) => action.keys ?? []),
    )
    pending = match.pending
    expires = event.timeStamp + 1200
    if (match.pending) event.preventDefault()
    const action = match.hit === null ? undefined : list.find(({ keys }) => keys?.includes(match.hit!))
    if (!action) return
    event.preventDefault()
    action.run()
  }
  addEventListener('keydown', onKey)
  return () => removeEventListener('keydown', onKey)
}
