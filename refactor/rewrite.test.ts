import { describe, expect, it } from 'vitest'
import { rewrite } from './rewrite.ts'
import { makeTree } from './testing/make-tree.ts'

const files = {
  'tsconfig.json': '{"compilerOptions":{"strict":true,"jsx":"preserve"}}',
  'a.ts': "declare const log: { info(...all: unknown[]): void }\r\nconsole.log('ä', 1)\r\n// console.log(2)\r\n",
  'b/b.tsx': "const text = 'console.log(3)'\nexport const b = () => console.log(text)\n",
}

describe('rewrite', () => {
  it('changes code, not comments or strings, and keeps CRLF', async () => {
    using tree = makeTree(files)
    const report = await rewrite({
      root: tree.root,
      pattern: 'console.log($$$ALL)',
      replacement: 'globalThis.console.info($$$ALL)',
    })
    expect(tree.read('a.ts')).toContain("\r\nglobalThis.console.info('ä', 1)\r\n// console.log(2)\r\n")
    expect(tree.read('b/b.tsx')).toBe(
      "const text = 'console.log(3)'\nexport const b = () => globalThis.console.info(text)\n",
    )
    expect(report).toMatchObject({ edits: 2, newDiagnostics: [] })
  })

  it('stays within a folder and reports errors that it makes', async () => {
    using tree = makeTree(files)
    const report = await rewrite({
      root: tree.root,
      pattern: 'console.log($A)',
      replacement: 'missing($A)',
      within: 'b',
    })
    expect(Object.keys(tree.changes())).toEqual(['b/b.tsx'])
    expect(report.newDiagnostics).toMatchObject([{ file: 'b/b.tsx', code: 2304 }])
  })

  const refused: [pattern: string, replacement: string, sentence: RegExp][] = [
    ['nothing($A)', 'x($A)', /Nothing matches/],
    ['console.log($A)', 'x($B)', /\$B, which the pattern does not have/],
    ['', 'x', /pattern is empty/],
  ]
  for (const [pattern, replacement, sentence] of refused)
    it(`refuses "${pattern}" to "${replacement}"`, async () => {
      using tree = makeTree(files)
      await expect(rewrite({ root: tree.root, pattern, replacement })).rejects.toMatchObject({
        name: 'Refusal',
        message: expect.stringMatching(sentence),
      })
      expect(tree.changes()).toEqual({})
    })
})
