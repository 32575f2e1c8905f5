// Bad input through the whole house, by the command line: one clear sentence, the right exit code, nothing lost.
// docs/bad-input.md says which test holds which line.
import { mkdtempSync, realpathSync } from 'node:fs'
import { mkdir, readdir, readFile, readlink, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { execa } from 'execa'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commitAll, git, leaks, makeRepo, removeRepo, scriptedPrompt, unmountBelow } from './house.ts'

const root = resolve(import.meta.dirname, '..')
const env = () => ({ SEATRIAL_HOME: home, SEATRIAL_PORT: '0', SEATRIAL_WORKERS: '2', NO_COLOR: '1' })
let home = ''
let place = ''

const seatrialIn = (cwd: string, ...args: string[]) =>
  execa(process.execPath, [join(root, 'cli/bin/seatrial.mjs'), ...args], { cwd, reject: false, env: env() })
const runIn = (cwd: string, steps: object[]) =>
  seatrialIn(cwd, 'run', '--wait', '--json', '-a', 'scripted', scriptedPrompt('Do it', steps))
const idOf = (run: { stdout: string }): string => (JSON.parse(run.stdout) as { task: { id: string } }).task.id

beforeAll(async () => {
  home = realpathSync(mkdtempSync(join(tmpdir(), 'bad-home-')))
  place = realpathSync(mkdtempSync(join(tmpdir(), 'bad-place-')))
})
afterAll(async () => {
  await seatrialIn(place, 'down')
  const left = leaks(home)
  await unmountBelow(home)
  for (const dir of [home, place]) await rm(dir, { recursive: true, force: true })
  expect(left).toEqual([])
})

test.each([
  ['a bare repository', ['init', '-q', '--bare'], 'is a bare repository'],
  ['an empty repository', ['init', '-q'], 'has no commit yet; make a first commit'],
])('%s is refused in one sentence', async (name, args, words) => {
  const dir = join(place, name)
  await mkdir(dir)
  await git(dir, ...args)
  const result = await seatrialIn(dir, 'run', '-a', 'scripted', 'x')
  expect(result.stderr).toContain(words)
  expect(
    result.stderr
      .trim()
      .split('\n')
      .filter((line) => !line.startsWith('Starting the house')),
  ).toHaveLength(1)
  expect(result.exitCode).toBe(2)
})

test('a shallow, detached checkout at a strange path takes strange files, and undo takes them back', async () => {
  const origin = await makeRepo({ 'crlf.txt': 'one\r\ntwo\r\n', 'Name.txt': 'name\n', 'run.sh': '#!/bin/sh\n' })
  const dir = join(place, 'größe & "quotes" 日本')
  try {
    await writeFile(join(origin, 'picture.bin'), Buffer.from([0, 1, 2, 255]))
    await symlink('crlf.txt', join(origin, 'link'))
    await commitAll(origin, 'Strange things')
    await git(place, 'clone', '-q', '--depth=1', `file://${origin}`, dir)
    await git(dir, 'checkout', '-q', '--detach')
    const strange = 'new\nline.txt'
    const command = [
      `printf 'x' > '${strange}'`,
      `printf '\\000\\002\\377' > picture.bin`,
      'ln -sfn run.sh link',
      'mv Name.txt name.txt',
      `printf 'three\\r\\n' >> crlf.txt`,
      'chmod +x run.sh',
    ].join(' && ')
    const run = await runIn(dir, [{ do: 'run', command }])
    expect(run.exitCode).toBe(6)
    const id = idOf(run)
    expect((await seatrialIn(dir, 'accept', id)).exitCode).toBe(0)
    expect(await readFile(join(dir, strange), 'utf8')).toBe('x')
    expect([...(await readFile(join(dir, 'picture.bin')))]).toEqual([0, 2, 255])
    expect(await readlink(join(dir, 'link'))).toBe('run.sh')
    expect((await readdir(dir)).filter((name) => /^name\.txt$/i.test(name))).toEqual(['name.txt'])
    expect(await readFile(join(dir, 'crlf.txt'), 'utf8')).toBe('one\r\ntwo\r\nthree\r\n')
    expect((await stat(join(dir, 'run.sh'))).mode & 0o111).toBe(0o111)
    expect((await seatrialIn(dir, 'undo', id)).exitCode).toBe(0)
    expect(await git(dir, 'status', '--porcelain')).toBe('')
  } finally {
    await removeRepo(origin)
  }
})

test('an agent that prints garbage, floods and exits in the middle fails its task in one sentence', async () => {
  const repo = await makeRepo({ 'a.txt': 'a\n' })
  const run = await runIn(repo, [
    { do: 'write', path: 'half.txt', text: 'half\n' },
    { do: 'garbage', text: '\u001b[2Jnot a frame\n{"jsonrpc":\n' },
    { do: 'flood', bytes: 2_000_000, as: 'speech' },
    { do: 'exit', code: 3 },
  ])
  expect(run.exitCode).toBe(1)
  const { failure } = JSON.parse(run.stdout).task.trials[0]
  expect(failure).toMatchObject({ kind: 'agent' })
  expect(failure.sentence).toMatch(/exited with code 3 in the middle of its work/)
  expect(run.stderr).not.toContain('\u001b[2J')
  const { checkpoints } = JSON.parse((await seatrialIn(repo, '--json', 'checkpoints', idOf(run))).stdout)
  expect(checkpoints.length).toBeGreaterThan(0)
  await removeRepo(repo)
})

test('a check that never ends is ended, and says so', async () => {
  const check = '[[checks]]\nname = "forever"\nkind = "test"\ncommand = "echo begun; sleep 600"\ntimeoutSeconds = 1\n'
  const repo = await makeRepo({ 'a.txt': 'a\n', '.seatrial/config.toml': check })
  const run = await runIn(repo, [{ do: 'write', path: 'b.txt', text: 'b\n' }])
  expect(run.exitCode).toBe(6)
  const review = await seatrialIn(repo, 'review', idOf(run))
  expect(review.stdout).toContain('forever never ended')
  await removeRepo(repo)
})

test('a second house on one data folder ends with one sentence and the first goes on', async () => {
  const second = await execa(process.execPath, [join(root, 'server/main.ts')], { reject: false, env: env() })
  expect(second.exitCode).toBe(1)
  expect(second.stderr.trim()).toMatch(/^Another house \(process \d+\) already uses .*seatrial down[^\n]*$/)
  expect((await seatrialIn(place, 'list')).exitCode).toBe(0)
})

test('a data folder that cannot be written to is refused in one sentence', async () => {
  const blocked = join(place, 'blocked')
  await writeFile(blocked, 'a file where the folder should be')
  const result = await execa(process.execPath, [join(root, 'cli/bin/seatrial.mjs'), 'list'], {
    cwd: place,
    reject: false,
    env: { ...env(), SEATRIAL_HOME: blocked },
  })
  expect(result.stderr).toMatch(/^The data folder .*blocked cannot be used \(.*\); set SEATRIAL_HOME to one [^\n]*$/)
  expect(result.exitCode).toBe(2)
})
