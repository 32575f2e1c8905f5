import fc from 'fast-check'
import { expect, test } from 'vitest'
import { plainText } from './plain-text.ts'

const cases: [name: string, from: string, to: string][] = [
  ['colours', '\u001b[31mred\u001b[0m', 'red'],
  ['cursor moves and erasing', 'a\u001b[2J\u001b[1;1Hb\u001b[?25l', 'ab'],
  ['clipboard writes (OSC 52), ended by BEL', 'x\u001b]52;c;cm0gLXJmIC8=\u0007y', 'xy'],
  ['hyperlinks (OSC 8), ended by ST', '\u001b]8;;https://evil.example\u001b\\here\u001b]8;;\u001b\\', 'here'],
  ['window titles in 8-bit form', '\u009d0;title\u009cz', 'z'],
  ['device control strings', 'a\u001bP$q"p\u001b\\b', 'ab'],
  ['an unclosed OSC keeps what follows', 'a\u001b]0;never closed\nb', 'a0;never closed\nb'],
  ['8-bit CSI', '\u009b31mred', 'red'],
  ['a full reset', 'a\u001bcb', 'ab'],
  ['character sets', 'a\u001b(0b', 'ab'],
  ['an escape at the very end', 'a\u001b', 'a'],
  ['backspaces that overwrite', 'safe\b\b\b\bevil', 'safeevil'],
  ['carriage returns that overwrite', 'evil\rsafe', 'evil\nsafe'],
  ['Windows line ends', 'a\r\nb\r\n', 'a\nb\n'],
  ['direction overrides', 'access\u202e \u2066// admin\u2069\u2066', 'access // admin'],
  ['marks and invisible tags', 'a\u200e\u061c\u{e0041}\u{e007f}b', 'ab'],
  ['NUL, bell, delete', 'a\u0000\u0007\u007fb', 'ab'],
  ['Unicode line separators', 'a\u2028b', 'a\nb'],
]

test.each(cases)('removes %s', (_name, from, to) => {
  expect(plainText(from)).toBe(to)
})

test('leaves ordinary text alone', () => {
  const text = 'tabs\tand\nlines, 日本語, العربية, עברית, 👩‍👩‍👧 and [brackets] (0m stay'
  expect(plainText(text)).toBe(text)
})

test('lets no control through and changes nothing the second time', () => {
  const nasty = fc.string({
    unit: fc.constantFrom(
      '\u001b',
      '[',
      ']',
      '0',
      ';',
      'm',
      '\u0007',
      '\\',
      '\u009b',
      '\u009d',
      '\r',
      '\n',
      'a',
      '\u202e',
      '\ud800',
    ),
  })
  fc.assert(
    fc.property(fc.oneof(fc.string({ unit: 'binary' }), nasty), (text) => {
      const plain = plainText(text)
      expect(plain).not.toMatch(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/)
      expect(plainText(plain)).toBe(plain)
    }),
    { numRuns: 2000 },
  )
})

test('stays fast on hostile input', () => {
  const started = performance.now()
  plainText('\u001b]'.repeat(200_000))
  plainText(`\u001b[${'0;'.repeat(500_000)}`)
  expect(performance.now() - started).toBeLessThan(2000)
})
