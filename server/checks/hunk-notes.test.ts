// What stands beside each hunk.
import type { Review } from '@seatrial/protocol'
import { afterAll, expect, it } from 'vitest'
import { hunkNotes } from './hunk-notes.ts'
import { measureHere } from './signals/measure-here.ts'
import { testTrees } from './test-trees.ts'

const trees = testTrees()
afterAll(() => trees[Symbol.dispose]())

it('puts signals, findings, coverage and the step beside the hunk they belong to', async () => {
  const filler = Array.from({ length: 20 }, (_, at) => `export const n${at} = ${at}\n`).join('')
  const base = { 'src/a.js': filler, 'src/b.js': 'export const b = 1\n' }
  const changed = `export const first = (x) => eval(x)\n${filler}export const last = 2\n`
  const lcov = 'SF:src/a.js\nDA:1,0\nDA:22,4\nend_of_record\n'
  const input = await trees.input(base, { 'src/a.js': changed }, { coverage: { 'coverage/lcov.info': lcov } })
  const signals = await measureHere(input)
  const review = {
    stance: 'skeptic',
    excluded: null,
    findings: [{ path: 'src/a.js', line: 1, sentence: 'eval', signalId: 'risky' }],
  }
  const notes = hunkNotes({
    diff: input.diff,
    signals,
    reviews: [review as unknown as Review],
    steps: [
      { number: 1, label: 'Look around' },
      { number: 2, label: 'Add first', paths: ['src/a.js'] },
    ],
  })
  expect(notes).toHaveLength(2)
  expect(notes[0]).toMatchObject({
    path: 'src/a.js',
    risk: 'high',
    coverage: 'uncovered',
    findings: ['skeptic: eval'],
    why: 'Step 2: Add first',
  })
  expect(notes[0]?.signals).toContain('risky')
  expect(notes[1]).toMatchObject({ risk: 'low', coverage: 'covered', findings: [] })
  expect(notes.map((one) => one.hunkId)).toEqual(input.diff.files[0]?.hunks.map((one) => one.id))
})
