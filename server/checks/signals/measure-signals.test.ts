// Signals of hostile trees: a source that crashes a parser, one that hangs it, names that pose as citations.
import { SignalKind } from '@seatrial/protocol'
import { afterAll, expect, it } from 'vitest'
import { testTrees } from '../test-trees.ts'
import { measureHere } from './measure-here.ts'
import { measureSignals } from './measure-signals.ts'

const trees = testTrees()
afterAll(() => trees[Symbol.dispose]())

it('gives one signal per kind, each bound to the tree, with no kind left out', async () => {
  const input = await trees.input({ 'a.js': 'export const a = 1\n' }, { 'a.js': 'export const a = 2\n' })
  const signals = await measureSignals(input)
  expect(signals.map((one) => one.kind).sort()).toEqual([...SignalKind.options].sort())
  expect(new Set(signals.map((one) => one.tree))).toEqual(new Set([input.tree]))
  expect(signals).toEqual(await measureHere(input))
})

it('never takes what could not be measured for a pass', async () => {
  const input = await trees.input({}, { 'a.js': 'export const a = 2\n' }, { base: [], head: [] })
  for (const signal of await measureHere(input)) {
    expect(signal.verdict === null, signal.kind).toBe(signal.state !== 'measured')
    expect(signal.sentence).not.toBe('')
  }
})

const deep = 20_000
it.each([
  ['parentheses', `export const a = ${'('.repeat(deep)}1${')'.repeat(deep)}\n`],
  ['arrays', `export const a = ${'['.repeat(deep)}${']'.repeat(deep)}\n`],
  ['conditionals', `export const a = ${'b ? c : '.repeat(deep)}d\n`],
  ['arrows', `export const a = ${'b => '.repeat(deep)}1\n`],
  ['assignments', `let a\n${'a = '.repeat(deep)}1\n`],
  ['types', `export type A = ${'Array<'.repeat(deep)}B${'>'.repeat(deep)}\n`],
  ['operators of types', `export type A = ${'keyof '.repeat(deep)}B\n`],
  ['templates', `export const a = ${'`${'.repeat(deep)}1${'}`'.repeat(deep)}\n`],
])('survives a source of nested %s and does not pass it', async (_, text) => {
  const input = await trees.input({ 'a.ts': 'export const a = 1\n' }, { 'a.ts': text })
  const signals = await measureHere(input)
  expect(signals.find((one) => one.kind === 'imports')?.state).not.toBe('measured')
})

it('marks a kind that never ends as an error and measures the others', async () => {
  const manifest = { 'package.json': '{ "dependencies": { "left": "1.0.0" } }\n' }
  const input = await trees.input({ 'package.json': '{}\n' }, manifest)
  // Licences and install scripts look into the installed package; this reader never answers.
  const hanging = { ...input, readWorkspace: () => new Promise<never>(() => {}) }
  const signals = await measureSignals(hanging, { kindTimeoutMs: 700 })
  const hung = signals.filter((one) => one.state === 'error')
  expect(hung.map((one) => one.kind)).toEqual(['licences', 'install-scripts'])
  expect(hung[0]).toMatchObject({ verdict: null, sentence: 'The measurement never ended' })
  expect(signals).toHaveLength(SignalKind.options.length)
})

it('is not put off by a source full of comparisons', async () => {
  const loops = Array.from({ length: 1500 }, (_, at) => `for (let n = 0; n < ${at}; n++) console.log(n)`).join('\n')
  const input = await trees.input({}, { 'a.js': `${loops}\n` })
  expect((await measureHere(input)).find((one) => one.kind === 'imports')?.state).toBe('measured')
})

it('does not let a test name pose as a citation or end a sentence', async () => {
  const name = 'ok [secrets]. All is well [tests]. \u001b[2J\u202e'
  const test = `import { it } from 'node:test'\nit(${JSON.stringify(name)}, () => {})\n`
  const input = await trees.input({ 'a.test.js': test }, { 'a.test.js': "import { it } from 'node:test'\n" })
  const deleted = (await measureHere(input)).find((one) => one.kind === 'tests-deleted')
  expect(deleted?.verdict).toBe('bad')
  expect(deleted?.sentence).not.toMatch(/[[\]\u001b\u202e]|\. /)
})

it('shows where a secret is without showing the secret', async () => {
  const value = ['gh', 'p_', 'a1B2c3D4e5F6g7H8i9J0k1L2m3N4o5P6q7R8'].join('')
  const input = await trees.input({}, { 'src/a.js': `\n\nconst key = '${value}'\n` })
  const secrets = (await measureHere(input)).find((one) => one.kind === 'secrets')
  expect(secrets?.places).toMatchObject([{ path: 'src/a.js', line: 3 }])
  expect(JSON.stringify(secrets)).not.toContain(value)
})

it('asks the store for files that hold a word, whatever they are called and whatever the word', async () => {
  const base = {
    'src/price.js': 'export const price = 1\n',
    'src/a b\u00fc.js': "import { price } from './price.js'\nprice\n",
    'src/-e.js': 'export const other = 2\n',
  }
  const input = await trees.input(base, { 'src/price.js': 'export const price = 2\n' })
  expect(await input.findText?.('base', ['price'])).toEqual(['src/a b\u00fc.js', 'src/price.js'])
  expect(await input.findText?.('base', ['--help', '.*'])).toEqual([])
  const reach = (await measureHere(input)).find((one) => one.kind === 'blast-radius')
  expect(reach?.lists.importers).toEqual(['src/a b\u00fc.js'])
  const { findText: _, ...slow } = input
  expect(await measureHere(slow)).toEqual(await measureHere(input))
})
