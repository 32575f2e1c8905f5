// Work that must not overlap with other work of the same name waits for its turn.

/** Runs `work` when all that was asked for under `name` before has ended, whichever way; settles as `work` does. */
export type InTurn = <T>(name: string, work: () => Promise<T>) => Promise<T>

export function openTurns(): InTurn {
  const last = new Map<string, Promise<unknown>>()
  return (name, work) => {
    const turn = (last.get(name) ?? Promise.resolve()).then(work)
    const over = turn
      .catch(() => {})
      .then(() => {
        if (last.get(name) === over) last.delete(name)
      })
    last.set(name, over)
    return turn
  }
}
