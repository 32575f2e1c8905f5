// A fast slice of tests/chaos: ten harms on the embedded store, with a seed of its own.
import { expect, test } from 'vitest'
import { runChaos } from './chaos/run-chaos.ts'

test('ten harms at points chosen by the work: nothing lost, twice, stuck, corrupt or left behind', async () => {
  const { findings, accepted } = await runChaos({ store: 'embedded', kills: 10, seed: 10, say: () => {} })
  expect(findings).toEqual([])
  expect(accepted).toBeGreaterThan(0)
})
