import { expect, test } from 'vitest'
import { fileDiff } from '../dev/patch-text.ts'
import { endOf, linesIn, placesOf, startOf } from './places.ts'

const file = fileDiff('f.ts', '@@ -10,4 +20,4 @@\n a\n-b\n+B\n c\n d\n@@ -40,2 +50,1 @@\n x\n-gone\n')
const [first, second] = file.hunks as [(typeof file.hunks)[number], (typeof file.hunks)[number]]

test('lines are numbered on the side they are on', () => {
  expect(placesOf(first).map((place) => place && `${place.side} ${place.line}`)).toEqual([
    'new 20',
    'old 11',
    'new 21',
    'new 22',
    'new 23',
  ])
  expect(startOf(first)).toEqual({ side: 'old', line: 11 })
  expect(endOf(first)).toEqual({ side: 'new', line: 23 })
  expect(endOf(second)).toEqual({ side: 'old', line: 41 })
})

test('a selection finds its hunk, from either end and either side', () => {
  const at = (side: 'old' | 'new', line: number) => ({ side, line })
  expect(linesIn(file, { path: 'f.ts', start: at('new', 22), end: at('old', 11) })).toMatchObject({
    hunk: { id: first.id },
    indices: [1, 2, 3],
  })
  expect(linesIn(file, { path: 'f.ts', start: at('old', 40), end: at('old', 41) })).toMatchObject({
    hunk: { id: second.id },
    indices: [0, 1],
  })
  expect(linesIn(file, { path: 'f.ts', start: at('new', 99), end: at('new', 99) })).toBeNull()
})
