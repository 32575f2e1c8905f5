// A short run of the safety property; `npm run test:decisions` plays thousands of cases.
import { expect, test } from 'vitest'
import { playAll } from './decision-safety/play.ts'

test('accept, partial accept, rework and undo never lose or reorder a line', { timeout: 240_000 }, async () => {
  const seen = await playAll(40, 2026)
  // The cases reach every kind of end, so that a property that never applies cannot pass.
  for (const what of ['accept applied', 'accept conflict', 'undo undone'])
    expect(seen.get(what) ?? 0).toBeGreaterThan(5)
})
