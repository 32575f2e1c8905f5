// Who made a model: told, known by name, or the name itself.
import { parseContender } from '@seatrial/protocol'
import { expect, test } from 'vitest'
import { familyOf } from './model-family.ts'

test.each([
  ['Devstral-Small-2507', 'mistral'],
  ['mistralai/Mistral-Small-3.2-24B-Instruct', 'mistral'],
  ['gpt-5.1-codex', 'openai'],
  ['o3', 'openai'],
  ['claude-opus-4-7', 'anthropic'],
  ['google/gemma-3-27b', 'google'],
  ['Qwen3-Coder-30B', 'qwen'],
  ['meta-llama/Llama-4-Scout', 'meta'],
  ['DeepSeek-V3.2', 'deepseek'],
  ['lab/zebra-7b-v2', 'zebra'],
])('%s is of %s', (model, family) => {
  expect(familyOf({ name: 'mine', model })).toBe(family)
})

test('an alias is told by its model, a model by its alias, and the setting counts most', () => {
  expect(familyOf({ name: 'judge', model: 'codestral-22b' })).toBe('mistral')
  expect(familyOf({ name: 'devstral', model: 'local-weights' })).toBe('mistral')
  expect(familyOf({ name: 'devstral', model: 'local-weights', family: 'Own' })).toBe('own')
})

test('a contender or reviewer may wear an adapter', () => {
  expect(parseContender('skeptic+devstral@mine')).toMatchObject({
    agent: 'skeptic',
    model: 'devstral',
    adapter: 'mine',
  })
})
