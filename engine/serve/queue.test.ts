// The line in front of a model: in order, with a deadline, and nobody is forgotten.
import { expect, test } from 'vitest'
import { line } from './queue.ts'

const never = new AbortController().signal

test('so many at once, the rest in the order they came', async () => {
  const queue = line({ atOnce: 2, mostWaiting: 8, deadlineMs: 5000 })
  const order: number[] = []
  const leaves: (() => void)[] = []
  const enter = async (n: number) => {
    leaves.push(await queue.enter(never))
    order.push(n)
  }
  const all = [1, 2, 3, 4].map(enter)
  await Promise.all(all.slice(0, 2))
  expect([queue.running(), queue.waiting()]).toEqual([2, 2])
  leaves[0]!()
  leaves[0]!()
  await all[2]
  expect(order).toEqual([1, 2, 3])
  leaves[1]!()
  await all[3]
  for (const leave of leaves) leave()
  expect([queue.running(), queue.waiting()]).toEqual([0, 0])
})

test('past the deadline, with a full line, and gone before its turn', async () => {
  const queue = line({ atOnce: 1, mostWaiting: 2, deadlineMs: 30 })
  const leave = await queue.enter(never)
  const stop = new AbortController()
  const gone = queue.enter(stop.signal)
  const late = queue.enter(never)
  await expect(queue.enter(never)).rejects.toThrow('2 requests wait for this model already')
  stop.abort(new Error('gone'))
  await expect(gone).rejects.toThrow('gone')
  await expect(late).rejects.toThrow('The model was busy for 0.03 s')
  expect(queue.waiting()).toBe(0)
  leave()
  expect(queue.running()).toBe(0)
})
