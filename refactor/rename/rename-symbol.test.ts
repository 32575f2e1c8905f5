import { chmodSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeMono, makeTree, typescript5 } from '../testing/make-tree.ts'
import { references } from './references.ts'
import { renameSymbol } from './rename-symbol.ts'

const goldRename = {
  'packages/app/src/deep/a.ts': [
    "-import { CoreError as CE, createThing } from '@m/core';",
    "+import { BaseError as CE, createThing } from '@m/core';",
    '-export const wrap = (e: unknown) => errs.CoreError.wrap(e);',
    '+export const wrap = (e: unknown) => errs.BaseError.wrap(e);',
  ],
  'packages/app/src/main.tsx': [
    "-export { CoreError } from '@m/core';",
    "+export { BaseError as CoreError } from '@m/core';",
  ],
  'packages/core/src/errors.ts': [
    '-/** Base error, see {@link CoreError}. */',
    "-export class CoreError extends Error { code = 'E'; static wrap(e: unknown): CoreError { return new CoreError(String(e)); } }",
    "-export type CoreErrorLike = Pick<CoreError, 'code'>;",
    '+/** Base error, see {@link BaseError}. */',
    "+export class BaseError extends Error { code = 'E'; static wrap(e: unknown): BaseError { return new BaseError(String(e)); } }",
    "+export type CoreErrorLike = Pick<BaseError, 'code'>;",
  ],
  'packages/core/src/thing.ts': [
    "-import { CoreError } from './errors.js';",
    "-export function makeThing(): string { return fmt(new CoreError('x')); }",
    "+import { BaseError } from './errors.js';",
    "+export function makeThing(): string { return fmt(new BaseError('x')); }",
  ],
  'packages/legacy/lib/old.js': [
    "-/** @typedef {import('@m/core', { with: { 'resolution-mode': 'import' } }).CoreError} Err */",
    "+/** @typedef {import('@m/core', { with: { 'resolution-mode': 'import' } }).BaseError} Err */",
  ],
  'packages/legacy/src/index.ts': [
    "-import type { CoreError } from '@m/core' with { 'resolution-mode': 'import' };",
    "+import type { BaseError } from '@m/core' with { 'resolution-mode': 'import' };",
    "-export async function load(): Promise<CoreError> { const m = await import('@m/core'); return new m.CoreError(old.hello); }",
    "-export type T = import('@m/core/errors', { with: { 'resolution-mode': 'import' } }).CoreError;",
    "+export async function load(): Promise<BaseError> { const m = await import('@m/core'); return new m.BaseError(old.hello); }",
    "+export type T = import('@m/core/errors', { with: { 'resolution-mode': 'import' } }).BaseError;",
  ],
}

describe('rename over ESM, CJS, project references, aliases, JSX and JSDoc', () => {
  for (const engine of ['ts7', 'tsserver'] as const) {
    it(`makes exactly the gold edits on ${engine} and still builds from nothing`, async () => {
      using tree = makeMono()
      const report = await renameSymbol({ root: tree.root, symbol: 'CoreError', to: 'BaseError', engine })
      expect(tree.changes()).toEqual(goldRename)
      expect(report.edits).toBe(15)
      expect(report.newDiagnostics).toEqual([])
      expect(report.leftovers.map((one) => `${one.file} ${one.why}`)).toEqual([
        'docs/README.md docs',
        'packages/app/src/main.tsx public-name',
        'packages/app/test/a.spec.ts code',
        'packages/app/test/a.spec.ts code',
        'packages/core/src/util/fmt.ts string',
      ])
      expect(tree.cleanBuild(typescript5)).toBe('')
    })
  }

  it('follows re-exports when asked for everywhere', async () => {
    using tree = makeMono()
    const report = await renameSymbol({ root: tree.root, symbol: 'CoreError', to: 'BaseError', everywhere: true })
    expect(tree.read('packages/app/src/main.tsx')).toContain("export { BaseError } from '@m/core';")
    expect(tree.read('packages/app/test/a.spec.ts')).toContain("import { BaseError } from '@/main';")
    expect(report.leftovers.map((one) => one.why)).toEqual(['docs', 'string'])
    expect(tree.cleanBuild()).toBe('')
  })

  it('edits sources, not stale build output', async () => {
    using tree = makeMono()
    tree.write(
      'packages/core/dist/errors.d.ts',
      'export declare class CoreError extends Error { old: 1 }\nexport type CoreErrorLike = CoreError;\n',
    )
    tree.write(
      'packages/core/dist/index.d.ts',
      "export * from './errors.js';\nexport declare const createThing: () => string;\n",
    )
    const report = await renameSymbol({ root: tree.root, symbol: 'CoreError', to: 'BaseError' })
    expect(report.edits).toBe(15)
    expect(tree.read('packages/core/dist/errors.d.ts')).toContain('class CoreError')
    expect(tree.cleanBuild()).toBe('')
  })

  it('finds every reference over all projects', async () => {
    using tree = makeMono()
    const found = await references({ root: tree.root, symbol: 'CoreError' })
    expect(new Set(found.references.map((one) => one.file)).size).toBe(7)
  })
})

