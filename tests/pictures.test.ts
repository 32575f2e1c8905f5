// Pictures given to a task: an agent on a model that sees gets them, one on a model that does not gets them in words.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type ScriptedModel, startScriptedModel } from '../scripted/model.ts'
import { makeRepo, openTestHouse, removeRepo, type TestHouse } from './house.ts'

let model: ScriptedModel
let house: TestHouse
let repo: string
beforeAll(async () => {
  model = await startScriptedModel({ script: { rules: [{ when: {}, steps: [{ text: 'Seen.' }] }] } })
  const at = (name: string, more = '') => `[models.${name}]\nbase_url = "${model.url}/v1"\nfree = true\n${more}`
  house = await openTestHouse({ houseToml: `${at('eyes', 'sees_images = true\n')}${at('words')}` })
  repo = await makeRepo({ 'a.txt': 'one\n' })
})
afterAll(async () => {
  await removeRepo(repo)
  await house.close()
  await model.close()
})

test('one sees the picture, the other reads what is on it', async () => {
  const data = (await readFile(join(import.meta.dirname, 'fixtures/pictures/error.png'))).toString('base64')
  const task = await house.client.submitTask({
    body: {
      project: repo,
      prompt: 'Say what is wrong.',
      contenders: ['seatrial+eyes', 'seatrial+words'],
      images: [{ name: 'error.png', mediaType: 'image/png', data }],
      budget: { minutes: 2 },
    },
  })
  await house.until(task.id, 'failed', 'waiting')
  const asked = (name: string) => model.requests.filter((request) => request.model === name)
  const text = (name: string) => JSON.stringify(asked(name).map(({ body }) => body))
  expect(asked('eyes').map(({ images }) => images)).toContain(1)
  expect(text('eyes')).not.toContain('TypeError: x is undefined')
  expect(asked('words').length).toBeGreaterThan(0)
  expect(asked('words').every(({ images }) => images === 0)).toBe(true)
  expect(text('words')).toContain('described because you cannot see them')
  expect(text('words')).toContain('> TypeError: x is undefined')
})
