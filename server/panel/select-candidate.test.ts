// Selection step by step: gates, what tests of others decide, agreement, reach, cost, and none.
import type { Diff, FileDiff, Signal } from '@seatrial/protocol'
import { Selection } from '@seatrial/protocol'
import { expect, it } from 'vitest'
import type { CandidateInput } from './candidate-input.ts'
import { selectCandidate } from './select-candidate.ts'

const file = (path: string, lines: string[]): FileDiff => ({
  path,
  oldPath: null,
  status: 'modified',
  oldMode: '100644',
  newMode: '100644',
  binary: false,
  added: lines.length,
  removed: 0,
  hunks: [
    {
      id: 'abcdefabcdef',
      oldStart: 1,
      oldLines: 0,
      newStart: 1,
      newLines: lines.length,
      section: '',
      lines: lines.map((line) => `+${line}`),
    },
  ],
  collapsed: false,
  sensitive: false,
})
const diffOf = (...lines: string[]): Diff => ({
  from: 'a',
  to: 'b',
  files: lines.length > 0 ? [file('src/a.ts', lines)] : [],
  added: lines.length,
  removed: 0,
})
const tests = (more: Partial<Signal> = {}): Signal => ({
  id: 'tests',
  kind: 'tests',
  state: 'measured',
  verdict: 'good',
  severity: 'info',
  sentence: 'All 3 tests pass',
  tree: 'tree',
  tool: 'check',
  base: 0,
  head: 0,
  places: [],
  lists: {},
  ...more,
})
const candidate = (trialId: string, more: Partial<CandidateInput> = {}): CandidateInput => ({
  trialId,
  tree: 'tree',
  diff: diffOf(trialId),
  signals: [tests()],
  panel: null,
  addedTests: [],
  costMicros: 100,
  ...more,
})
const never = async (): Promise<null> => {
  throw new Error('no matrix was due')
}
const choose = async (...candidates: CandidateInput[]) =>
  Selection.parse(await selectCandidate({ candidates, runTestsOf: never }))

it('says none, with the reason, when nothing passes the gates', async () => {
  const red = tests({ verdict: 'bad', severity: 'critical', sentence: '1 test that passed before now fails: a' })
  const { winner, sentence, ranking } = await choose(
    candidate('a', { signals: [red] }),
    candidate('b', { diff: diffOf() }),
  )
  expect(winner).toBeNull()
  expect(sentence).toMatch(/^None of 2 candidates: /)
  expect(ranking.map((one) => one.out)).toEqual(['1 test that passed before now fails: a.', 'It changes nothing.'])
})

it('does not take silence for green when others were measured', async () => {
  const silent = candidate('a', { signals: [tests({ state: 'not_measured', verdict: null })], costMicros: 1 })
  const { winner, ranking } = await choose(silent, candidate('b'))
  expect(winner).toBe('b')
  expect(ranking.find((one) => one.trialId === 'a')?.out).toMatch(/not measured/)
})

it('does not take the evidence of another tree', async () => {
  const stale = candidate('a', { tree: 'newer' })
  expect((await choose(stale, candidate('b'))).winner).toBe('b')
})

it('prefers what two of three candidates agree on, however they are written', async () => {
  const odd = candidate('a', { diff: diffOf('return 1'), costMicros: 1 })
  const { winner, ranking } = await choose(
    odd,
    candidate('b', { diff: diffOf("say('x');") }),
    candidate('c', { diff: diffOf('say( "x" )') }),
  )
  expect(winner).toBe('b')
  expect(ranking.map((one) => one.trialId)).toEqual(['b', 'c', 'a'])
  expect(ranking[0]?.reasons).toContain('50% of its edits agree with the other candidates.')
})

it('falls back to reach, then to cost', async () => {
  const wide = candidate('a', { diff: diffOf('x', 'y', 'z'), costMicros: 1 })
  expect(await choose(wide, candidate('b'))).toMatchObject({
    winner: 'b',
    sentence: expect.stringContaining('it reaches less far'),
  })
  expect(await choose(candidate('a', { costMicros: 5 }), candidate('b', { costMicros: 4 }))).toMatchObject({
    winner: 'b',
    sentence: expect.stringContaining('it cost less'),
  })
})

it('does not count an unknown price as free', async () => {
  expect((await choose(candidate('a', { costMicros: null }), candidate('b', { costMicros: 9_000_000 }))).winner).toBe(
    'b',
  )
})

it('runs the tests of each on the base and on all, and believes what others confirm', async () => {
  const cells: Record<string, { passed: number; total: number } | null> = {
    // a's tests are made to fit a alone; b and c agree with each other.
    'a base': { passed: 0, total: 2 },
    'a a': { passed: 2, total: 2 },
    'a b': { passed: 0, total: 2 },
    'a c': { passed: 0, total: 2 },
    'b base': { passed: 0, total: 2 },
    'b a': { passed: 0, total: 2 },
    'b b': { passed: 2, total: 2 },
    'b c': { passed: 2, total: 2 },
    // c's tests pass on the base already: they prove nothing.
    'c base': { passed: 1, total: 1 },
    'c a': { passed: 1, total: 1 },
    'c b': { passed: 1, total: 1 },
    'c c': { passed: 1, total: 1 },
  }
  const asked: string[] = []
  const selection = await selectCandidate({
    candidates: [
      candidate('a', { addedTests: ['t'], costMicros: 1 }),
      candidate('b', { addedTests: ['t'] }),
      candidate('c', { addedTests: ['t'] }),
    ],
    runTestsOf: async (row, column) => {
      asked.push(`${row} ${column}`)
      return cells[`${row} ${column}`] ?? null
    },
  })
  expect(asked.toSorted()).toEqual(Object.keys(cells).toSorted())
  expect(selection.matrix?.columns).toEqual(['base', 'a', 'b', 'c'])
  expect(['b', 'c']).toContain(selection.winner)
})

it('holds nothing against a candidate on which a test could not be run', async () => {
  const selection = await selectCandidate({
    candidates: [
      candidate('a', { addedTests: ['t'] }),
      candidate('b', { addedTests: ['t'] }),
      candidate('c', { addedTests: ['t'], costMicros: 1 }),
    ],
    runTestsOf: async (row, column) =>
      column === 'base' ? { passed: 0, total: 1 } : row !== column ? null : { passed: 1, total: 1 },
  })
  expect(selection.winner).toBe('c')
  expect(selection.ranking.every((one) => one.out === null)).toBe(true)
})
