// A cursor on a list that stays on the same item while the list changes around it.
import { useState } from 'react'

export function useCursor(ids: readonly string[]): [number, (index: number) => void] {
  const [held, setHeld] = useState<{ id: string | undefined; index: number }>({ id: undefined, index: 0 })
  const found = held.id === undefined ? -1 : ids.indexOf(held.id)
  const at = found >= 0 ? found : Math.max(0, Math.min(held.index, ids.length - 1))
  const move = (index: number) => {
    const next = Math.max(0, Math.min(index, ids.length - 1))
    setHeld({ id: ids[next], index: next })
  }
  return [at, move]
}
