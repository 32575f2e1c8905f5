import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readSteps } from './read-steps.ts'
import type { Step } from './step.ts'

const understood: [prompt: string, steps: Step[]][] = [
  ['rename A B', [{ do: 'rename', symbol: 'A', to: 'B' }]],
  [
    'refactor rename A B --at src/a.ts:3 --everywhere; move a.ts b.ts',
    [
      { do: 'rename', symbol: 'A', to: 'B', at: 'src/a.ts:3', everywhere: true },
      { do: 'move', from: 'a.ts', to: 'b.ts' },
    ],
  ],
  ['rename X to Y', [{ do: 'rename', symbol: 'X', to: 'Y' }]],
  [
    'Rename `createUser` to `makeUser` in all packages.',
    [{ do: 'rename', symbol: 'createUser', to: 'makeUser', everywhere: true }],
  ],
  [
    'please rename the exported error class CoreError -> BaseError',
    [{ do: 'rename', symbol: 'CoreError', to: 'BaseError' }],
  ],
  [
    'Could you rename User.save() in src/user.ts to store()?',
    [{ do: 'rename', symbol: 'User.save', to: 'store', at: 'src/user.ts' }],
  ],
  ['rename get to fetch in src/a.ts:12:4', [{ do: 'rename', symbol: 'get', to: 'fetch', at: 'src/a.ts:12:4' }]],
  ['rename type to kind', [{ do: 'rename', symbol: 'type', to: 'kind' }]],
  ['rename src/a.ts to src/b.ts', [{ do: 'move', from: 'src/a.ts', to: 'src/b.ts' }]],
  ['move the file src/a.ts into src/lib', [{ do: 'move', from: 'src/a.ts', to: 'src/lib/' }]],
  ['move folder src/util to src/lib/util', [{ do: 'move', from: 'src/util', to: 'src/lib/util' }]],
  ['move "my docs/a b.ts" to "my docs/c d.ts"', [{ do: 'move', from: 'my docs/a b.ts', to: 'my docs/c d.ts' }]],
  [
    "rewrite 'console.log($A)' to 'log.info($A); then(1)' in packages/app",
    [{ do: 'rewrite', pattern: 'console.log($A)', replacement: 'log.info($A); then(1)', within: 'packages/app' }],
  ],
  ['replace all `foo($$$A)` with `bar($$$A)`', [{ do: 'rewrite', pattern: 'foo($$$A)', replacement: 'bar($$$A)' }]],
  [
    'Rename class `A` to `B` across the monorepo, then move `x/a.ts` to `x/b.ts`, and verify',
    [
      { do: 'rename', symbol: 'A', to: 'B', everywhere: true },
      { do: 'move', from: 'x/a.ts', to: 'x/b.ts' },
      { do: 'verify' },
    ],
  ],
  [
    '1. rename A to B\r\n2. move a.ts to b.ts\n\n- type-check everything',
    [{ do: 'rename', symbol: 'A', to: 'B' }, { do: 'move', from: 'a.ts', to: 'b.ts' }, { do: 'verify' }],
  ],
  [
    'rename A to B; rename C to D',
    [
      { do: 'rename', symbol: 'A', to: 'B' },
      { do: 'rename', symbol: 'C', to: 'D' },
    ],
  ],
]

describe('sentences that are understood', () => {
  for (const [prompt, steps] of understood) it(prompt, () => expect(readSteps(prompt)).toEqual({ steps }))
})

describe('prompts that are not understood give no step at all', () => {
  for (const prompt of [
    '',
    'fix the failing test',
    'rename X to Y and fix the failing test',
    'rename class Foo',
    'rename X',
    'move a.ts',
    'rename X to Y in the morning',
    'rewrite foo to bar',
  ])
    it(prompt || 'nothing', () =>
      expect(readSteps(prompt)).toEqual({ unclear: expect.stringMatching(/I take "rename X to Y"/) }),
    )
})

it('reads any two names back, and any prompt without throwing', () => {
  const name = fc.stringMatching(/^[A-Za-z_$][\w$]{0,12}$/)
  fc.assert(
    fc.property(name, name, (from, to) => {
      expect(readSteps(`rename \`${from}\` to \`${to}\``)).toEqual({ steps: [{ do: 'rename', symbol: from, to }] })
    }),
  )
  fc.assert(fc.property(fc.string({ maxLength: 300 }), (prompt) => void readSteps(prompt)))
})
