// Pages as they were rendered last: good until something they show changes in this house, and never for long, because
// settings and other processes change without a word.

interface Kept {
  state: number
  at: number
  page: string
}

export interface KeptPages {
  /** The page kept under `key`, or what `render` makes of it now; null is passed on and not kept. */
  get(key: string, render: () => Promise<string | null>): Promise<string | null>
}

export function keepPages(options: { state: () => number; freshMs: number; most: number }): KeptPages {
  const kept = new Map<string, Kept>()
  return {
    async get(key, render) {
      const last = kept.get(key)
      if (last && last.state === options.state() && performance.now() - last.at < options.freshMs) return last.page
      // Taken before rendering: what changes meanwhile makes the page stale.
      const [state, at] = [options.state(), performance.now()]
      const page = await render()
      if (kept.size >= options.most) kept.clear()
      if (page !== null) kept.set(key, { state, at, page })
      return page
    },
  }
}
