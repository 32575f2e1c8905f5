import { PanelReport } from '@seatrial/protocol/review'
import { expect, test } from 'vitest'
import { task, trial } from '../dev/example.ts'
import { rate, reviewerStandings, standings } from './rates.ts'

test('the interval is wide for few cases and never leaves 0 to 1', () => {
  expect(rate(0, 0).share).toBeNull()
  expect(rate(3, 3)).toMatchObject({ share: 1, high: 1 })
  expect(rate(3, 3).low).toBeCloseTo(0.438, 2)
  expect(rate(8, 10).low).toBeCloseTo(0.49, 2)
  expect(rate(8, 10).high).toBeCloseTo(0.943, 2)
})

const decision = (
  taskId: string,
  trialId: string,
  kind: 'accept' | 'reject',
  state: 'applied' | 'recorded' | 'undone',
) => ({
  id: `d-${taskId}`,
  taskId,
  trialId,
  kind,
  pick: null,
  target: null,
  reason: '',
  code: 'unknown' as const,
  state,
  result: null,
  by: null,
  at: '2026-11-23T10:00:00.000Z',
})
const ended = (id: string, kind: 'accept' | 'reject', state: 'applied' | 'recorded' | 'undone') =>
  task(id, id, 'done', {
    trials: [
      trial(`r-a${id}`, id, 'a'),
      trial(`r-b${id}`, id, 'b', {
        state: 'failed',
        candidate: null,
        failure: { kind: 'infrastructure', sentence: '' },
      }),
    ],
    decisions: [decision(id, `r-a${id}`, kind, state)],
  })

test('taken work counts by ruled task; undone decisions and infrastructure do not count', () => {
  const [a, b] = standings([
    ended('t-1', 'accept', 'applied'),
    ended('t-2', 'reject', 'recorded'),
    ended('t-3', 'accept', 'undone'),
  ])
  expect(a).toMatchObject({ contender: 'a', trials: 3, failed: 0, taken: { hits: 1, of: 2 } })
  expect(b).toMatchObject({ contender: 'b', failed: 0, taken: { hits: 0, of: 2 } })
})

const panel = (votes: ['ship' | 'skip', number][]): PanelReport =>
  PanelReport.parse({
    trialId: 'r',
    tree: 't',
    ship: 0,
    skip: 0,
    abstain: 0,
    effectiveVotes: 1,
    pShip: 0.5,
    vetoes: [],
    reviews: votes.map(([vote, pShip], index) => ({
      stance: (['builder', 'skeptic'] as const)[index],
      engine: 'rules',
      vote,
      pShip,
      text: '',
      cites: [],
      changeMyMind: '',
      forecast: null,
      findings: [],
      excluded: null,
    })),
  })

test('a reviewer that always ships has skill 0 and says so; one that foresees has more', () => {
  const [builder, skeptic] = reviewerStandings([
    {
      panel: panel([
        ['ship', 0.9],
        ['ship', 0.9],
      ]),
      taken: true,
    },
    {
      panel: panel([
        ['ship', 0.9],
        ['skip', 0.1],
      ]),
      taken: false,
    },
  ])
  expect(builder).toMatchObject({ skill: 0, sentence: 'Always says ship, so its vote tells nothing.' })
  expect(skeptic!.skill).toBeCloseTo(0.96)
  expect(skeptic).toMatchObject({ right: { hits: 2, of: 2 } })
})
