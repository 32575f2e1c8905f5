import { chmodSync, existsSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { makeMono, makeTree, typescript5 } from '../testing/make-tree.ts'
import { moveFile } from './move-file.ts'

const goldMove = {
  'packages/core/package.json': [
    '-{"name":"@m/core","version":"1.0.0","type":"module","exports":{".":{"types":"./dist/index.d.ts","default":"./dist/index.js"},"./errors":{"types":"./dist/errors.d.ts","default":"./dist/errors.js"}},"imports":{"#util/*":{"types":"./src/util/*.ts","default":"./dist/util/*.js"}}}',
    '+{"name":"@m/core","version":"1.0.0","type":"module","exports":{".":{"types":"./dist/index.d.ts","default":"./dist/index.js"},"./errors":{"types":"./dist/lib/errors.d.ts","default":"./dist/lib/errors.js"}},"imports":{"#util/*":{"types":"./src/util/*.ts","default":"./dist/util/*.js"}}}',
  ],
  'packages/core/src/errors.ts -> packages/core/src/lib/errors.ts': [],
  'packages/core/src/index.ts': ["-export * from './errors.js';", "+export * from './lib/errors.js';"],
  'packages/core/src/thing.ts': [
    "-import { CoreError } from './errors.js';",
    "+import { CoreError } from './lib/errors.js';",
  ],
  'packages/core/src/util/fmt.ts': [
    "-import type { CoreErrorLike } from '../errors.js';",
    "+import type { CoreErrorLike } from '../lib/errors.js';",
  ],
}

describe('a move over divergent modules', () => {
  for (const engine of ['ts7', 'tsserver'] as const)
    it(`keeps public names, mends package.json and builds from nothing (${engine})`, async () => {
      using tree = makeMono()
      const to = 'packages/core/src/lib/errors.ts'
      const report = await moveFile({ root: tree.root, from: 'packages/core/src/errors.ts', to, engine })
      expect(tree.changes()).toEqual(goldMove)
      expect(report.newDiagnostics).toEqual([])
      expect(report.leftovers.map((one) => `${one.file}:${one.line} ${one.why}`)).toEqual(['docs/README.md:1 docs'])
      expect(tree.cleanBuild(typescript5)).toBe('')
    })

  it('is not fooled by stale build output', async () => {
    using tree = makeMono()
    tree.write('packages/core/dist/errors.d.ts', 'export declare class CoreError extends Error {}\n')
    tree.write('packages/core/dist/errors.js', 'export class CoreError extends Error {}\n')
    await moveFile({ root: tree.root, from: 'packages/core/src/errors.ts', to: 'packages/core/src/lib/errors.ts' })
    expect(tree.changes()).toEqual(goldMove)
    expect(tree.cleanBuild()).toBe('')
  })

  it('mends aliases, lazy imports and mocks', async () => {
    using tree = makeMono()
    await moveFile({ root: tree.root, from: 'packages/app/src/deep/a.ts', to: 'packages/app/src/far/b.ts' })
    expect(tree.read('packages/app/src/main.tsx')).toContain("import { boom } from '@/far/b'")
    expect(tree.read('packages/app/src/main.tsx')).toContain("import('@/far/b')")
    expect(tree.read('packages/app/test/a.spec.ts')).toContain("import { boom } from '../src/far/b'")
    expect(tree.read('packages/app/test/a.spec.ts')).toContain("vi.mock('../src/far/b')")
    expect(existsSync(join(tree.root, 'packages/app/src/deep'))).toBe(false)
    expect(tree.cleanBuild()).toBe('')
  })

  it('mends #imports by pattern', async () => {
    using tree = makeMono()
    await moveFile({ root: tree.root, from: 'packages/core/src/util/fmt.ts', to: 'packages/core/src/util/text/fmt.ts' })
    expect(tree.read('packages/core/src/thing.ts')).toContain("from '#util/text/fmt'")
    expect(tree.read('packages/core/src/util/text/fmt.ts')).toContain("from '../../errors.js'")
    expect(tree.cleanBuild()).toBe('')
  })

  it('turns an alias that no longer reaches into a relative import', async () => {
    using tree = makeMono()
    await moveFile({ root: tree.root, from: 'packages/core/src/util/fmt.ts', to: 'packages/core/src/fmt.ts' })
    expect(tree.read('packages/core/src/thing.ts')).toContain("from './fmt.js'")
    expect(tree.cleanBuild()).toBe('')
  })

  it('moves a folder with its pattern in package.json', async () => {
    using tree = makeMono()
    await moveFile({ root: tree.root, from: 'packages/core/src/util', to: 'packages/core/src/lib/util' })
    expect(JSON.parse(tree.read('packages/core/package.json')).imports).toEqual({
      '#util/*': { types: './src/lib/util/*.ts', default: './dist/lib/util/*.js' },
    })
    expect(tree.read('packages/core/src/lib/util/fmt.ts')).toContain("from '../../errors.js'")
    expect(tree.cleanBuild()).toBe('')
  })

  it('moves a CommonJS file that TypeScript requires', async () => {
    using tree = makeMono()
    await moveFile({ root: tree.root, from: 'packages/legacy/lib/old.js', to: 'packages/legacy/lib/more/older.js' })
    expect(tree.read('packages/legacy/src/index.ts')).toContain("require('../lib/more/older')")
    expect(tree.cleanBuild()).toBe('')
  })

  it('moves a whole package folder with the references to it', async () => {
    using tree = makeMono()
    await moveFile({ root: tree.root, from: 'packages/legacy', to: 'packages/old/legacy' })
    expect(JSON.parse(tree.read('tsconfig.json')).references).toContainEqual({ path: 'packages/old/legacy' })
    const moved = JSON.parse(tree.read('packages/old/legacy/tsconfig.json'))
    expect(moved).toMatchObject({ extends: '../../../tsconfig.base.json', references: [{ path: '../../core' }] })
  })
})

describe('everything else that leads to a file', () => {
  const files = {
    'tsconfig.json': JSON.stringify({
      compilerOptions: {
        module: 'esnext',
        moduleResolution: 'bundler',
        allowJs: true,
        resolveJsonModule: true,
        paths: { exact: ['./src/exact.ts'], 'src/*': ['./src/*'] },
      },
      files: ['src/exact.ts', './src/main.ts'],
    }),
    'package.json': JSON.stringify(
      {
        name: 'one',
        main: './dist/exact.js',
        types: 'src/exact.ts',
        bin: { one: './src/bin.mjs' },
        scripts: { go: 'node src/exact.ts' },
        imports: { '#exact': './src/exact.ts' },
        files: ['dist', 'src/exact.ts'],
      },
      null,
      2,
    ),
    'src/exact.ts':
      "import data from './data.json'\nimport './look.css'\nexport const exact = data.a\nexport const here = new URL('./data.json', import.meta.url)\n",
    'src/data.json': '{"a":1}',
    'src/look.css': "@import './base.css';\nbody { background: url(./exact.ts) }\n",
    'src/base.css': '',
    'src/bin.mjs': "#!/usr/bin/env node\nimport { exact } from './exact'\nconsole.log(exact)\n",
    'src/main.ts':
      "import { exact } from 'exact'\nimport { exact as again } from '#exact'\nimport { exact as third } from 'src/exact'\nexport { exact, again, third }\nexport type T = typeof import('./exact')\n/** @see {import('./exact').exact} */\njest.mock('./exact', () => ({}))\nconst real = jest.requireActual('./exact')\ndeclare const jest: any\nexport const path = 'src/exact.ts'\n",
    'README.md': 'See src/exact.ts and src/exactly.ts.\n',
  }

  it('mends each way in, and lists what it left', async () => {
    using tree = makeTree(files)
    chmodSync(join(tree.root, 'src/exact.ts'), 0o755)
    const report = await moveFile({ root: tree.root, from: 'src/exact.ts', to: 'src/lib/right.ts' })
    expect(tree.read('src/lib/right.ts')).toBe(
      "import data from '../data.json'\nimport '../look.css'\nexport const exact = data.a\nexport const here = new URL('../data.json', import.meta.url)\n",
    )
    expect(statSync(join(tree.root, 'src/lib/right.ts')).mode & 0o777).toBe(0o755)
    expect(JSON.parse(tree.read('package.json'))).toMatchObject({
      main: './dist/lib/right.js',
      types: 'src/lib/right.ts',
      bin: { one: './src/bin.mjs' },
      imports: { '#exact': './src/lib/right.ts' },
      files: ['dist', 'src/lib/right.ts'],
    })
    const config = JSON.parse(tree.read('tsconfig.json'))
    expect(config.files).toEqual(['src/lib/right.ts', './src/main.ts'])
    expect(config.compilerOptions.paths).toEqual({ exact: ['./src/lib/right.ts'], 'src/*': ['./src/*'] })
    const main = tree.read('src/main.ts')
    expect(main).toContain(
      "from 'exact'\nimport { exact as again } from '#exact'\nimport { exact as third } from 'src/lib/right'",
    )
    expect(main).toContain(
      "import('./lib/right')\n/** @see {import('./lib/right').exact} */\njest.mock('./lib/right', () => ({}))\nconst real = jest.requireActual('./lib/right')",
    )
    expect(tree.read('src/bin.mjs')).toContain("from './lib/right'")
    expect(report.leftovers.map((one) => `${one.file}:${one.line} ${one.why}`).sort()).toEqual([
      'README.md:1 docs',
      'package.json:9 config',
      'src/look.css:2 asset',
      'src/main.ts:10 string',
    ])
  })

  it('follows folders that are named by their index, JSON, and patterns of public names', async () => {
    using tree = makeTree(
      {
        'tsconfig.json':
          '{"compilerOptions":{"module":"esnext","moduleResolution":"bundler","resolveJsonModule":true}}',
        'p/a/package.json': '{"name":"@x/a","exports":{"./*":"./dist/*.js"}}',
        'p/a/src/one.ts': 'export const one = 1\n',
        'p/b/package.json': '{"name":"@x/b"}',
        'p/b/part/index.ts': 'export const part = 1\n',
        'p/b/data.json': '{"a":1}',
        'p/b/use.ts':
          "import { part } from './part'\nimport data from './data.json'\nimport { one } from '@x/a/one'\npart + one + data.a\n",
      },
      { 'node_modules/@x/a': 'p/a' },
    )
    await moveFile({ root: tree.root, from: 'p/b/part', to: 'p/b/inner/piece' })
    await moveFile({ root: tree.root, from: 'p/b/data.json', to: 'p/b/inner/values.json' })
    const report = await moveFile({ root: tree.root, from: 'p/a/src/one.ts', to: 'p/a/src/deep/two.ts' })
    expect(tree.read('p/b/use.ts')).toBe(
      "import { part } from './inner/piece'\nimport data from './inner/values.json'\nimport { one } from '@x/a/deep/two'\npart + one + data.a\n",
    )
    expect(report.notes).toEqual(['@x/a/one is now @x/a/deep/two, which users outside of this tree will notice.'])
  })

  it('works where there is no git', async () => {
    using tree = makeTree({
      'tsconfig.json': '{}',
      'a.ts': 'export const a = 1\n',
      'b.ts': "import { a } from './a'\na\n",
    })
    rmSync(join(tree.root, '.git'), { recursive: true })
    await moveFile({ root: tree.root, from: 'a.ts', to: 'lib/a.ts' })
    expect(tree.read('b.ts')).toContain("from './lib/a'")
  })

  it('keeps CRLF and byte order mark of the files it edits', async () => {
    using tree = makeTree({
      'tsconfig.json': '{}',
      'a.ts': 'export const a = 1\n',
      'b.ts': "\uFEFFimport { a } from './a'\r\nconsole.log(a)\r\n",
    })
    await moveFile({ root: tree.root, from: 'a.ts', to: 'lib/' })
    expect(tree.read('b.ts')).toBe("\uFEFFimport { a } from './lib/a'\r\nconsole.log(a)\r\n")
  })

  it('names the package instead of reaching into it when the file is public there', async () => {
    using tree = makeTree(
      {
        'package.json': '{"private":true,"workspaces":["p/*"]}',
        'p/a/package.json': '{"name":"@x/a","exports":{".":"./index.ts","./tool":"./tool.ts"}}',
        'p/a/index.ts': 'export const a = 1\n',
        'p/b/package.json': '{"name":"@x/b"}',
        'p/b/index.ts': "import { tool } from './tool'\ntool()\n",
        'p/b/tool.ts': 'export const tool = () => 1\n',
        'p/b/other.ts': 'export const other = 1\n',
        'p/b/use.ts': "import { other } from './other'\nother\n",
        'tsconfig.json': '{"compilerOptions":{"module":"esnext","moduleResolution":"bundler"}}',
      },
      { 'node_modules/@x/a': 'p/a', 'node_modules/@x/b': 'p/b' },
    )
    await moveFile({ root: tree.root, from: 'p/b/tool.ts', to: 'p/a/tool.ts' })
    expect(tree.read('p/b/index.ts')).toContain("from '@x/a/tool'")
    const report = await moveFile({ root: tree.root, from: 'p/b/other.ts', to: 'p/a/other.ts' })
    expect(tree.read('p/b/use.ts')).toContain("from '../a/other'")
    expect(report.notes.join()).toContain('p/b/use.ts now reaches into another package')
  })
})

describe('a move that is refused changes nothing', () => {
  const refused: [name: string, from: string, to: string, sentence: RegExp][] = [
    ['what is not there', 'src/none.ts', 'src/b.ts', /No file or folder src\/none\.ts/],
    ['onto a file', 'src/a.ts', 'src/taken.ts', /src\/taken\.ts exists already/],
    ['out of the tree', 'src/a.ts', '../a.ts', /not a source path/],
    ['into .git', 'src/a.ts', '.git/a.ts', /not a source path/],
    ['a folder into itself', 'src', 'src/deeper', /cannot move into itself/],
    ['onto itself', 'src/a.ts', 'src/a.ts', /is there already/],
    ['below a file', 'src/a.ts', 'src/taken.ts/a.ts', /Nothing was changed/],
  ]
  for (const [name, from, to, sentence] of refused)
    it(name, async () => {
      using tree = makeTree({ 'tsconfig.json': '{}', 'src/a.ts': 'export {}\n', 'src/taken.ts': 'export {}\n' })
      await expect(moveFile({ root: tree.root, from, to })).rejects.toMatchObject({
        name: 'Refusal',
        message: expect.stringMatching(sentence),
      })
      expect(tree.changes()).toEqual({})
    })
})
