import { HouseEvent } from '@seatrial/protocol/event'
import { expect, test } from 'vitest'
import { foldTimeline, planOf } from './story.ts'

let seq = 0
const event = (body: object, trialId: string | null = 'r-1') =>
  HouseEvent.parse({ seq: ++seq, at: '2026-11-23T10:00:00.000Z', taskId: 't-1', trialId, body })
const said = (text: string, trialId = 'r-1') => event({ type: 'agent.said', role: 'agent', text }, trialId)
const tool = (callId: string, status: string, trialId = 'r-1') =>
  event(
    { type: 'agent.used-tool', call: { callId, title: 'edit', kind: 'edit', status, paths: [], output: null } },
    trialId,
  )

test('words of one speaker join; another trial starts anew', () => {
  const entries = foldTimeline([said('Hel'), said('lo'), said('Hi', 'r-2')])
  expect(entries.map((entry) => entry.kind === 'said' && entry.text)).toEqual(['Hello', 'Hi'])
})

test('a tool call is one entry with its latest state, by trial', () => {
  const entries = foldTimeline([tool('c1', 'pending'), said('…'), tool('c1', 'completed'), tool('c1', 'failed', 'r-2')])
  expect(entries.map((entry) => (entry.kind === 'tool' ? entry.call.status : entry.kind))).toEqual([
    'completed',
    'said',
    'failed',
  ])
})

test('metering is not part of the story, the newest plan counts', () => {
  const usage = { calls: 1, inputTokens: 1, cacheReadTokens: 0, cacheWriteTokens: 0, outputTokens: 1, micros: 1 }
  const plan = (text: string) => event({ type: 'agent.planned', entries: [{ text, status: 'pending' }] })
  const events = [event({ type: 'usage.metered', usage, model: 'm' }), plan('first'), plan('second')]
  expect(foldTimeline(events)).toEqual([])
  expect(planOf(events, 'r-1').map(({ text }) => text)).toEqual(['second'])
})
