// The safety property at length: SEATRIAL_CASES cases (10,000 unless told), SEATRIAL_SEED to repeat a run.
import { expect, test } from 'vitest'
import { playAll } from './play.ts'

const numRuns = Number(process.env.SEATRIAL_CASES ?? 10_000)
const seed = Number(process.env.SEATRIAL_SEED ?? Date.now() % 2 ** 31)

test(`accept, partial accept, rework and undo over ${numRuns} random checkouts`, {
  timeout: 12 * 3_600_000,
}, async () => {
  const seen = await playAll(numRuns, seed, (sentence) => console.log(sentence))
  console.log(`seed ${seed}:`, Object.fromEntries(seen))
  expect(seen.get('accept applied') ?? 0).toBeGreaterThan(numRuns / 20)
})
