// What was made last for a page, and for whom: good until something pages show changes in this house, and never for long,
// because settings and other processes change without a word.

interface Made<T> {
  state: number
  at: number
  value: T
}

export interface Kept<T> {
  /** What is kept under `key`, or what `make` gives now; null is passed on and not kept. */
  get(key: string, make: () => Promise<T | null>): Promise<T | null>
}

export function keep<T>(options: { state: () => number; freshMs: number; most: number }): Kept<T> {
  const kept = new Map<string, Made<T>>()
  return {
    async get(key, make) {
      const last = kept.get(key)
      if (last && last.state === options.state() && performance.now() - last.at < options.freshMs) return last.value
      // Taken before making: what changes meanwhile makes it stale.
      const [state, at] = [options.state(), performance.now()]
      const value = await make()
      if (kept.size >= options.most) kept.clear()
      if (value !== null) kept.set(key, { state, at, value })
      return value
    },
  }
}
