import { readdirSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { describe, expect, it } from 'vitest'
import { makeMono, makeTree, typescript5 } from '../testing/make-tree.ts'
import { cleanCopy } from './clean-copy.ts'
import { verify } from './verify.ts'

describe('verify', () => {
  it('sees a broken public path although stale output would hide it, and writes nothing into the tree', async () => {
    using tree = makeMono()
    tree.write(
      'packages/core/dist/errors.d.ts',
      'export declare class CoreError extends Error { static wrap(e: unknown): CoreError; code: string }\n',
    )
    tree.git('mv', 'packages/core/src/errors.ts', 'packages/core/src/moved.ts')
    for (const file of ['index.ts', 'thing.ts'])
      tree.write(`packages/core/src/${file}`, tree.read(`packages/core/src/${file}`).replace('errors.js', 'moved.js'))
    tree.write(
      'packages/core/src/util/fmt.ts',
      tree.read('packages/core/src/util/fmt.ts').replace('errors.js', 'moved.js'),
    )
    const before = tree.git('status', '--porcelain', '--ignored')
    const result = await verify({ root: tree.root })
    expect(result.ok).toBe(false)
    expect(result.newDiagnostics.map((one) => `${one.file} ${one.code}`).sort()).toEqual([
      'packages/app/src/deep/a.ts 2307',
      'packages/legacy/src/index.ts 2307',
    ])
    expect(tree.git('status', '--porcelain', '--ignored')).toBe(before)
  })

  it("uses the repository's own TypeScript and counts only errors that were not there before", async () => {
    using tree = makeTree(
      {
        'package.json': '{}',
        '.gitignore': 'node_modules\n',
        'tsconfig.json': '{"compilerOptions":{"strict":true,"types":[]}}',
        'a.ts': 'export const old: string = 1\n',
        'b.ts': 'export const b = 1\n',
      },
      { 'node_modules/typescript': typescript5 },
    )
    expect(await verify({ root: tree.root })).toMatchObject({
      ok: true,
      compiler: 'typescript 5.9.3',
      after: [{ file: 'a.ts', code: 2322 }],
      before: [{ code: 2322 }],
    })
    tree.write('b.ts', 'export const b: string = 1\n')
    expect(await verify({ root: tree.root })).toMatchObject({
      ok: false,
      newDiagnostics: [{ file: 'b.ts', line: 1, code: 2322 }],
    })
    await expect(verify({ root: tree.root, base: 'no-such-revision' })).rejects.toThrow('No revision no-such-revision')
  })

  it('compares with a copy that was taken before', async () => {
    using tree = makeTree({
      'tsconfig.json': '{"compilerOptions":{"strict":true,"types":[]}}',
      'a.ts': 'export const a: string = 1\n',
    })
    const base = cleanCopy(tree.root)
    try {
      tree.git('mv', 'a.ts', 'b.ts')
      expect(await verify({ root: tree.root, base, moved: new Map([['a.ts', 'b.ts']]) })).toMatchObject({
        ok: true,
        after: [{ file: 'b.ts' }],
      })
    } finally {
      base.close()
    }
  })

  it('bridges packages that a bundler builds, so that what they lost is noticed', async () => {
    using tree = makeTree(
      {
        'package.json': '{"private":true,"workspaces":["p/*"]}',
        '.gitignore': 'node_modules\ndist\n',
        'p/a/package.json': '{"name":"@x/a","exports":{".":{"types":"./dist/index.d.ts","default":"./dist/index.js"}}}',
        'p/a/src/index.ts': 'export const kept = 1\nexport const lost = 1\n',
        'p/b/package.json': '{"name":"@x/b"}',
        'p/b/src/index.ts': "import { kept, lost } from '@x/a'\nexport const b: number = kept + lost\n",
        'p/b/tsconfig.json':
          '{"compilerOptions":{"strict":true,"module":"esnext","moduleResolution":"bundler","noEmit":true,"types":[]}}',
      },
      { 'node_modules/@x/a': 'p/a' },
    )
    expect(await verify({ root: tree.root })).toMatchObject({ ok: true, after: [] })
    tree.write('p/a/src/index.ts', 'export const kept = 1\n')
    expect(await verify({ root: tree.root })).toMatchObject({
      ok: false,
      newDiagnostics: [{ file: 'p/b/src/index.ts', code: 2305 }],
    })
  })

  it('leaves no copy behind', async () => {
    const copies = (): string[] => readdirSync(tmpdir()).filter((one) => one.startsWith('refactor-verify-'))
    using tree = makeTree({ 'tsconfig.json': '{"compilerOptions":{"types":[]}}', 'a.ts': 'export {}\n' })
    const before = copies().length
    const abort = new AbortController()
    const running = verify({ root: tree.root, signal: abort.signal })
    abort.abort()
    await expect(running).rejects.toThrow()
    expect(copies().length).toBeLessThanOrEqual(before)
  })
})
