import { expect, test } from 'vitest'
import { sidesOf } from './sides.ts'

const moved = { path: 'new.ts', oldPath: 'old.ts' }

test('against the base, the old side is the base under the old name', () => {
  expect(sidesOf(moved, 'r-b', undefined)).toEqual({
    old: { trial: 'r-b', path: 'old.ts', side: 'base' },
    new: { trial: 'r-b', path: 'new.ts', side: 'candidate' },
  })
})

test('against another candidate, the old side is that candidate, not its base', () => {
  expect(sidesOf({ path: 'a.ts', oldPath: null }, 'r-b', 'r-a').old).toEqual({
    trial: 'r-a',
    path: 'a.ts',
    side: 'candidate',
  })
})
