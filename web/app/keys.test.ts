import { expect, test } from 'vitest'
import { matchKeys, printKeys, wordOf } from './keys.ts'

const press = (key: string, held: Partial<Record<'ctrlKey' | 'metaKey' | 'shiftKey' | 'altKey', boolean>> = {}) =>
  wordOf({ key, ctrlKey: false, metaKey: false, shiftKey: false, altKey: false, ...held })

test('a printable key carries its own shift, others name it', () => {
  expect(press('?', { shiftKey: true })).toBe('?')
  expect(press('A', { shiftKey: true })).toBe('A')
  expect(press('Enter', { shiftKey: true })).toBe('shift+Enter')
  expect(press('K', { metaKey: true, shiftKey: true })).toBe('mod+k')
})

test('a sequence completes only in order', () => {
  const known = ['g i', 'i', 'j']
  expect(matchKeys('', 'g', known)).toEqual({ hit: null, pending: 'g' })
  expect(matchKeys('g', 'i', known)).toEqual({ hit: 'g i', pending: '' })
  expect(matchKeys('', 'i', known)).toEqual({ hit: 'i', pending: '' })
})

test('a key that continues nothing counts on its own', () => {
  expect(matchKeys('g', 'j', ['g i', 'j'])).toEqual({ hit: 'j', pending: '' })
  expect(matchKeys('g', 'q', ['g i', 'j'])).toEqual({ hit: null, pending: '' })
})

test('key caps', () => {
  expect(printKeys('mod+k', true)).toBe('⌘k')
  expect(printKeys('mod+k', false)).toBe('Ctrl k')
  expect(printKeys('g i')).toBe('g i')
  expect(printKeys('shift+Enter')).toBe('⇧↵')
})
