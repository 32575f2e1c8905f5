// A file of one gigabyte in git: a task is submitted, worked on, checked, accepted and undone on top of it, the memory of
// the house stays small, and what an agent does to the file itself is said and never half taken.
import { execFileSync } from 'node:child_process'
import { closeSync, ftruncateSync, openSync, readFileSync, rmSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { commitAll, git, makeRepo, openTestHouse, removeRepo, scriptedPrompt, type TestHouse } from '../house.ts'

const gigabyte = 2 ** 30
let house: TestHouse
let repo: string

beforeAll(async () => {
  house = await openTestHouse({ workers: 1 })
  repo = await makeRepo({ 'a.txt': 'one\n', 'b.txt': 'b\n' })
  // Zeros with something at both ends: real in git, a few blocks on disk.
  const file = openSync(join(repo, 'data.bin'), 'w')
  writeSync(file, 'start')
  ftruncateSync(file, gigabyte - 3)
  writeSync(file, 'end', gigabyte - 3)
  closeSync(file)
  await git(repo, 'config', 'core.compression', '1')
  await commitAll(repo, 'A large file')
}, 300_000)
afterAll(async () => {
  await removeRepo(repo)
  await house.close()
})

/** The most this process held while the work ran, above what it held before. */
async function peakMb(work: () => Promise<void>): Promise<number> {
  const before = process.memoryUsage().rss
  let most = before
  const watch = setInterval(() => {
    most = Math.max(most, process.memoryUsage().rss)
  }, 50)
  try {
    await work()
  } finally {
    clearInterval(watch)
  }
  return (most - before) / 2 ** 20
}

test('a gigabyte in the repository is carried through the whole journey, and costs the house no memory', async () => {
  const steps = [
    { do: 'edit', path: 'a.txt', old: 'one', new: 'two' },
    { do: 'run', command: 'printf more >> data.bin' },
  ]
  const submit = (base: 'commit' | 'working-tree') =>
    house.client.submitTask({
      body: {
        project: repo,
        prompt: scriptedPrompt('Edit beside a large file', steps),
        contenders: ['scripted'],
        base: base === 'commit' ? { kind: 'commit', ref: 'HEAD' } : { kind: 'working-tree' },
      },
    })
  const grown = await peakMb(async () => {
    const task = await submit('working-tree')
    const ready = await house.until(task.id, 'waiting')
    expect(ready.trials[0]?.candidate).toMatchObject({ files: 1, added: 1, removed: 1 })
    const call = { params: { id: task.id } }
    const { events } = await house.client.listEvents({ query: { task: task.id, after: 0 } })
    const said = events.map(({ body }) => (body.type === 'workspace.progress' ? body.sentence : '')).join('\n')
    expect(said).toMatch(/Left out data\.bin: 1024 MB, more than a snapshot takes per file/)
    const decision = await house.client.accept({ ...call, body: { pick: { kind: 'all' } } })
    expect(decision).toMatchObject({ state: 'applied', result: { files: ['a.txt'] } })
    expect(readFileSync(join(repo, 'a.txt'), 'utf8')).toBe('two\n')
    await house.client.undo(call)
    expect(readFileSync(join(repo, 'a.txt'), 'utf8')).toBe('one\n')
  })
  expect(statSync(join(repo, 'data.bin')).size).toBe(gigabyte)
  expect(execFileSync('tail', ['-c', '3', join(repo, 'data.bin')], { encoding: 'utf8' })).toBe('end')
  expect(await git(repo, 'status', '--porcelain')).toBe('')
  expect(grown).toBeLessThan(300)
  rmSync(join(repo, 'data.bin'))
}, 300_000)
