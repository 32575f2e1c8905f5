// The command line as people use it: real processes, stdout for data, stderr for talk, documented exit codes.
import { mkdtempSync, realpathSync } from 'node:fs'
import { readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { git, leaks, makeRepo, removeRepo, scriptedPrompt, unmountBelow } from './house.ts'

const bin = resolve(import.meta.dirname, '../cli/bin/seatrial.mjs')
let home = ''
let repo = ''

const seatrial = (...args: string[]) => seatrialIn(repo, ...args)
const seatrialIn = (cwd: string, ...args: string[]) =>
  execa(process.execPath, [bin, ...args], {
    cwd,
    reject: false,
    env: { SEATRIAL_HOME: home, SEATRIAL_PORT: '0', SEATRIAL_WORKERS: '2', NO_COLOR: '1' },
  })

beforeAll(async () => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'cli-')))
  repo = await makeRepo({ 'a.txt': 'a\n' })
})
afterAll(async () => {
  await seatrial('down')
  const left = leaks(home)
  await unmountBelow(home)
  await rm(home, { recursive: true, force: true })
  await removeRepo(repo)
  expect(left).toEqual([])
})

const write = scriptedPrompt('Add b', [{ do: 'write', path: 'b.txt', text: 'b\n' }])

test('run starts a house by itself, returns an id at once, and the inbox shows what needs a person', async () => {
  const run = await seatrial('run', '--agent', 'scripted', write)
  expect(run.exitCode).toBe(0)
  const id = run.stdout.trim()
  expect(id).toMatch(/^t-[a-z0-9]{8}$/)
  const watched = await seatrial('watch', id)
  expect(watched.exitCode).toBe(6)
  expect(watched.stderr).toContain('workspace ready')
  const log = await seatrial('log', id)
  expect(log.stdout).toMatch(/^\d\d:\d\d:\d\d submitted: Add b$/m)
  const data = (await seatrial('log', '--json-stream', id)).stdout.split('\n').map((line) => JSON.parse(line))
  expect(data[0]).toMatchObject({ taskId: id, body: { type: 'task.submitted' } })
  const inbox = await seatrial('inbox')
  expect(inbox.stdout).toMatch(new RegExp(`REVIEW +${id} +waiting`))
  const review = await seatrial('review', id)
  expect(review.stdout).toContain('+b')
  expect(review.stdout).toContain('builder')
  const json = await seatrial('--json', 'show', id.slice(2, 8))
  expect(JSON.parse(json.stdout)).toMatchObject({ schemaVersion: 1, task: { id, state: 'waiting' } })

  const accept = await seatrial('accept', id)
  expect(accept.exitCode).toBe(0)
  expect(accept.stdout.trim()).toBe('b.txt')
  expect(await readFile(join(repo, 'b.txt'), 'utf8')).toBe('b\n')
  expect((await seatrial('undo', id)).exitCode).toBe(0)

  const trial = JSON.parse(json.stdout).task.trials[0].id as string
  const composed = await seatrial('compose', id, '--file', `${trial}:b.txt`)
  expect(composed.stderr).toContain('Checking the composed candidate')
  expect((await seatrial('watch', id)).exitCode).toBe(6)
  expect((await seatrial('compose', id)).stderr).toContain('Pick something')
  expect(await git(repo, 'status', '--porcelain')).toBe('')
})

test('run --wait exits with 6 when a decision is needed and with 1 when the task failed', async () => {
  const waited = await seatrial('run', '--wait', '-a', 'scripted', write)
  expect(waited.exitCode).toBe(6)
  const failed = await seatrial('run', '--wait', '-a', 'scripted', scriptedPrompt('No', [{ do: 'say', text: 'no' }]))
  expect(failed.exitCode).toBe(1)
  const late = await seatrial(
    'run',
    '--wait',
    '--timeout',
    '1',
    '-a',
    'scripted',
    scriptedPrompt('Long', [{ do: 'wait', file: 'x' }]),
  )
  expect(late.exitCode).toBe(7)
  const { tasks } = JSON.parse((await seatrial('--json', 'list', '--state', 'working')).stdout) as {
    tasks: { id: string }[]
  }
  expect((await seatrial('cancel', tasks[0]?.id ?? '')).exitCode).toBe(0)
})

test('a collision exits with 1, names the file and changes nothing', async () => {
  await writeFile(join(repo, 'a.txt'), 'mine\n')
  const run = await seatrial(
    'run',
    '--wait',
    '--json',
    '-a',
    'scripted',
    scriptedPrompt('Edit a', [{ do: 'write', path: 'a.txt', text: 'theirs\n' }]),
  )
  const { task } = JSON.parse(run.stdout) as { task: { id: string } }
  const accept = await seatrial('accept', task.id)
  expect(accept.exitCode).toBe(1)
  expect(accept.stderr).toContain('a.txt')
  expect(await readFile(join(repo, 'a.txt'), 'utf8')).toBe('mine\n')
  await git(repo, 'checkout', '-q', 'a.txt')
})

test.each([
  ['an unknown task', ['show', 't-nothere2'], 4, 'seatrial list'],
  ['an unknown command', ['frobnicate'], 2, ''],
  ['a missing prompt', ['run'], 2, ''],
  ['an agent nobody knows', ['run', '-a', 'nobody', 'x'], 4, 'seatrial agents'],
  ['an agent that is not installed', ['run', '-a', 'codex', 'x'], 2, 'agents install codex'],
  ['an agent without its model', ['run', '-a', 'seatrial', 'x'], 2, 'seatrial+MODEL'],
  ['a model nobody configured', ['run', '-a', 'seatrial+ghost', 'x'], 4, 'house.toml'],
  ['no contender at all', ['run', 'x'], 2, '--agent'],
  ['a base that does not exist', ['run', '-a', 'scripted', '--base', 'nope', 'x'], 2, 'nope'],
  ['a picture that is none', ['run', '-a', 'scripted', '-i', 'a.txt', 'x'], 2, 'not a PNG'],
  ['a budget that is no number', ['run', '-a', 'scripted', '--budget', 'lots', 'x'], 2, '--budget'],
  ['an unknown hunk', ['undo', 't-nothere2'], 4, 'undo'],
])('%s is refused in one sentence with its exit code', async (_, args, code, words) => {
  const result = await seatrial(...args)
  expect(result.stderr).toContain(words)
  expect(result.exitCode).toBe(code)
  expect(result.stderr).not.toMatch(/\n\s+at /)
})

test('a folder that is no repository is refused', async () => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'norepo-')))
  const result = await seatrialIn(dir, 'run', '-a', 'scripted', 'x')
  await rm(dir, { recursive: true })
  expect(result.exitCode).toBe(2)
  expect(result.stderr.trim().split('\n')).toHaveLength(1)
})

test('an unborn branch is refused', async () => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'unborn-')))
  await git(dir, 'init', '-q')
  const result = await seatrialIn(dir, 'run', '-a', 'scripted', 'x')
  await rm(dir, { recursive: true })
  expect(result.exitCode).toBe(2)
  expect(result.stderr).toContain('commit')
})

test('completion prints a script for the shell', async () => {
  const result = await seatrial('complete', 'bash')
  expect(result.exitCode).toBe(0)
  expect(result.stdout).toContain('seatrial')
})