describe('what a rename leaves as it was', () => {
  it('keeps CRLF, byte order mark and the executable bit', async () => {
    using tree = makeTree({
      'tsconfig.json': '{"compilerOptions":{"strict":true,"module":"nodenext"}}',
      'a.mts': '\uFEFFexport const first = 1\r\nexport const twice = first + first\r\n',
      'b.cts': "#!/usr/bin/env node\r\nimport a = require('./a.mjs')\r\nconsole.log(a.first)\r\n",
    })
    chmodSync(join(tree.root, 'b.cts'), 0o755)
    await renameSymbol({ root: tree.root, symbol: 'first', to: 'one' })
    expect(tree.read('a.mts')).toBe('\uFEFFexport const one = 1\r\nexport const twice = one + one\r\n')
    expect(tree.read('b.cts')).toBe("#!/usr/bin/env node\r\nimport a = require('./a.mjs')\r\nconsole.log(a.one)\r\n")
    expect(statSync(join(tree.root, 'b.cts')).mode & 0o777).toBe(0o755)
  })

  it('renames a component in JSX, in TypeScript and in JavaScript', async () => {
    using tree = makeTree({
      'tsconfig.json':
        '{"compilerOptions":{"jsx":"preserve","allowJs":true,"module":"esnext","moduleResolution":"bundler"}}',
      'button.tsx': 'export function Button(props: { label: string }) { return props.label }\n',
      'use.tsx': 'import { Button } from \'./button\'\nexport const use = <Button label="Button"></Button>\n',
      'old.jsx': "import * as ui from './button'\nexport const old = <ui.Button label='x' />\n",
    })
    const report = await renameSymbol({ root: tree.root, symbol: 'Button', to: 'Press' })
    expect(tree.read('use.tsx')).toBe(
      'import { Press } from \'./button\'\nexport const use = <Press label="Button"></Press>\n',
    )
    expect(tree.read('old.jsx')).toContain("<ui.Press label='x' />")
    expect(report.leftovers.map((one) => `${one.file}:${one.line} ${one.why}`)).toEqual(['use.tsx:2 string'])
  })

  it('keeps property names when a shorthand is renamed', async () => {
    using tree = makeTree({ 'tsconfig.json': '{}', 'a.ts': 'export const size = 1\nexport const box = { size }\n' })
    await renameSymbol({ root: tree.root, symbol: 'size', at: 'a.ts:1', to: 'length' })
    expect(tree.read('a.ts')).toBe('export const length = 1\nexport const box = { size: length }\n')
  })

  it('works in folders with spaces, brackets and letters of any script', async () => {
    using tree = makeTree({
      'tsconfig.json': '{"compilerOptions":{"module":"esnext","moduleResolution":"bundler"}}',
      'ein ordner/größe [id].ts': 'export const größe = 1\n',
      'ein ordner/use.ts': "import { größe } from './größe [id]'\ngröße\n",
    })
    await renameSymbol({ root: tree.root, symbol: 'größe', to: 'サイズ' })
    expect(tree.read('ein ordner/use.ts')).toBe("import { サイズ } from './größe [id]'\nサイズ\n")
  })

  it.each(['ts7', 'tsserver'] as const)('tells an error that was there from a new one, on %s', async (engine) => {
    using tree = makeTree({
      'tsconfig.json': '{"compilerOptions":{"strict":true,"module":"esnext","moduleResolution":"bundler","types":[]}}',
      'a.ts': 'export class Old {\n  size: string = 1\n}\n',
      'b.ts': "import * as all from './a'\nexport const b = (name: 'Old'): all.Old => new all[name]()\n",
      'c.ts': "import { Old } from './a'\nexport const c = new Old()\n",
    })
    const report = await renameSymbol({ root: tree.root, symbol: 'Old', to: 'New', dryRun: true, engine })
    const shown = (list: typeof report.newDiagnostics) =>
      list.map((one) => `${one.file}:${one.line} ${one.code}`).sort()
    expect(shown(report.diagnosticsBefore)).toEqual(['a.ts:2 2322'])
    expect(shown(report.diagnosticsAfter)).toEqual(['a.ts:2 2322', 'b.ts:2 7053'])
    expect(shown(report.newDiagnostics)).toEqual(['b.ts:2 7053'])
  })

  it('writes nothing on a dry run', async () => {
    using tree = makeMono()
    const report = await renameSymbol({ root: tree.root, symbol: 'CoreError', to: 'BaseError', dryRun: true })
    expect(report).toMatchObject({ applied: false, edits: 15 })
    expect(tree.changes()).toEqual({})
  })
})

