import { expect, test } from 'vitest'
import { hanging } from './format.ts'

test('long words of a reviewer hang below their heading and are never cut', () => {
  const text = 'no test was deleted and no import cycle is new in any of the folders'
  const drawn = hanging('skeptic   ship ', text, 50).split('\n')
  expect(drawn).toEqual([
    'skeptic   ship no test was deleted and no import',
    '               cycle is new in any of the folders',
  ])
  const narrow = hanging('x ', `${'a'.repeat(40)} b`, 10).split('\n')
  expect(narrow).toEqual([`x ${'a'.repeat(40)}`, '  b'])
})
