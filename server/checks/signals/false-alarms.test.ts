// What must not be flagged: each case once was, on a real change.
import type { SignalKind } from '@seatrial/protocol'
import { afterAll, expect, it } from 'vitest'
import { type Files, testTrees } from '../test-trees.ts'
import { measureHere } from './measure-here.ts'
import type { SignalInput } from './signal-input.ts'

const trees = testTrees()
afterAll(() => trees[Symbol.dispose]())

const signalOf = async (kind: SignalKind, base: Files, changes: Files, more: Partial<SignalInput> = {}) =>
  (await measureHere(await trees.input(base, changes, more))).find((one) => one.kind === kind)

it.each(['ts', 'mts', 'tsx', 'jsx', 'js', 'cjs'])(
  'finds what is risky in .%s, and nothing where there is nothing',
  async (ending) => {
    const path = `src/a.${ending}`
    expect(await signalOf('risky', {}, { [path]: 'export const a = 1\n' })).toMatchObject({
      state: 'measured',
      verdict: 'good',
    })
    expect(await signalOf('risky', {}, { [path]: 'eval(name)\n' })).toMatchObject({ state: 'measured', verdict: 'bad' })
  },
)

it('knows raw HTML in JSX', async () => {
  const text = 'export const A = () => <p dangerouslySetInnerHTML={{ __html: text }} />\n'
  expect(await signalOf('risky', {}, { 'src/a.tsx': text })).toMatchObject({ verdict: 'bad', severity: 'major' })
})

it('takes a dependency that a neighbour declares for declared', async () => {
  const base = {
    'package.json': '{ "workspaces": ["a"] }\n',
    'a/package.json': '{ "name": "a", "dependencies": { "runner": "1.0.0" } }\n',
  }
  expect(await signalOf('imports', base, { 'tests/x.ts': "import { run } from 'runner'\nrun()\n" })).toMatchObject({
    verdict: 'good',
  })
  expect(await signalOf('imports', base, { 'tests/x.ts': "import { run } from 'rnuner'\nrun()\n" })).toMatchObject({
    verdict: 'bad',
  })
})

it('takes made-up values in tests and pages for no secrets, and names of variables neither', async () => {
  const changes = {
    'tests/http.test.ts': "await call({ token: 'st_wrong_token_here' })\n",
    'docs/keys.md': 'api_key_env = "OPUS_KEY"\napi_key = "q8Zr2LmX0vTn4KdW"\n',
    'src/keys.toml': 'api_key_env = "OPUS_KEY"\napi_key_file = "opus.key"\n',
  }
  expect(await signalOf('secrets', {}, changes)).toMatchObject({ verdict: 'good' })
  expect(await signalOf('secrets', {}, { 'src/a.ts': "const apiKey = 'q8Zr2LmX0vTn4KdW'\n" })).toMatchObject({
    verdict: 'bad',
  })
})

const quoted =
  "import { expect, test } from 'vitest'\ntest('quoted text that is cut stays quoted', () => {\n  const text = quote('a'.repeat(900))\n  expect(text).toContain('cut')\n  expect(text.startsWith('>')).toBe(true)\n})\n"
it('knows a test again that was renamed and rewritten, also into one over a table', async () => {
  const table = quoted
    .replace(
      "test('quoted text that is cut stays quoted', () => {",
      "test.each(['user', 'tool'])('text quoted by %s stays quoted when it is cut', (who) => {",
    )
    .replace("  expect(text).toContain('cut')\n", '')
    .replace("quote('a'", 'quote(who')
  expect(await signalOf('tests-deleted', { 'a.test.ts': quoted }, { 'a.test.ts': table })).toMatchObject({
    verdict: 'good',
  })
  expect(await signalOf('tests-weakened', { 'a.test.ts': quoted }, { 'a.test.ts': table })).not.toMatchObject({
    verdict: 'bad',
  })
})

it('does not make a prompt of plain words a measure to skip by', async () => {
  const base = { 'src/inbox.js': 'export const inbox = 1\n', 'src/far.js': 'export const far = 1\n' }
  const changes = { 'src/inbox.js': 'export const inbox = 2\n', 'src/far.js': 'export const far = 2\n' }
  const vague = await signalOf('scope', base, changes, { prompt: 'Make the inbox nicer to look at for people.' })
  expect(vague).toMatchObject({ verdict: 'bad', severity: 'minor' })
  const exact = await signalOf('scope', base, changes, { prompt: 'Change `inbox` in src/inbox.js.' })
  expect(exact).toMatchObject({ verdict: 'bad', severity: 'major' })
})

