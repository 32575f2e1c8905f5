// The main job end to end: hand over, keep coding, get a checked candidate, accept hunks, take them back.
import { readFile, rename, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '@seatrial/protocol'
import { sql } from 'drizzle-orm'
import { afterAll, beforeAll, expect, test } from 'vitest'
import {
  commitAll,
  git,
  leaks,
  makeRepo,
  mountsBelow,
  openTestHouse,
  removeRepo,
  scriptedPrompt,
  type TestHouse,
} from './house.ts'

let house: TestHouse
let repo: string

const files = {
  'package.json': JSON.stringify({ name: 'sample', type: 'module', private: true, scripts: { test: 'node --test' } }),
  'src/sum.js': 'export const sum = (a, b) => a - b\n\n// One.\n\nexport const one = 1\n',
  'src/sum.test.js': [
    "import assert from 'node:assert'",
    "import { test } from 'node:test'",
    "import { sum } from './sum.js'",
    "test('adds', () => assert.equal(sum(1, 2), 3))",
    '',
  ].join('\n'),
  'notes.md': '# Notes\n\none\ntwo\nthree\n',
}

const mine = (sum: string): string => `export const sum = (a, b) => ${sum}\n\n// One.\n\nexport const one = 1 // mine\n`

const fix = [
  { do: 'say', text: 'Looking at the sum.' },
  { do: 'edit', path: 'src/sum.js', old: 'a - b', new: 'a + b' },
  { do: 'edit', path: 'notes.md', old: 'three', new: 'three\nfour' },
]

/** The agent takes its time, so that a follow-up finds it at work. */
const pause = { do: 'sleep', ms: 1500 }

beforeAll(async () => {
  house = await openTestHouse()
  repo = await makeRepo(files)
})
afterAll(async () => {
  await removeRepo(repo)
  await house.close()
})

const submit = (prompt: string, more: object = {}) =>
  house.client.submitTask({ body: { project: repo, prompt, contenders: ['scripted'], ...more } })

test('a task goes from prompt to accepted hunk to undo, on a checkout that was edited meanwhile', async () => {
  const task = await submit(scriptedPrompt('Make the test pass', fix))
  expect(['queued', 'working']).toContain(task.state)
  const ready = await house.until(task.id, 'waiting')
  const [trial] = ready.trials
  expect(trial?.state).toBe('ready')
  expect(trial?.candidate).toMatchObject({ files: 2, added: 2, removed: 1 })
  // Nobody works in it any more, and every mount costs each sandbox that is started.
  expect(mountsBelow(house.dataDir)).toEqual([])
  // The developer kept coding: nothing of the candidate is in the checkout.
  expect(await git(repo, 'status', '--porcelain')).toBe('')

  const call = { params: { id: task.id } }
  const evidence = await house.client.getEvidence(call)
  expect(evidence.stale).toBe(false)
  expect(evidence.tree).toBe(trial?.candidate?.tree)
  const tests = evidence.signals.find((signal) => signal.kind === 'tests')
  expect(tests).toMatchObject({ state: 'measured', verdict: 'good' })
  expect(tests?.lists.fixed).toEqual([expect.stringContaining('adds')])
  const panel = await house.client.getPanel(call)
  expect(panel.reviews.map((review) => review.stance)).toEqual(['builder', 'skeptic', 'futurist', 'product'])

  const diff = await house.client.getDiff(call)
  const hunk = diff.files.find((file) => file.path === 'src/sum.js')?.hunks[0]
  await writeFile(join(repo, 'notes.md'), '# Notes of mine\n\none\ntwo\nthree\n')
  await writeFile(join(repo, 'src/sum.js'), mine('a - b'))
  await git(repo, 'add', 'notes.md')
  const staged = await git(repo, 'diff', '--cached')
  const decision = await house.client.accept({
    ...call,
    body: { pick: { kind: 'some', hunks: [hunk?.id ?? ''] } },
  })
  expect(decision.state).toBe('applied')
  expect(decision.result?.files).toEqual(['src/sum.js'])
  expect(await readFile(join(repo, 'src/sum.js'), 'utf8')).toBe(mine('a + b'))
  expect(await readFile(join(repo, 'notes.md'), 'utf8')).toBe('# Notes of mine\n\none\ntwo\nthree\n')
  expect(await git(repo, 'diff', '--cached')).toBe(staged)
  expect((await house.client.getTask(call)).state).toBe('done')

  const undone = await house.client.undo({ params: { id: decision.id } })
  expect(undone.state).toBe('undone')
  expect(await readFile(join(repo, 'src/sum.js'), 'utf8')).toBe(mine('a - b'))
  expect((await house.client.getTask(call)).state).toBe('waiting')
  await git(repo, 'reset', '-q', '--hard')
})

test('an accept that the repository itself cannot take ends with a sentence and can be made again', async () => {
  const task = await submit(scriptedPrompt('Fix it', fix))
  await house.until(task.id, 'waiting')
  const call = { params: { id: task.id } }
  // Where the record of accepts belongs stands a file.
  const records = join(repo, '.git/refs/seatrial')
  await rename(records, `${records}.away`).catch(() => {})
  await writeFile(records, '')
  const failed = await house.client.accept({ ...call, body: {} })
  expect(failed.state).toBe('conflict')
  expect(failed.result?.conflicts[0]?.sentence).toMatch(/^The house failed while applying: .+refs\/seatrial/)
  expect(await readFile(join(repo, 'src/sum.js'), 'utf8')).toBe(files['src/sum.js'])
  expect((await house.client.getTask(call)).state).toBe('waiting')
  await rm(records)
  await rename(`${records}.away`, records).catch(() => {})
  expect((await house.client.accept({ ...call, body: {} })).state).toBe('applied')
  await git(repo, 'reset', '-q', '--hard')
})

test('a stage that fails just before its agent starts leaves no sandbox behind', async () => {
  const { db } = house.house.rooms.store
  await db.execute(sql`
    create function refuse_listening() returns trigger language plpgsql as $$
    begin raise exception 'no listening today'; end $$`)
  await db.execute(sql`
    create trigger refuse_listening before update of listening on trial
    for each row execute function refuse_listening()`)
  try {
    const task = await submit(scriptedPrompt('Never begun', fix))
    const { trials } = await house.until(task.id, 'failed')
    expect(trials[0]?.failure?.sentence).toMatch(/^The house failed while running: /)
    expect(leaks(house.dataDir)).toEqual([])
  } finally {
    await db.execute(sql`drop function refuse_listening cascade`)
  }
})

test('tests that a candidate adds are run on the base too: there they should fail', async () => {
  const added = (title: string, line: string) =>
    `import assert from 'node:assert'\nimport { test } from 'node:test'\nimport { sum } from './sum.js'\ntest('${title}', () => ${line})\n`
  const sentenceOf = async (text: string) => {
    const task = await submit(
      scriptedPrompt('Fix it, with a test', [...fix, { do: 'write', path: 'src/more.test.js', text }]),
    )
    await house.until(task.id, 'waiting')
    const { signals } = await house.client.getEvidence({ params: { id: task.id } })
    return signals.find((signal) => signal.kind === 'tests-added')?.sentence
  }
  expect(await sentenceOf(added('adds more', 'assert.equal(sum(2, 2), 4)'))).toContain('1 of which fail on the base')
  expect(await sentenceOf(added('is a number', "assert.equal(typeof sum(2, 2), 'number')"))).toContain(
    'all of which pass on the base already',
  )
})

test('a collision changes nothing and says where, and the same candidate can go to a branch', async () => {
  const task = await submit(scriptedPrompt('Fix it', fix))
  await house.until(task.id, 'waiting')
  await writeFile(
    join(repo, 'src/sum.js'),
    'export const sum = (a, b) => Number(a) * Number(b)\n\n// One.\n\nexport const one = 1\n',
  )
  const call = { params: { id: task.id } }
  const refused = await house.client.accept({ ...call, body: {} })
  expect(refused.state).toBe('conflict')
  expect(refused.result?.conflicts.map((each) => each.path)).toEqual(['src/sum.js'])
  expect(await readFile(join(repo, 'src/sum.js'), 'utf8')).toContain('Number(a)')
  const branch = await house.client.accept({ ...call, body: { target: { kind: 'branch' } } })
  expect(branch.result?.branch).toBe(`seatrial/${task.id}`)
  expect(await git(repo, 'show', `seatrial/${task.id}:src/sum.js`)).toContain('a + b')
  await git(repo, 'reset', '-q', '--hard')
})

test('rework opens a new trial that goes on from the last one', async () => {
  const task = await submit(scriptedPrompt('Fix it', fix))
  await house.until(task.id, 'waiting')
  const more = scriptedPrompt('Name it better', [{ do: 'edit', path: 'notes.md', old: 'four', new: 'four and a half' }])
  await house.client.rework({
    params: { id: task.id },
    body: { text: more, comments: [{ path: 'notes.md', line: 6, text: 'say more' }] },
  })
  const again = await house.until(task.id, 'waiting')
  expect(again.trials).toHaveLength(2)
  const [first, second] = again.trials
  expect(second?.parentId).toBe(first?.id)
  expect(second?.instruction).toContain('notes.md:6: say more')
  const file = await house.client.getFile({
    params: { id: task.id },
    query: { trial: second?.id ?? '', path: 'notes.md' },
  })
  expect(file.text).toContain('four and a half')
  const sum = await house.client.getFile({
    params: { id: task.id },
    query: { trial: second?.id ?? '', path: 'src/sum.js' },
  })
  expect(sum.text).toContain('a + b')
})

test('a checkpoint becomes the candidate by rollback, checked anew', async () => {
  const [, sum, notes] = fix
  const task = await submit(scriptedPrompt('Fix it', [sum ?? {}, pause]))
  await house.client.messageTask({ params: { id: task.id }, body: { text: scriptedPrompt('And', [notes ?? {}]) } })
  await house.until(task.id, 'waiting')
  const { checkpoints } = await house.client.listCheckpoints({ params: { id: task.id } })
  expect(checkpoints.length).toBeGreaterThanOrEqual(2)
  const [first] = checkpoints
  await house.client.rollback({ params: { id: task.id }, body: { checkpointId: first?.id ?? '' } })
  const again = await house.until(task.id, 'waiting')
  const given = again.trials.at(-1)
  expect(given?.candidate).toMatchObject({ tree: first?.tree, files: 1 })
  expect(given?.state).toBe('ready')
})

test('two contenders of one task are chosen between, and hunks and files of both make a third candidate', async () => {
  const task = await submit(scriptedPrompt('Fix it', fix), { attempts: 2 })
  const ready = await house.until(task.id, 'waiting')
  expect(ready.trials).toHaveLength(2)
  expect(ready.selection?.winner).toBeTruthy()
  const [a, b] = ready.trials
  const diffOf = (trial: string) => house.client.getDiff({ params: { id: task.id }, query: { trial } })
  const hunkIn = async (trial: string, path: string) =>
    (await diffOf(trial)).files.find((file) => file.path === path)?.hunks[0]?.id ?? ''
  await house.client.compose({
    params: { id: task.id },
    body: {
      picks: [
        { trialId: a?.id ?? '', hunks: [await hunkIn(a?.id ?? '', 'src/sum.js')] },
        { trialId: b?.id ?? '', files: ['notes.md'] },
      ],
    },
  })
  const composed = (await house.until(task.id, 'waiting')).trials.at(-1)
  expect(composed?.contender).toBe('composed')
  expect(composed?.candidate?.tree).toBe(a?.candidate?.tree)
})

test('the working tree as it stands can be the base, and is not touched', async () => {
  await writeFile(join(repo, 'new.txt'), 'untracked\n')
  await writeFile(join(repo, 'notes.md'), 'dirty\n')
  const before = await git(repo, 'status', '--porcelain')
  const task = await submit(
    scriptedPrompt('Go on', [{ do: 'edit', path: 'new.txt', old: 'untracked', new: 'untracked, then changed' }]),
    { base: { kind: 'working-tree' } },
  )
  const ready = await house.until(task.id, 'waiting')
  const diff = await house.client.getDiff({ params: { id: task.id } })
  expect(diff.files.map((file) => file.path)).toEqual(['new.txt'])
  expect(ready.trials[0]?.candidate?.files).toBe(1)
  expect(await git(repo, 'status', '--porcelain')).toBe(before)
  await git(repo, 'reset', '-q', '--hard')
  await git(repo, 'clean', '-qfd')
})

test('a follow-up reaches the agent when its turn ends', async () => {
  const task = await submit(scriptedPrompt('Two things', [{ do: 'write', path: 'one.txt', text: '1\n' }, pause]))
  const second = scriptedPrompt('And the second', [{ do: 'write', path: 'two.txt', text: '2\n' }])
  await house.client.messageTask({ params: { id: task.id }, body: { text: second } })
  // One for a trial that does not listen is refused, whoever else of the task does.
  const astray = house.client.messageTask({ params: { id: task.id }, body: { text: second, trialId: 'r-nobody' } })
  await expect(astray).rejects.toThrow(/No agent is working/)
  await house.until(task.id, 'waiting')
  const diff = await house.client.getDiff({ params: { id: task.id } })
  expect(diff.files.map((file) => file.path)).toEqual(['one.txt', 'two.txt'])
})

test('a follow-up sent while the last turn ends is told to the agent or refused, never kept without being told', async () => {
  const task = await submit(scriptedPrompt('Only this', [{ do: 'write', path: 'one.txt', text: '1\n' }]))
  for await (const { body } of house.client.follow({ after: 0, task: task.id })) {
    if (body.type === 'agent.stopped') break
  }
  const text = scriptedPrompt('And the second', [{ do: 'write', path: 'two.txt', text: '2\n' }])
  const taken = await house.client.messageTask({ params: { id: task.id }, body: { text } }).then(
    () => true,
    (error: unknown) => (error instanceof Refusal ? false : Promise.reject(error)),
  )
  await house.until(task.id, 'waiting')
  const diff = await house.client.getDiff({ params: { id: task.id } })
  expect(diff.files.map((file) => file.path)).toEqual(taken ? ['one.txt', 'two.txt'] : ['one.txt'])
})

test('cancel stops a running agent and the task stays cancelled', async () => {
  const task = await submit(
    scriptedPrompt('Wait', [
      { do: 'write', path: 'x', text: 'x' },
      { do: 'wait', file: 'never' },
    ]),
  )
  for await (const { body } of house.client.follow({ after: 0, task: task.id })) {
    if (body.type === 'checkpoint.made') break
  }
  await house.client.cancelTask({ params: { id: task.id } })
  const after = await house.until(task.id, 'cancelled')
  for await (const { body } of house.client.follow({ after: 0, task: task.id })) {
    if (body.type === 'trial.moved' && body.to === 'cancelled') break
  }
  expect(after.state).toBe('cancelled')
})

test('an agent that changes nothing fails its trial in one sentence', async () => {
  const task = await submit(scriptedPrompt('Nothing', [{ do: 'say', text: 'All done!' }]))
  const failed = await house.until(task.id, 'failed')
  expect(failed.trials[0]?.failure).toEqual({
    kind: 'empty',
    sentence: 'The agent ended without changing a file, saying: “All done!”.',
  })
  expect(failed.note).toContain('without changing')
})

test('submitting twice with one key starts one task', async () => {
  const prompt = scriptedPrompt('Once', fix)
  const [one, two] = await Promise.all([
    submit(prompt, { idempotencyKey: 'k1' }),
    submit(prompt, { idempotencyKey: 'k1' }),
  ])
  expect(two.id).toBe(one.id)
  await house.until(one.id, 'waiting')
})

test('rejecting records the reason and its code', async () => {
  const task = await submit(scriptedPrompt('Fix it', fix))
  await house.until(task.id, 'waiting')
  await house.client.reject({ params: { id: task.id }, body: { reason: 'not now', code: 'workflow' } })
  const after = await house.client.getTask({ params: { id: task.id } })
  expect(after.state).toBe('rejected')
  expect(after.decisions.at(-1)).toMatchObject({ kind: 'reject', reason: 'not now', code: 'workflow' })
  await commitAll(repo, 'nothing').catch(() => {})
})
