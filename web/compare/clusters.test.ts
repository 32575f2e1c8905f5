import type { Diff } from '@seatrial/protocol/diff'
import { expect, test } from 'vitest'
import { fileDiff } from '../dev/patch-text.ts'
import { clustersOf, composition } from './clusters.ts'

const diff = (...files: ReturnType<typeof fileDiff>[]): Diff => ({ from: 'a', to: 'b', files, added: 0, removed: 0 })
const head = '@@ -1,3 +1,4 @@\n one\n+extra\n two\n three\n'
const tail = (text: string) => `@@ -20,3 +21,3 @@\n x\n-old\n+${text}\n y\n`
const a = diff(fileDiff('f.ts', head + tail('new A')))
const b = diff(fileDiff('f.ts', head + tail('new B')), fileDiff('only-b.ts', head))

test('the same edit is agreed on, another at the same lines is not', () => {
  const clusters = clustersOf([a, b])
  expect(clusters.map(({ id, agreed, edits }) => [id, agreed, edits])).toEqual([
    ['f.ts:1', true, [0, 0]],
    ['f.ts:20', false, [0, 1]],
    ['only-b.ts:1', false, [null, 0]],
  ])
})

test('the same edit with more context around it is still the same edit', () => {
  const wide = diff(fileDiff('f.ts', '@@ -1,4 +1,5 @@\n one\n+extra\n two\n three\n four\n'))
  const narrow = diff(fileDiff('f.ts', '@@ -1,2 +1,3 @@\n one\n+extra\n two\n'))
  expect(clustersOf([wide, narrow]).map(({ agreed }) => agreed)).toEqual([true])
})

test('hunks that overlap in the base belong together', () => {
  const wide = diff(fileDiff('f.ts', '@@ -1,30 +1,2 @@\n one\n-gone\n two\n'))
  wide.files[0]!.hunks[0]!.oldLines = 30
  expect(clustersOf([a, wide]).map(({ from, to, hunks }) => [from, to, hunks.map((of) => of.length)])).toEqual([
    [1, 30, [2, 1]],
  ])
})

test('a composition takes what is agreed once and what was picked', () => {
  const clusters = clustersOf([a, b])
  const ids = (index: number, file: number) => [a, b][index]!.files[file]!.hunks.map(({ id }) => id)
  expect(composition(clusters, ['r-a', 'r-b'], { 'f.ts:20': 1, 'only-b.ts:1': null })).toEqual([
    { trialId: 'r-a', hunks: [ids(0, 0)[0]], files: [] },
    { trialId: 'r-b', hunks: [ids(1, 0)[1]], files: [] },
  ])
})

test('a file that is more than its lines is picked as a whole, whatever the others do to it', () => {
  const rename = fileDiff('new.ts', head, { hunks: [], status: 'renamed', oldPath: 'old.ts' })
  const binary = fileDiff('p.png', head, { hunks: [], binary: true })
  const mode = fileDiff('f.ts', head, { oldMode: '100644', newMode: '100755' })
  const clusters = clustersOf([diff(rename, binary, mode), diff(rename, binary, fileDiff('f.ts', head))])
  expect(clusters.map(({ id, agreed }) => [id, agreed])).toEqual([
    ['f.ts:whole', false],
    ['new.ts:whole', true],
    // Contents of binary files are not known here: they may differ.
    ['p.png:whole', false],
  ])
  expect(composition(clusters, ['r-a', 'r-b'], { 'f.ts:whole': 0, 'p.png:whole': 1 })).toEqual([
    { trialId: 'r-a', hunks: [], files: ['f.ts', 'new.ts'] },
    { trialId: 'r-b', hunks: [], files: ['p.png'] },
  ])
})

test('taking the side that leaves a whole file alone takes nothing', () => {
  const gone = diff(fileDiff('f.ts', head, { status: 'deleted' }))
  expect(composition(clustersOf([gone, diff()]), ['r-a', 'r-b'], { 'f.ts:whole': 1 })).toEqual([])
})
