import type { Diff } from '@seatrial/protocol/diff'
import { expect, test } from 'vitest'
import { fileDiff } from '../dev/patch-text.ts'
import { type Draft, decisionOf, stopsOf } from './draft.ts'
import { inherit } from './state.ts'

const two = fileDiff('two.ts', '@@ -1,2 +1,2 @@\n a\n-b\n+B\n@@ -20,2 +20,2 @@\n x\n-y\n+Y\n')
const one = fileDiff('one.ts', '@@ -1,1 +1,2 @@\n a\n+b\n')
const picture = fileDiff('p.png', '@@ -0,0 +1,1 @@\n+x', { hunks: [], binary: true })
const diff: Diff = { from: 'a', to: 'b', files: [two, one, picture], added: 3, removed: 2 }
const candidate = ['a', 'B', ...Array.from({ length: 17 }, () => '-'), 'x', 'Y', ''].join('\n')
const textOf = async () => candidate
const draft = (choices: Draft['choices']): Draft => ({ choices, comments: [] })
const ids = stopsOf(diff.files).map(({ id }) => id)

test('a file without hunks is one stop of its own', () => {
  expect(stopsOf(diff.files).map(({ path, number, of }) => `${path} ${number}/${of}`)).toEqual([
    'two.ts 1/2',
    'two.ts 2/2',
    'one.ts 1/1',
    'p.png 1/1',
  ])
})

test('everything accepted is the whole candidate', async () => {
  const choices = Object.fromEntries(ids.map((id) => [id, { kind: 'accept' as const }]))
  expect(await decisionOf(diff, draft(choices), textOf)).toEqual({ pick: { kind: 'all' }, edits: [] })
})

test('undecided and rejected hunks are not taken; whole files go by name', async () => {
  const { pick, edits } = await decisionOf(
    diff,
    draft({ [ids[0]!]: { kind: 'accept' }, [ids[1]!]: { kind: 'reject' }, [ids[3]!]: { kind: 'accept' } }),
    textOf,
  )
  expect(pick).toEqual({ kind: 'some', files: ['p.png'], hunks: [ids[0]] })
  expect(edits).toEqual([])
})

test('a file that was cut or edited by hand goes as its text', async () => {
  const { pick, edits } = await decisionOf(
    diff,
    draft({ [ids[0]!]: { kind: 'edit', text: 'a\nmine' }, [ids[1]!]: { kind: 'reject' } }),
    textOf,
  )
  expect(pick).toEqual({ kind: 'some', files: ['two.ts'], hunks: [] })
  expect(edits).toEqual([{ path: 'two.ts', text: candidate.replace('B', 'mine').replace('Y', 'y') }])
})

test('a rework starts with the decisions on hunks it left alone', () => {
  const before: Draft = {
    choices: { kept: { kind: 'accept' }, changed: { kind: 'reject' } },
    comments: [{ path: 'a', line: 1, side: 'new', text: 'x' }],
  }
  expect(inherit(before, new Set(['kept', 'new']))).toEqual({ choices: { kept: { kind: 'accept' } }, comments: [] })
})
