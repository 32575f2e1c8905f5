// Models as reviewers, through the whole house: asked by the gateway on the panel's own account, kept once said, never in
// the way of a task. The models are scripted ones, and say so.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ScriptedModel, startScriptedModel } from '../scripted/model.ts'
import { makeRepo, openTestHouse, removeRepo, scriptedPrompt, type TestHouse } from './house.ts'

let house: TestHouse
let repo: string
let model: ScriptedModel

const vote = (vote: string, pShip: number, findings: object[] = []): string =>
  JSON.stringify({ vote, pShip, findings, changeMyMind: 'The call of eval goes away.' })
const real = { path: 'src/sum.js', line: 1, sentence: 'eval runs whatever it is given', signalId: null }
const findings = [
  real,
  { ...real, sentence: 'eval runs anything' },
  { sentence: 'vague unease' },
  { ...real, line: 99 },
]

const script = {
  rules: [
    { when: { model: 'judge', any: 'as the skeptic' }, text: vote('skip', 0.1, findings) },
    { when: { model: 'judge', any: 'as the builder' }, text: vote('ship', 0.9) },
    { when: { model: 'turncoat' }, times: 1, text: vote('ship', 0.9) },
    { when: { model: 'turncoat' }, text: vote('skip', 0.1) },
    { when: { model: 'slow' }, fault: { kind: 'hang' as const, times: 100 }, text: '' },
    { when: { model: 'plain' }, fault: { kind: 'status' as const, status: 400 }, text: vote('ship', 0.8) },
  ],
}

const endpoint = (name: string, more = ''): string =>
  `[models.${name}]\nbase_url = "${model.url}/v1"\nfree = true\n${more}\n`
const models = () =>
  ['judge', 'turncoat', 'slow', 'plain'].map((name) => endpoint(name)).join('') +
  endpoint('kin', 'model = "judge-small"') +
  endpoint('dear', 'model = "judge"\nfamily = "other"')

/** House.toml is read anew for each review. */
const reviewers = (names: string[], minutes = 5): Promise<void> =>
  writeFile(
    join(house.dataDir, 'house.toml'),
    `${models()}\n[panel]\nreviewers = ${JSON.stringify(names)}\nminutes = ${minutes}\n[advisories]\nosv = "osv"\n`,
  )

const asked = (name: string) => model.requests.filter((one) => one.model === name)

const steps = [{ do: 'edit', path: 'src/sum.js', old: 'a - b', new: 'eval(a + b)' }]
const submit = (more: object = {}) =>
  house.client.submitTask({
    body: { project: repo, prompt: scriptedPrompt('Let the sum add', steps), contenders: ['scripted'], ...more },
  })

beforeAll(async () => {
  model = await startScriptedModel({ script })
  house = await openTestHouse()
  repo = await makeRepo({
    'package.json': JSON.stringify({ name: 'sample', type: 'module', private: true }),
    'src/sum.js': 'export const sum = (a, b) => a - b\n',
  })
})
afterAll(async () => {
  await removeRepo(repo)
  await house.close()
  await model.close()
})

test('they vote beside the rules: both orders, no names, findings that point somewhere, on their own account', async () => {
  await reviewers(['skeptic+judge', 'builder+turncoat', 'product+gone', 'futurist+plain'])
  const task = await submit()
  const ready = await house.until(task.id, 'waiting')
  const panel = await house.client.getPanel({ params: { id: task.id } })
  expect(panel.reviews.map(({ stance, engine }) => `${stance} ${engine}`)).toEqual([
    ...['builder rules', 'skeptic rules', 'futurist rules', 'product rules'],
    ...['skeptic model:judge', 'builder model:turncoat', 'product model:gone', 'futurist model:plain'],
  ])
  const [skeptic, builder, product, futurist] = panel.reviews.slice(4)
  expect(skeptic).toMatchObject({ vote: 'skip', pShip: 0.1, excluded: null, findings: [real] })
  expect(skeptic?.text.split(/\s+/).length).toBeLessThanOrEqual(60)
  expect(skeptic?.text).toMatch(/\[[a-z-]+\]\.$/)
  expect(builder).toMatchObject({ vote: 'abstain', changeMyMind: 'My vote turned with the order of the material.' })
  expect(product?.excluded).toMatch(/^Could not review: There is no model gone/)
  // An endpoint that knows no schema is asked for the form in words.
  expect(futurist).toMatchObject({ vote: 'ship', excluded: null })

  const prompts = asked('judge').map(({ lastUser }) => lastUser)
  expect(prompts.map((text) => text.indexOf('What was asked for') < text.lastIndexOf('= Diff\n'))).toEqual([
    true,
    false,
  ])
  for (const text of prompts) expect(text).not.toContain('scripted')
  expect(asked('judge')[0]?.body.response_format.type).toBe('json_schema')

  expect(panel.usage).toMatchObject({ micros: 0 })
  // Two each, and one more for the form that was refused.
  expect(panel.usage?.calls).toBe(7)
  expect(panel.usage?.inputTokens).toBeGreaterThan(500)
  expect(ready.trials[0]?.usage.calls).toBe(0)
  const { events } = await house.client.listEvents({ query: { task: task.id, limit: 1000 } })
  const given = events.map(({ body }) => body).filter((body) => body.type === 'review.given')
  const names = (list: { stance: string; engine: string }[]) => list.map(({ stance, engine }) => `${stance} ${engine}`)
  expect(names(given).toSorted()).toEqual(names(panel.reviews).toSorted())
  expect(given.find(({ engine }) => engine === 'model:gone')?.text).toContain('Could not review')
})

