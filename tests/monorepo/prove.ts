// The main job on a real public monorepo (trpc/trpc): rename, move, type check, accept some hunks on an edited checkout, undo.
// node tests/monorepo/prove.ts CLONE [SETUP-COMMAND...] ; CLONE has its dependencies installed and is only read.
import assert from 'node:assert/strict'
import { createHash } from 'node:crypto'
import { mkdtempSync, realpathSync, rmSync } from 'node:fs'
import { appendFile, mkdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Diff, HouseEvent } from '@seatrial/protocol'
import type { TaskView } from '@seatrial/protocol/api'
import { execa } from 'execa'
import { git, unmountBelow } from '../house.ts'
import { cloneRepository, linkDependencies } from './checkout.ts'
import { typedPackages, typeErrors } from './type-check.ts'

const prompt =
  'rename TRPCClientError to TRPCCallError everywhere then ' +
  'move packages/client/src/TRPCClientError.ts to packages/client/src/errors/TRPCClientError.ts'
const edited = 'packages/client/src/createTRPCClient.ts'

const [path, ...setup] = process.argv.slice(2)
if (!path) throw new Error('node tests/monorepo/prove.ts CLONE [SETUP-COMMAND...]')
const original = realpathSync(path)
const place = realpathSync(mkdtempSync(join(tmpdir(), 'monorepo-')))
const dataDir = join(place, 'house')
const project = join(place, 'checkout')
const copy = join(place, 'copy')
const cli = resolve(import.meta.dirname, '../../cli/bin/seatrial.mjs')
const say = (text: string): void => void process.stdout.write(`${text}\n`)

const started = performance.now()
const since = (): string => `${((performance.now() - started) / 1000).toFixed(0).padStart(4)} s`

/** One command of the CLI, as a person would type it in the checkout. */
async function seatrial(...args: string[]): Promise<string> {
  const env = { SEATRIAL_HOME: dataDir, SEATRIAL_PORT: '0', CI: '1' }
  const { stdout } = await execa(process.execPath, [cli, ...args], { cwd: project, env })
  return stdout
}
const document = async <T>(...args: string[]): Promise<T> => JSON.parse(await seatrial('--json', ...args)) as T

/** Hash of every file of the checkout that git tracks or would list. */
async function fingerprint(): Promise<Map<string, string>> {
  const listed = (await git(project, 'ls-files', '-z', '-c', '-o', '--exclude-standard')).split('\0').filter(Boolean)
  const hashes = listed.map(async (file): Promise<[string, string]> => {
    const text = await readFile(join(project, file)).catch(() => Buffer.from('gone'))
    return [file, createHash('sha256').update(text).digest('hex')]
  })
  return new Map(await Promise.all(hashes))
}

