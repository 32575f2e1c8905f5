// Running checks for real: cases and diagnostics found, endless commands ended, flaky tests marked, forged reports ignored.
import type { CheckSpec } from '@seatrial/protocol'
import { afterAll, expect, it } from 'vitest'
import { checkKey } from './check-key.ts'
import { testTrees } from './test-trees.ts'

const trees = testTrees()
afterAll(() => trees[Symbol.dispose]())

const spec = (more: Partial<CheckSpec>): CheckSpec => ({
  name: 'test',
  kind: 'test',
  command: 'node --test',
  cwd: '.',
  timeoutSeconds: 30,
  report: null,
  ...more,
})
const run = async (files: Record<string, string>, more: Partial<CheckSpec> = {}) => {
  const [result] = await trees.run(files, [spec(more)])
  if (!result) throw new Error('no result')
  return result
}

it('names the cases of node --test and binds the result to the tree', async () => {
  const result = await run({
    'a.test.mjs':
      "import { describe, it } from 'node:test'\nimport assert from 'node:assert'\ndescribe('sum', () => {\n  it('adds', () => {})\n  it('fails', () => assert.equal(1, 2))\n  it.skip('later', () => {})\n})\n",
  })
  expect(result).toMatchObject({ outcome: 'failed', exitCode: 1, flaky: [] })
  expect(result.tree).toMatch(/^[0-9a-f]{40}$/)
  expect(result.cases?.map((one) => [one.name, one.status])).toEqual([
    ['sum > adds', 'passed'],
    ['sum > fails', 'failed'],
    ['sum > later', 'skipped'],
  ])
})

it('ends a command that never ends, and keeps what it printed', async () => {
  const result = await run({ 'x.txt': '' }, { command: 'echo started; sleep 600', timeoutSeconds: 0.5 })
  expect(result).toMatchObject({ outcome: 'timeout', exitCode: null })
  expect(result.log).toContain('started')
  expect(result.durationMs).toBeLessThan(20_000)
})

it('runs a red test check once more and marks what changed its mind', async () => {
  const flaky =
    "import { it } from 'node:test'\nimport { existsSync, writeFileSync } from 'node:fs'\nit('always', () => {})\nit('second time', () => {\n  const again = existsSync('mark')\n  writeFileSync('mark', '')\n  if (!again) throw new Error('first time')\n})\n"
  const result = await run({ 'a.test.mjs': flaky })
  expect(result).toMatchObject({ outcome: 'passed', flaky: ['second time'] })
})

it('is not fooled by a report that the tree brought along', async () => {
  const forged = '<testsuites><testsuite name="s"><testcase name="all is well"/></testsuite></testsuites>'
  const result = await run(
    { 'report.xml': forged },
    { command: 'exit 3', report: { format: 'junit', path: 'report.xml' } },
  )
  expect(result).toMatchObject({ outcome: 'failed', cases: null })
})

it('sees red cases behind a hidden exit code', async () => {
  const result = await run(
    { 'a.test.mjs': "import { it } from 'node:test'\nit('bad', () => {\n  throw new Error('x')\n})\n" },
    { command: 'node --test || true' },
  )
  expect(result).toMatchObject({ outcome: 'failed', exitCode: 0 })
})

it('calls a command that cannot start an error, not a failure', async () => {
  expect(await run({ x: '' }, { command: 'no-such-runner-here' })).toMatchObject({ outcome: 'error', exitCode: 127 })
})

it('keeps the last 64 KiB of a flood, escapes removed', async () => {
  const flood = `node -e "for (let n = 0; n < 20000; n++) console.log('\\x1b[31mline ' + n + '\\x1b[0m')"`
  const result = await run({ x: '' }, { kind: 'other', command: flood })
  expect(Buffer.byteLength(result.log)).toBeLessThanOrEqual(64 * 1024)
  expect(result.log).toMatch(/^\[earlier output cut\]\nline \d+\n/)
  expect(result.log).toContain('line 19999')
  expect(result.log).not.toContain('\u001b')
})

it('reads diagnostics relative to the root, whatever folder the check runs in', async () => {
  const result = await run(
    { 'pkg/a.txt': '' },
    { kind: 'types', cwd: 'pkg', command: 'echo "src/a.ts(3,7): error TS2322: Wrong."; exit 2' },
  )
  expect(result.diagnostics).toEqual([{ path: 'pkg/src/a.ts', line: 3, code: 'TS2322', message: 'Wrong.' }])
})

it('keys results by tree and by everything that decides them', () => {
  const keys = [
    checkKey('a', [spec({})]),
    checkKey('b', [spec({})]),
    checkKey('a', [spec({ command: 'npm test' })]),
    checkKey('a', [spec({ cwd: 'pkg' })]),
    checkKey('a', [spec({ timeoutSeconds: 5 })]),
    checkKey('a', [spec({ report: { format: 'tap', path: null } })]),
  ]
  expect(new Set(keys).size).toBe(keys.length)
  expect(checkKey('a', [spec({})])).toBe(keys[0])
})
