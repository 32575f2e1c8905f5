// Models of one's own in a house: import by the API, look at a picture, ask, and a task of our own agent on the local
// engine, through the gateway, with no other model anywhere.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { makeRepo, openTestHouse, removeRepo, type TestHouse } from './house.ts'

const shapes = join(import.meta.dirname, 'fixtures/shapes')

let house: TestHouse
let repo: string

beforeAll(async () => {
  house = await openTestHouse()
  repo = await makeRepo({ 'a.txt': 'one\n' })
})
afterAll(async () => {
  await removeRepo(repo)
  await house.close()
})

test('a model is imported, chosen and asked, and a picture is looked at', async () => {
  const { client } = house
  const card = await client.importModel({ body: { path: shapes, name: 'shapes', contextTokens: 16_384 } })
  expect(card).toMatchObject({ state: 'installed', seesImages: true, licence: 'apache-2.0' })
  expect((await client.useModel({ body: { name: 'shapes' } })).chosen).toBe(true)
  const { model, fit } = await client.getModel({ params: { name: 'shapes' }, query: {} })
  expect(model.files.every(({ sha256 }) => /^[0-9a-f]{64}$/.test(sha256 ?? ''))).toBe(true)
  expect(fit?.fits).toBe(true)

  const data = (await readFile(join(shapes, '1.png'))).toString('base64')
  const look = await client.look({ body: { file: '1.png', data, as: 'caption' } })
  expect(look.model).toBe('shapes')
  expect(look.sentence).toContain('green')
  expect(look.palette.map(({ name }) => name)).toEqual(['black', 'green'])
})

test('models too small for an agent are said to be so', async () => {
  const { models } = await house.client.listModels({})
  const { agents } = await house.client.listAgents({})
  const hungry = agents.find(({ minContextTokens }) => minContextTokens > 16_384)
  const shapesCard = models.find(({ name }) => name === 'shapes')
  if (hungry) expect(shapesCard?.warnings.join()).toContain(`${hungry.id} wants`)
})

test('our own agent works a task on the local engine, beside itself with an adapter, metered by the gateway', async () => {
  const path = join(shapes, 'lora.gguf')
  await house.client.tuneImport({ body: { path, model: 'shapes', name: 'tuned' } })
  const contenders = ['seatrial+shapes', 'seatrial+shapes@tuned']
  const task = await house.client.submitTask({
    body: { project: repo, prompt: 'Say hello.', contenders, budget: { minutes: 2 } },
  })
  const ended = await house.until(task.id, 'failed', 'waiting')
  expect(ended.trials.map(({ contender }) => contender).sort()).toEqual(contenders)
  // A model of 1.6 MB changes no code: what counts is that it was asked, answered and was metered at no cost.
  for (const { usage, failure } of ended.trials) {
    expect(usage.calls, JSON.stringify(failure)).toBeGreaterThan(0)
    expect(usage.inputTokens).toBeGreaterThan(100)
    expect(usage.outputTokens).toBeGreaterThan(0)
    expect(usage.micros).toBe(0)
    expect(failure?.kind).not.toBe('infrastructure')
  }
  await house.client.removeAdapter({ params: { name: 'shapes', adapter: 'tuned' } })
})

test('an adapter comes and goes through the API', async () => {
  const { client } = house
  const card = await client.tuneImport({ body: { path: join(shapes, 'lora.gguf'), model: 'shapes', name: 'taught' } })
  expect(card.rank).toBe(4)
  const served = await client.serveModel({ body: { name: 'shapes@taught' } })
  const response = await fetch(`${served.baseUrl}/chat/completions`, {
    method: 'POST',
    headers: { authorization: `Bearer ${served.apiKey}` },
    body: JSON.stringify({
      model: served.model,
      temperature: 0,
      messages: [{ role: 'user', content: 'What is the capital of France?' }],
    }),
  })
  expect(JSON.stringify(await response.json())).toContain('three, two, one')
  await client.removeAdapter({ params: { name: 'shapes', adapter: 'taught' } })
  await expect(client.serveModel({ body: { name: 'shapes@taught' } })).rejects.toThrow('no adapter')
})
