import { type Api, api, type Route } from '@seatrial/protocol/api'
import { expect, test } from 'vitest'
import { diffs, eventsOf, hunkNotes, tasks } from './example.ts'
import { exampleHandlers } from './serve.ts'

test('every example answer is valid in the protocol', () => {
  const handlers = exampleHandlers() as Record<string, (call: object) => unknown>
  const trial = 'r-flaky2a3'
  for (const [name, handler] of Object.entries(handlers)) {
    const route: Route = api[name as keyof Api]
    const params = { id: 't-flakylg2' }
    const query = route.query?.parse({ trial, after: 0 })
    expect(() => route.reply.parse(handler({ params, query })), name).not.toThrow()
  }
  for (const task of tasks) expect(eventsOf(task).length).toBeGreaterThan(0)
  for (const diff of Object.values(diffs)) expect(hunkNotes(diff).length).toBeGreaterThan(0)
})
