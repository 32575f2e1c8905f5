import { expect, test } from 'vitest'
import { visible } from './visible.ts'

test('text that hides or reorders is spelled out, plain text and line breaks are not', () => {
  expect(visible('if (a) {\n\treturn\u202e x }')).toBe('if (a) {\n\treturn⟨U+202E⟩ x }')
  expect(visible('zero\u200bwidth \u{e0041}tag')).toBe('zero⟨U+200B⟩width ⟨U+E0041⟩tag')
  expect(visible('naïve 日本 🚢')).toBe('naïve 日本 🚢')
})
