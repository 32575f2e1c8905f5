import { expect, test } from 'vitest'
import { task, tasks, trial } from '../dev/example.ts'
import { byUrgency, candidatesOf, leadOf, matches, needOf, withNames } from './need.ts'

test('what unblocks most comes first', () => {
  const needing = tasks.filter((one) => needOf(one)).toReversed()
  expect(byUrgency(needing).map((one) => needOf(one)?.kind)).toEqual(['answer', 'review', 'choose', 'failed'])
})

test('of equal needs the longest wait comes first', () => {
  const waiting = (id: string, updatedAt: string) =>
    task(id, id, 'waiting', {
      updatedAt,
      trials: [trial(`r-${id}`, id, 'refactor')],
      selection: { winner: `r-${id}`, sentence: '', ranking: [], matrix: null },
    })
  const list = [waiting('t-new', '2026-11-23T10:00:00.000Z'), waiting('t-old', '2026-11-22T10:00:00.000Z')]
  expect(byUrgency(list).map(({ id }) => id)).toEqual(['t-old', 't-new'])
})

test('running and decided tasks need nobody', () => {
  expect(tasks.filter(({ state }) => ['queued', 'done', 'rejected'].includes(state)).map(needOf)).toEqual([
    null,
    null,
    null,
  ])
})

test('a rework takes the place of what it reworks', () => {
  const of = task('t-x', 'x', 'waiting', {
    trials: [
      trial('r-1', 't-x', 'a'),
      trial('r-2', 't-x', 'a', { parentId: 'r-1' }),
      trial('r-3', 't-x', 'b', { state: 'failed', candidate: null }),
    ],
  })
  expect(candidatesOf(of).map(({ id }) => id)).toEqual(['r-2'])
  expect(leadOf(of)?.id).toBe('r-2')
})

test('the search wants every word, anywhere', () => {
  const login = tasks[1]!
  expect(matches(login, 'LOGIN twenty')).toBe(true)
  expect(matches(login, 'devstral flaky')).toBe(true)
  expect(matches(login, 'login redis')).toBe(false)
})

test('sentences of the house name contenders, not ids', () => {
  const two = (names: string[]) =>
    task('t-x', 'x', 'waiting', {
      trials: names.map((name, index) => trial(`r-aaaaaaa${index + 2}`, 't-x', name)),
    })
  expect(withNames(two(['refactor']), 'r-aaaaaaa2 passes every gate; r-unknown2 is not here.')).toBe(
    'refactor passes every gate; r-unknown2 is not here.',
  )
  expect(withNames(two(['refactor', 'refactor']), 'r-aaaaaaa3 beats r-aaaaaaa2.')).toBe(
    'B (refactor) beats A (refactor).',
  )
})
