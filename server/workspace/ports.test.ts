import { expect, test } from 'vitest'
import { openPorts } from './ports.ts'

test('two that begin at once get two blocks, and what came to nothing is free again', async () => {
  const ports = openPorts(async () => [20_020])
  const [one, two] = await Promise.all([ports.take(), ports.take()])
  expect([one, two]).toEqual([20_000, 20_010])
  ports.settled(one)
  expect(await ports.take()).toBe(one)
  expect(await ports.take()).toBe(20_030)
})

test('more workspaces than blocks share them evenly', async () => {
  const ports = openPorts(async () => [20_000, 20_000, 20_010, 20_020], 3)
  expect([await ports.take(), await ports.take(), await ports.take()]).toEqual([20_010, 20_020, 20_000])
})
