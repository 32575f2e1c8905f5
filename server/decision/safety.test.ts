// A short run of the safety property; `npm run test:decisions` plays thousands of cases.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cases, play } from './safety.ts'

test('accept, partial accept and undo never lose or reorder a line', { timeout: 240_000 }, async () => {
  const seen = new Map<string, number>()
  await fc.assert(
    fc.asyncProperty(cases, async (input) => {
      const { outcome, undo } = await play(input)
      for (const what of [outcome, undo]) seen.set(what, (seen.get(what) ?? 0) + 1)
    }),
    { numRuns: 40, seed: 20_26 },
  )
  // The cases reach every kind of end, so that a property that never applies cannot pass.
  for (const what of ['applied', 'conflict', 'undone']) expect(seen.get(what) ?? 0).toBeGreaterThan(2)
})