try {
  await mkdir(dataDir, { recursive: true })
  await cloneRepository(original, project)
  await cloneRepository(original, copy)
  await linkDependencies(original, copy)
  const packages = await typedPackages(copy)
  const oneByOne = packages
    .map((name) => `(cd packages/${name} && node ../../node_modules/typescript/bin/tsc --noEmit --pretty false)`)
    .join(' && ')
  await mkdir(join(project, '.seatrial'))
  await writeFile(
    join(project, '.seatrial/config.toml'),
    `${setup.length > 0 ? `setup = ${JSON.stringify(setup)}\n` : ''}
[[checks]]
name = "types"
kind = "types"
command = ${JSON.stringify(oneByOne)}
timeout_seconds = 1800
`,
  )
  const files = (await git(project, 'ls-files')).split('\n')
  say(
    `${since()} ${files.length} tracked files, ${files.filter((file) => /\.[cm]?tsx?$/.test(file)).length} of TypeScript`,
  )

  const { task } = await document<{ task: TaskView }>('run', '--agent', 'refactor', prompt)
  say(`${since()} submitted ${task.id}; meanwhile the checkout is edited`)
  await appendFile(join(project, edited), '\n// Written while the task ran.\n')
  await appendFile(join(project, 'README.md'), '\nWritten while the task ran.\n')
  await writeFile(join(project, 'packages/client/src/mine.ts'), 'export const mine = 1\n')
  await git(project, 'add', 'README.md')

  const before = await typeErrors(copy, packages)
  say(`${since()} type check before, outside: ${tell(before)}`)
  await execa(process.execPath, [cli, 'watch', task.id], {
    cwd: project,
    env: { SEATRIAL_HOME: dataDir, CI: '1' },
    reject: false,
    stdio: ['ignore', 'inherit', 'inherit'],
  })
  const ended = (await document<{ task: TaskView }>('show', task.id)).task
  assert.equal(ended.state, 'waiting', ended.note ?? 'the task did not come to rest')

  const patch = await seatrial('diff', task.id, '--patch')
  await execa('git', ['apply', '--whitespace=nowarn', '-'], { cwd: copy, input: `${patch}\n` })
  const after = await typeErrors(copy, packages)
  say(`${since()} type check after, outside: ${tell(after)}`)
  for (const name of packages) {
    const known = [...(before.get(name) ?? [])]
    const fresh = (after.get(name) ?? []).filter((line) => !take(known, line))
    assert.deepEqual(fresh, [], `new type errors in ${name}`)
  }

  const { files: changed } = (await document<{ diff: Diff }>('diff', task.id)).diff
  const places = new Set(changed.map((file) => file.path.split('/').slice(0, 2).join('/')))
  const events = (await seatrial('log', '--json-stream', task.id))
    .split('\n')
    .map((line) => JSON.parse(line) as HouseEvent)
  const hosts = events.flatMap(({ body }) => (body.type === 'egress.asked' ? [body.host] : []))
  say(`${since()} hosts asked for from inside: ${hosts.join(', ') || 'none'}`)
  say(`${since()} candidate: ${changed.length} files below ${[...places].join(', ')}`)
  const own = changed.find((file) => file.path === edited)
  assert.ok(own, `${edited} is in the candidate`)
  const other = changed.filter(
    (file) => file.path !== edited && file.path.startsWith('packages/') && file.hunks.length > 1,
  )
  const picked = [own.hunks.at(0), other.at(0)?.hunks.at(0), other.at(-1)?.hunks.at(0)].flatMap(
    (hunk) => hunk?.id ?? [],
  )
  const untouched = await fingerprint()
  const index = await git(project, 'ls-files', '-s')
  await seatrial('accept', task.id, ...picked.flatMap((id) => ['--hunk', id]))
  const accepted = await fingerprint()
  const moved = [...accepted].filter(([file, hash]) => untouched.get(file) !== hash).map(([file]) => file)
  say(`${since()} accepted ${picked.length} hunks: ${moved.join(', ')}`)
  assert.equal(moved.length, picked.length)
  assert.match(await readFile(join(project, edited), 'utf8'), /TRPCCallError[\s\S]*Written while the task ran\./)
  assert.equal(accepted.get('README.md'), untouched.get('README.md'))
  assert.equal(accepted.get('packages/client/src/mine.ts'), untouched.get('packages/client/src/mine.ts'))
  assert.equal(await git(project, 'ls-files', '-s'), index, 'the index is as it was')

  await seatrial('undo', task.id)
  assert.deepEqual(await fingerprint(), untouched, 'undo takes it back byte for byte')
  assert.equal(await git(project, 'ls-files', '-s'), index)
  say(`${since()} undone, byte for byte`)
} finally {
  await seatrial('down').catch(() => {})
  await unmountBelow(place)
  if (process.env.KEEP === undefined) rmSync(place, { recursive: true, force: true })
  else say(`kept: ${place}`)
}

function tell(errors: Map<string, string[]>): string {
  const sum = [...errors.values()].reduce((total, list) => total + list.length, 0)
  return `${sum} errors in ${[...errors.keys()].join(', ')}`
}

/** Removes one occurrence and says whether there was one. */
function take(list: string[], value: string): boolean {
  const at = list.indexOf(value)
  if (at >= 0) list.splice(at, 1)
  return at >= 0
}