const sources = {
  'tsconfig.json': '{"compilerOptions":{"strict":true,"module":"nodenext","rewriteRelativeImportExtensions":true}}',
  'a.ts':
    'export function load() {}\nexport class Box {\n  open() {}\n  close() {}\n}\nexport const useMap = () => new Map()\nload()\n',
  'b.ts': "import { load } from './a.ts'\nimport { save } from './c.ts'\nload()\nsave()\n",
  'c.ts': 'export function save() {}\nfunction helper() {}\nhelper()\n',
  'd.ts': 'function helper() {}\nhelper()\n',
  'all.ts': "export * from './a.ts'\nexport * from './c.ts'\n",
}

describe('a rename that is refused changes nothing and says why in one sentence', () => {
  const refused: [
    name: string,
    request: { symbol: string; to: string; at?: string },
    sentence: RegExp,
    code: string,
  ][] = [
    [
      'a name that is imported beside it',
      { symbol: 'load', to: 'save' },
      /save already means something at b\.ts:2/,
      'conflict',
    ],
    [
      'a member that exists',
      { symbol: 'Box.open', to: 'close' },
      /close already means something at a\.ts:4/,
      'conflict',
    ],
    [
      'a global that the file uses',
      { symbol: 'load', to: 'Map' },
      /Map already means something at a\.ts:6/,
      'conflict',
    ],
    ['a name that a barrel already has', { symbol: 'Box', to: 'save' }, /save is taken: all\.ts:2/, 'conflict'],
    [
      'an ambiguous name',
      { symbol: 'helper', to: 'aid' },
      /declared 2 times; say which with file:line: c\.ts:2:10 function; d\.ts:1:10 function/,
      'conflict',
    ],
    [
      'a name that is not there',
      { symbol: 'nowhere', to: 'aid' },
      /Nothing called nowhere is declared here; the name does not occur\./,
      'not_found',
    ],
    [
      'a line that does not name it',
      { symbol: 'load', to: 'aid', at: 'a.ts:3' },
      /Line 3 of a\.ts does not name load\./,
      'not_found',
    ],
    ['a word that is no name', { symbol: 'load', to: 'class' }, /"class" cannot be a name/, 'bad_request'],
    ['its own name', { symbol: 'load', to: 'load' }, /already called that/, 'bad_request'],
    ['a path outside', { symbol: 'load', to: 'aid', at: '../x.ts' }, /not a source path/, 'forbidden'],
  ]
  for (const [name, request, sentence, code] of refused)
    it(name, async () => {
      using tree = makeTree(sources)
      await expect(renameSymbol({ root: tree.root, ...request })).rejects.toMatchObject({
        code,
        message: expect.stringMatching(sentence),
      })
      expect(tree.changes()).toEqual({})
    })

  it('takes file:line to settle an ambiguous name', async () => {
    using tree = makeTree(sources)
    await renameSymbol({ root: tree.root, symbol: 'helper', at: 'd.ts:1', to: 'aid' })
    expect(Object.keys(tree.changes())).toEqual(['d.ts'])
  })

  it('renames only the local alias of what an installed package declares', async () => {
    using tree = makeTree({
      ...sources,
      'e.ts': "import { lib } from 'lib'\nlib()\n",
      '.gitignore': 'node_modules\n',
      'node_modules/lib/package.json': '{"name":"lib","types":"index.d.ts"}',
      'node_modules/lib/index.d.ts': 'export declare function lib(): void\n',
    })
    await renameSymbol({ root: tree.root, symbol: 'lib', at: 'e.ts:1', to: 'mine' })
    expect(tree.read('e.ts')).toBe("import { lib as mine } from 'lib'\nmine()\n")
    expect(tree.read('node_modules/lib/index.d.ts')).toContain('function lib')
  })
})
