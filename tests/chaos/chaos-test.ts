// What both stores are asked, side by side.
import { expect, test } from 'vitest'
import { findPostgres } from '../postgres.ts'
import { runChaos } from './run-chaos.ts'

const kills = Number(process.env.SEATRIAL_KILLS ?? 1000)
const seed = Number(process.env.SEATRIAL_SEED ?? 1)
const stores = (process.env.SEATRIAL_STORES ?? 'embedded,postgres').split(',')

export function testChaos(store: 'embedded' | 'postgres'): void {
  const missing = !stores.includes(store) || (store === 'postgres' && !findPostgres())
  const say = (sentence: string): void => void process.stderr.write(`  ${store}: ${sentence}\n`)
  test.skipIf(missing)(`${store}: ${kills} harms, seed ${seed}: 0 lost, twice, stuck, corrupt, left`, async () => {
    const { findings, accepted } = await runChaos({ store, kills, seed, say })
    expect(findings).toEqual([])
    expect(accepted).toBeGreaterThanOrEqual(Math.floor(kills / 10))
  })
}
