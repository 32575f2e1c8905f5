import { HouseEvent } from '@seatrial/protocol/event'
import { expect, test } from 'vitest'
import { staleAfter } from './stale.ts'

const event = (body: object, taskId: string) =>
  HouseEvent.parse({ seq: 1, at: '2026-11-23T10:00:00.000Z', taskId, trialId: 'r-1', body })
const moved = { type: 'task.moved', from: 'queued', to: 'working', note: null }

test('each query goes stale once, however many events say so', () => {
  expect(staleAfter([event(moved, 't-1'), event(moved, 't-1'), event(moved, 't-2')])).toEqual([
    ['task', 't-1'],
    ['tasks'],
    ['task', 't-2'],
  ])
})

test('words of an agent make nothing stale', () => {
  expect(staleAfter([event({ type: 'agent.said', role: 'agent', text: 'x' }, 't-1')])).toEqual([])
})
