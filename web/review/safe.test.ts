import { expect, test } from 'vitest'
import { fileDiff } from '../dev/patch-text.ts'
import { deservesALook, type HunkNote, isSafe } from './safe.ts'

const file = fileDiff('a.ts', '@@ -1 +1 @@\n-a\n+b\n')
const calm: HunkNote = {
  hunkId: file.hunks[0]!.id,
  path: 'a.ts',
  risk: 'low',
  why: null,
  signals: [],
  findings: [],
  coverage: 'covered',
}

test.each<[string, Partial<HunkNote>, object, boolean, boolean]>([
  ['calm', {}, {}, true, false],
  ['risky', { risk: 'medium' }, {}, false, true],
  ['under remark', { findings: ['skeptic: why?'] }, {}, false, true],
  ['uncovered', { coverage: 'uncovered' }, {}, false, true],
  ['not measured: neither safe nor a reason to look', { coverage: 'not_measured' }, {}, false, false],
  ['sensitive', {}, { sensitive: true }, false, true],
])('a hunk that is %s', (_, note, of, safe, look) => {
  expect(isSafe({ ...calm, ...note }, { ...file, ...of })).toBe(safe)
  expect(deservesALook({ ...calm, ...note }, { ...file, ...of })).toBe(look)
})

test('without a note nothing is safe', () => {
  expect(isSafe(undefined, file)).toBe(false)
})