const summed = (condition: string): string => `const { price } = require('./price.js')

/** @param {{ cents: number, count: number }[]} lines */
function total(
  lines,
) {
  let sum = 0
  if (lines.length === 0) {
    return sum
  } else {
    for (let i = 0; ${condition}; i++) sum += lines[i].cents * lines[i].count
  }
  return sum
}

function shown(lines) {
  return lines.map((line) => price(line.cents))
}
`
const cart =
  'def total(lines):\n    if not lines:\n        return 0\n    return sum(line.cents for line in lines[1:])\n'

it('connects a fix inside a function to the prompt that names the function, and one beside it not', async () => {
  const prompt = 'The test "the total counts every line" fails. Find out why total() is wrong and fix it.'
  const base = { 'lib/invoice.js': summed('i < lines.length - 1'), 'lib/cart.py': cart }
  const fix = await signalOf('scope', base, { 'lib/invoice.js': summed('i < lines.length') }, { prompt })
  expect(fix).toMatchObject({ verdict: 'good' })
  const python = await signalOf('scope', base, { 'lib/cart.py': cart.replace('[1:]', '') }, { prompt })
  expect(python).toMatchObject({ verdict: 'good' })
  const beside = base['lib/invoice.js'].replace('price(line.cents)', 'price(line.cents * 2)')
  expect(await signalOf('scope', base, { 'lib/invoice.js': beside }, { prompt })).toMatchObject({
    verdict: 'bad',
    severity: 'major',
  })
})

it('keeps a rename over the whole repository from being a blast, a drift or a break', async () => {
  const names = Array.from({ length: 60 }, (_, at) => `src/m${at}.js`)
  const base: Files = {
    'package.json': '{ "name": "lib", "type": "module", "exports": "./src/index.js" }\n',
    'src/index.js': "export { oldName } from './core.js'\n",
    'src/core.js': 'export function oldName(a) {\n  return a\n}\n',
    ...Object.fromEntries(
      names.map((path) => [path, "import { oldName } from './core.js'\n\nexport const value = oldName(1)\n"]),
    ),
  }
  const changes = Object.fromEntries(
    Object.entries(base).map(([path, text]) => [path, text?.replaceAll('oldName', 'newName') ?? null]),
  )
  const input = await trees.input(base, changes, { prompt: 'Rename `oldName` to `newName` everywhere.' })
  const bad = (await measureHere(input)).filter((one) => one.verdict === 'bad' || one.state === 'error')
  expect(bad.map((one) => one.sentence)).toEqual([])
})

const giant = (arms: number): string =>
  `export function giant(a) {\n  for (const one of a) {\n${Array.from({ length: arms }, (_, at) => `    if (one === ${at}) {\n      if (a.length > ${at}) return ${at}\n    }\n`).join('')}  }\n}\n`

it('counts a small step in an old giant lightly, a new giant in full', async () => {
  const step = await signalOf('complexity', { 'src/a.js': giant(20) }, { 'src/a.js': giant(23) })
  expect(step).toMatchObject({ verdict: 'bad', severity: 'minor' })
  const jump = await signalOf('complexity', { 'src/a.js': giant(2) }, { 'src/a.js': giant(20) })
  expect(jump).toMatchObject({ verdict: 'bad', severity: 'major' })
})

it('knows that a revert takes tests along', async () => {
  const base = {
    'a.test.js': "import { it } from 'node:test'\nit('hashes each chunk', () => {})\nit('stays', () => {})\n",
  }
  const changes = { 'a.test.js': "import { it } from 'node:test'\nit('stays', () => {})\n" }
  const prompt = 'Revert "hash each chunk on its own", it is slower.'
  expect(await signalOf('tests-deleted', base, changes, { prompt })).toMatchObject({ verdict: 'neutral' })
  expect(await signalOf('tests-deleted', base, changes)).toMatchObject({ verdict: 'bad' })
})
