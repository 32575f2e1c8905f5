import { execFile } from 'node:child_process'
import { symlinkSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { expect, it } from 'vitest'
import { makeMono } from './testing/make-tree.ts'

const launcher = fileURLToPath(new URL('./bin/refactor', import.meta.url))

type Ended = { exit: number; out: string; err: string }
const run = (command: string, args: string[], cwd: string): Promise<Ended> =>
  new Promise((resolve) => {
    execFile(command, args, { cwd, encoding: 'utf8' }, (error, out, err) =>
      resolve({ exit: error ? Number(error.code) : 0, out, err }),
    )
  })

it('does the whole job from any folder, through a link on the PATH', async () => {
  using tree = makeMono()
  const link = join(tree.root, 'node_modules/refactor')
  symlinkSync(launcher, link)
  const found = await run(link, ['symbols', 'CoreError', '--json'], tree.root)
  expect(JSON.parse(found.out)[0]).toMatchObject({
    file: 'packages/core/src/errors.ts',
    line: 2,
    column: 14,
    kind: 'class',
    exported: true,
  })
  const renamed = await run(link, ['rename', 'CoreError', 'BaseError', '--json'], tree.root)
  expect(renamed).toMatchObject({ exit: 0, err: '' })
  expect(JSON.parse(renamed.out)).toMatchObject({ edits: 15, applied: true, newDiagnostics: [] })
  const moved = await run(
    link,
    ['--root', tree.root, 'move', 'packages/core/src/errors.ts', 'packages/core/src/lib/'],
    '/',
  )
  expect(moved.out).toContain('5 edits in 4 files, 1 file moved, 1 leftover, no new errors (none after).')
  const chain = await run(
    link,
    ['import-chain', 'packages/app/test/a.spec.ts', 'packages/core/src/util/fmt.ts'],
    tree.root,
  )
  expect(chain.out.trim().split('\n').at(-1)).toBe(
    "packages/core/src/thing.ts:1 '#util/fmt' -> packages/core/src/util/fmt.ts",
  )
  const verified = await run(link, ['verify'], tree.root)
  expect(verified).toMatchObject({ exit: 0, out: expect.stringContaining('finds no error in 4 projects') })
})

it('runs sentences, and fails when one is refused', async () => {
  using tree = makeMono()
  const done = await run(launcher, ['do', 'rename boom to bang then rename nowhere to there'], tree.root)
  expect(done.exit).toBe(1)
  expect(done.out).toContain(
    'Rename nowhere to there: Nothing called nowhere is declared here; the name does not occur. The step before it stand',
  )
  expect(tree.read('packages/app/src/main.tsx')).toContain('bang()')
})

it('gives each kind of failure its exit code and one sentence', async () => {
  using tree = makeMono()
  const cases: [args: string[], exit: number, sentence: RegExp][] = [
    [
      ['rename', 'Nowhere', 'There'],
      4,
      /^refactor: Nothing called Nowhere is declared here; the name does not occur\.\n$/,
    ],
    [['rename', 'makeThing', 'class'], 2, /^refactor: "class" cannot be a name in TypeScript or JavaScript\.\n$/],
    [
      ['rename', 'makeThing', 'fmt'],
      1,
      /^refactor: fmt already means something at packages\/core\/src\/thing\.ts:1, where makeThing is used; nothing was changed\.\n$/,
    ],
    [['rename', 'makeThing', 'x', '--engine', 'other'], 2, /^refactor: engine: .*\n$/],
    [['--root', '/nowhere', 'symbols', 'x'], 4, /^refactor: No directory \/nowhere/],
    [['do', 'make it nicer'], 2, /^refactor: I did not understand "make it nicer"; I take /],
    [['rename'], 2, /^error: missing required argument 'symbol'\n$/],
    [['mcp', '--port', '0'], 3, /^refactor: Set REFACTOR_TOKEN/],
  ]
  const ended = await Promise.all(cases.map(([args]) => run(launcher, args, tree.root)))
  for (const [index, [args, exit, sentence]] of cases.entries()) {
    expect({ args, exit: ended[index]!.exit, out: ended[index]!.out }).toEqual({ args, exit, out: '' })
    expect(ended[index]!.err).toMatch(sentence)
  }
  expect(tree.changes()).toEqual({})
})
