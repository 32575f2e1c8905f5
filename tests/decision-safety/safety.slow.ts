// The safety property at length: SEATRIAL_CASES cases (2,000 unless told), SEATRIAL_SEED to repeat a run.
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { cases, play } from '../../server/decision/safety.ts'

const numRuns = Number(process.env.SEATRIAL_CASES ?? 2000)
const seed = Number(process.env.SEATRIAL_SEED ?? Date.now() % 2 ** 31)

test(`accept, partial accept and undo over ${numRuns} random checkouts`, { timeout: 6 * 3_600_000 }, async () => {
  const seen = new Map<string, number>()
  const queue = fc.sample(cases, { numRuns, seed })
  let next = 0
  // Two at a time: a case is mostly waiting for git.
  const worker = async (): Promise<void> => {
    while (next < queue.length) {
      const number = next++
      const input = queue[number]
      if (!input) return
      const { outcome, undo } = await play(input).catch((error: unknown) => {
        throw new Error(`Case ${number} of seed ${seed}: ${JSON.stringify(input)}`, { cause: error })
      })
      for (const what of [`accept ${outcome}`, `undo ${undo}`]) seen.set(what, (seen.get(what) ?? 0) + 1)
      if (number % 200 === 199) console.log(`${number + 1} of ${numRuns}:`, Object.fromEntries(seen))
    }
  }
  await Promise.all([worker(), worker(), worker()])
  console.log(`seed ${seed}:`, Object.fromEntries(seen))
  expect(seen.get('accept applied') ?? 0).toBeGreaterThan(numRuns / 20)
})
