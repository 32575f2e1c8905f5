// Kills house and agents at random points and then looks: nothing lost, nothing twice, nothing stuck, nothing corrupt.
import { mkdtempSync, realpathSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { freshDatabase, leaks, makeRepo, removeRepo, unmountBelow } from '../house.ts'
import { audit, leftovers, waitForRest } from './audit.ts'
import { drive } from './driver.ts'
import { seeded } from './random.ts'

const kills = Number(process.env.SEATRIAL_KILLS ?? 200)
const seed = Number(process.env.SEATRIAL_SEED ?? 1)
const restMs = 5 * 60_000

test(`${kills} kills, seed ${seed}: 0 lost, 0 twice, 0 stuck, 0 corrupt, 0 leaked`, async () => {
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'chaos-')))
  const repo = await makeRepo({ 'a.txt': 'a\n' })
  const database = await freshDatabase()
  const env: Record<string, string> = database ? { DATABASE_URL: database } : {}
  const say = (sentence: string): void => void process.stderr.write(`  ${sentence}\n`)
  const { house, acknowledged } = await drive({ dataDir, repo, kills, random: seeded(seed), env, workers: [], say })
  const stuck = await waitForRest(house.client, restMs)
  const findings = await audit(house.client, repo, acknowledged)
  await house.stop()
  const left = [...leaks(dataDir), ...leftovers(dataDir)]
  await unmountBelow(dataDir)
  await rm(dataDir, { recursive: true, force: true })
  await removeRepo(repo)
  const { tasks, accepts, rejects, cancels, undos, kills: done } = acknowledged
  say(
    `${done.house} house and ${done.agent} agent kills; acknowledged: ${tasks.size} tasks, ${accepts.size} accepted, ${rejects.size} rejected, ${cancels.size} cancelled, ${undos.size} undone`,
  )
  expect([...stuck, ...findings, ...left]).toEqual([])
  expect(accepts.size).toBeGreaterThan(0)
})
