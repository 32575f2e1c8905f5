// The documentation prints the weights that are used.
import { readFileSync } from 'node:fs'
import { expect, it } from 'vitest'
import { printWeights } from './print-weights.ts'

it('is what docs/panel.md shows', () => {
  const page = readFileSync(new URL('../../docs/panel.md', import.meta.url), 'utf8')
  expect(page).toContain(printWeights())
})