test('a model never judges its own family, and a budget holds for reviewers too', async () => {
  await reviewers(['skeptic+judge', 'builder+dear'])
  const before = asked('judge').length
  const task = await submit({ contenders: ['scripted+kin'], budget: { tokens: 300 } })
  await house.until(task.id, 'waiting')
  const { reviews } = await house.client.getPanel({ params: { id: task.id } })
  expect(reviews.at(-2)?.excluded).toMatch(/same family/)
  expect(reviews.at(-1)?.excluded).toMatch(/Could not review: The task's budget of 300 tokens is spent/)
  expect(asked('judge')).toHaveLength(before)
})

test('one that does not answer is left after its time, and the task goes on', async () => {
  await reviewers(['skeptic+slow'], 0.02)
  const task = await submit()
  const ready = await house.until(task.id, 'waiting')
  expect(ready.trials[0]?.state).toBe('ready')
  const { reviews } = await house.client.getPanel({ params: { id: task.id } })
  expect(reviews.at(-1)).toMatchObject({
    vote: 'abstain',
    excluded: 'Could not review: no answer within 0.02 minutes.',
  })
})

test('what was said before a stop is not asked and paid for again', async () => {
  await reviewers(['skeptic+judge', 'builder+slow'], 5)
  const before = [asked('judge').length, asked('slow').length] as const
  const task = await submit()
  // The second model never answers; the first one's word is kept and told meanwhile.
  for await (const { body } of house.client.follow({ after: task.seq, task: task.id })) {
    if (body.type === 'review.given' && body.engine === 'model:judge') break
  }
  await reviewers(['skeptic+judge', 'builder+slow'], 0.02)
  await house.restart()
  await house.until(task.id, 'waiting')
  const { reviews } = await house.client.getPanel({ params: { id: task.id } })
  expect(reviews.slice(4).map(({ engine, excluded }) => [engine, excluded === null])).toEqual([
    ['model:judge', true],
    ['model:slow', false],
  ])
  expect(asked('judge')).toHaveLength(before[0] + 2)
  expect(asked('slow').length).toBeGreaterThan(before[1])
})

test('a lockfile that pins a known vulnerable version is vetoed, with the advisory and the line', async () => {
  await reviewers([])
  await mkdir(join(house.dataDir, 'osv'))
  const ranges = [{ type: 'SEMVER', events: [{ introduced: '0' }, { fixed: '1.2.0' }] }]
  const advisory = {
    id: 'GHSA-door',
    summary: 'opens doors',
    modified: '2026-11-01T00:00:00Z',
    database_specific: { severity: 'CRITICAL' },
    affected: [{ package: { ecosystem: 'npm', name: 'door' }, ranges }],
  }
  await writeFile(join(house.dataDir, 'osv/GHSA-door.json'), JSON.stringify(advisory))
  const lock = (version: string) =>
    JSON.stringify({ lockfileVersion: 3, packages: { 'node_modules/door': { version } } }, null, 2)
  for (const [version, veto] of [
    ['1.1.9', true],
    ['1.2.0', false],
  ] as const) {
    const prompt = scriptedPrompt('Lock door', [{ do: 'write', path: 'package-lock.json', text: lock(version) }])
    const task = await submit({ prompt })
    await house.until(task.id, 'waiting')
    const call = { params: { id: task.id } }
    const { signals } = await house.client.getEvidence(call)
    const found = signals.find(({ kind }) => kind === 'vulnerabilities')
    expect(found?.sentence).toContain('2026-11-01')
    expect(found).toMatchObject({ state: 'measured', verdict: veto ? 'bad' : 'good' })
    const places = [{ path: 'package-lock.json', line: 5, text: 'GHSA-door: opens doors' }]
    expect(found?.places).toEqual(veto ? places : [])
    const { vetoes } = await house.client.getPanel(call)
    expect(vetoes.filter((one) => one.includes('[vulnerabilities]'))).toHaveLength(veto ? 1 : 0)
  }
})
