// A model as reviewer: a real HTTP model endpoint with set answers; what it says is held to order, family and evidence.
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Signal } from '@seatrial/protocol'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { measureHere } from '../checks/signals/measure-here.ts'
import { testTrees } from '../checks/test-trees.ts'
import { type ModelReviewerOptions, type ModelReviewInput, modelReview } from './model-reviewer.ts'
import { reviewCandidate } from './review-candidate.ts'

const trees = testTrees()
const prompts: string[] = []
let answers: string[] = []
let server: Server
let input: ModelReviewInput
let signals: Signal[]

beforeAll(async () => {
  server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    prompts.push(JSON.parse(body).prompt)
    response.end(answers.shift() ?? '')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const made = await trees.input(
    { 'src/a.js': 'export const a = 1\n' },
    { 'src/a.js': '// by Devstral, Co-authored-by: x\n// jane@example.org\nexport const a = eval("2")\n' },
    { prompt: 'Let `a` be two. Ask claude if unsure.' },
  )
  signals = await measureHere(made)
  input = {
    tree: made.tree,
    diff: made.diff,
    signals,
    prompt: made.prompt,
    contenderFamilies: ['Qwen'],
    contenderNames: ['opencode+devstral'],
  }
})
afterAll(() => {
  server.close()
  trees[Symbol.dispose]()
})

const options = (more: Partial<ModelReviewerOptions> = {}): ModelReviewerOptions => ({
  ask: async (prompt, schema) => {
    const { port } = server.address() as AddressInfo
    const reply = await fetch(`http://127.0.0.1:${port}/`, { method: 'POST', body: JSON.stringify({ prompt, schema }) })
    return reply.text()
  },
  model: 'ministral',
  family: 'mistral',
  stance: 'skeptic',
  ...more,
})
const says = (vote: string, pShip: number, findings: object[] = []): string =>
  `Sure!\n${JSON.stringify({ vote, pShip, findings, changeMyMind: 'No eval.' })}`

it('asks twice, in both orders, with names stripped', async () => {
  prompts.length = 0
  answers = [says('skip', 0.2), says('skip', 0.3)]
  const review = await modelReview(options(), input)
  expect(review).toMatchObject({ vote: 'skip', engine: 'model:ministral', excluded: null })
  expect(prompts).toHaveLength(2)
  const order = (prompt: string): boolean => prompt.indexOf('What was asked for') < prompt.lastIndexOf('= Diff\n')
  expect(prompts.map(order)).toEqual([true, false])
  for (const prompt of prompts) expect(prompt).not.toMatch(/devstral|claude|jane@|co-authored/i)
})

it('abstains when the vote turns with the order', async () => {
  answers = [says('ship', 0.9), says('skip', 0.2)]
  expect(await modelReview(options(), input)).toMatchObject({
    vote: 'abstain',
    pShip: 0.5,
    changeMyMind: 'My vote turned with the order of the material.',
  })
})

it('drops findings that point nowhere, doubles, and all past six', async () => {
  const real = { path: 'src/a.js', line: 3, sentence: 'eval runs whatever it is given' }
  const findings = [
    real,
    { ...real, line: 2, sentence: 'eval runs anything it is given' },
    { path: 'src/b.js', line: 3, sentence: 'No such file' },
    { path: 'src/a.js', line: 999, sentence: 'No such line' },
    { sentence: 'Vague unease' },
    { signalId: 'no-such-signal', sentence: 'Invented' },
  ]
  const distinct = ['crash', 'leak', 'speed', 'names', 'tests', 'docs', 'scope', 'style']
  const more = distinct.map((word) => ({ signalId: 'risky', sentence: `${word} ${word}ing ${word}ed` }))
  answers = [says('skip', 0.2, findings), says('skip', 0.2, more)]
  const review = await modelReview(options(), input)
  expect(review.findings).toHaveLength(6)
  expect(review.findings[0]).toEqual({ ...real, signalId: null })
  expect(review.findings.slice(1).every((one) => one.signalId === 'risky')).toBe(true)
})

it('never judges a contender of its own family, and is not even asked', async () => {
  prompts.length = 0
  const review = await modelReview(options({ family: 'qwen' }), input)
  expect(review.excluded).toMatch(/same family/)
  expect(prompts).toHaveLength(0)
  const report = reviewCandidate({ trialId: 'r', tree: input.tree, signals, today: '2026-11-23', further: [review] })
  expect(report.ship + report.skip + report.abstain).toBe(4)
})

it('takes an answer in no form for silence', async () => {
  answers = ['I think it is fine.']
  expect(await modelReview(options(), input)).toMatchObject({
    vote: 'abstain',
    excluded: 'Its answer was not in the form that was asked for.',
  })
})
