// What changed between two results, as lists of names.
import type { CheckResult, TestCase } from '@seatrial/protocol'
import { expect, it } from 'vitest'
import { compareChecks } from './compare-checks.ts'

const one = (text: string): TestCase => {
  const [status = '', name = '', file = 'a.test.ts'] = text.split(' ')
  return { name, file, status: status as TestCase['status'], durationMs: null, message: null }
}
const result = (cases: string[] | null, more: Partial<CheckResult> = {}): CheckResult => ({
  name: 'test',
  kind: 'test',
  command: 'npm test',
  tree: 't',
  outcome: cases?.some((text) => text.startsWith('failed')) ? 'failed' : 'passed',
  exitCode: 0,
  durationMs: 1,
  cases: cases?.map(one) ?? null,
  diagnostics: null,
  log: '',
  flaky: [],
  ...more,
})

it('sorts every case into its list', () => {
  const base = result([
    'passed breaks',
    'failed gets-fixed',
    'failed stays',
    'passed goes',
    'passed skipped-now',
    'passed moves',
  ])
  const head = result([
    'failed breaks',
    'passed gets-fixed',
    'failed stays',
    'skipped skipped-now',
    'passed moves b.test.ts',
    'passed new',
    'failed new-red',
  ])
  expect(compareChecks([base], [head])).toEqual({
    broke: ['breaks'],
    fixed: ['gets-fixed'],
    added: ['new', 'new-red'],
    stillFailing: ['stays'],
    deleted: ['goes'],
    skipped: ['skipped-now'],
    addedFailing: ['new-red'],
    flaky: [],
  })
})

it('does not count what was flaky on the base as broken', () => {
  const base = result(['passed shaky'], { flaky: ['shaky'] })
  expect(compareChecks([base], [result(['failed shaky'])]).broke).toEqual([])
})

it('lets a whole check stand for its cases where the runner gave no names', () => {
  expect(compareChecks([result(null)], [result(null, { outcome: 'failed' })]).broke).toEqual(['test'])
  expect(compareChecks([result(null, { outcome: 'failed' })], [result(null)]).fixed).toEqual(['test'])
})

it('counts a runner that died without a word as broken', () => {
  const dead = result(['passed a'], { outcome: 'timeout' })
  expect(compareChecks([result(['passed a', 'passed b'])], [dead])).toMatchObject({
    broke: ['test (timeout)'],
    deleted: ['b'],
  })
})

it('keeps two cases of one name apart', () => {
  const base = result(['passed twin', 'passed twin'])
  expect(compareChecks([base], [result(['passed twin', 'failed twin'])]).broke).toEqual(['twin'])
})
