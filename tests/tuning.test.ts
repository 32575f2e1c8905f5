// The record that models learn from: a person takes one hunk of two, turns another candidate down, and the export says so.
// The commands run as in a terminal, against a real house.
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { addModels } from '../cli/commands/models.ts'
import { addPictures } from '../cli/commands/pictures.ts'
import { addTune } from '../cli/commands/tune.ts'
import type { Context } from '../cli/context.ts'
import { makeRepo, openTestHouse, removeRepo, scriptedPrompt, type TestHouse } from './house.ts'

const fixtures = join(import.meta.dirname, 'fixtures')

let house: TestHouse
let repo: string
let folder: string
beforeAll(async () => {
  house = await openTestHouse()
  repo = await makeRepo({ 'a.txt': 'one\n', 'b.txt': 'two\n' })
  folder = await mkdtemp(join(tmpdir(), 'seatrial-tune-'))
})
afterAll(async () => {
  await removeRepo(repo)
  await house.close()
  await rm(folder, { recursive: true })
})

async function seatrial(...words: string[]): Promise<string> {
  const said: string[] = []
  let streamed = ''
  const context = {
    dataDir: house.dataDir,
    json: false,
    interactive: false,
    client: async () => house.client,
    out: (text: string) => said.push(text),
    piece: (text: string) => {
      streamed += text
    },
    talk: () => undefined,
    document: (value: object) => said.push(JSON.stringify(value)),
    color: { green: String, dim: String, yellow: String, red: String, bold: String },
  } as unknown as Context
  const program = new Command().exitOverride()
  for (const add of [addModels, addPictures, addTune]) add(program, () => context)
  await program.parseAsync(words, { from: 'user' })
  return said.join('\n') + streamed
}

test('decisions become datasets, with what was kept beside what was offered', async () => {
  await expect(seatrial('tune', 'export', join(folder, 'none'))).rejects.toThrow('no decisions')
  const submit = (prompt: string, steps: object[]) =>
    house.client.submitTask({
      body: { project: repo, prompt: scriptedPrompt(prompt, steps), contenders: ['scripted'] },
    })
  const first = await submit('Say more', [
    { do: 'edit', path: 'a.txt', old: 'one', new: 'one more' },
    { do: 'edit', path: 'b.txt', old: 'two', new: 'two more' },
  ])
  const second = await submit('Shout', [{ do: 'edit', path: 'a.txt', old: 'one', new: 'ONE' }])
  await house.until(first.id, 'waiting')
  await house.until(second.id, 'waiting')
  await house.client.accept({ params: { id: first.id }, body: { pick: { kind: 'some', files: ['a.txt'], hunks: [] } } })
  await house.until(first.id, 'done')
  await house.client.reject({ params: { id: second.id }, body: { reason: 'too loud', code: 'style' } })

  const data = join(folder, 'data')
  expect(await seatrial('tune', 'export', data)).toMatch(/edited\s+1\nrejected\s+1/)
  const [preference] = (await readFile(join(data, 'trl', 'dpo', 'train.jsonl'), 'utf8'))
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line))
  expect(preference.chosen[0].content).toContain('+one more')
  expect(preference.chosen[0].content).not.toContain('two')
  expect(preference.rejected[0].content).toContain('+two more')
  expect(await readFile(join(data, 'README.md'), 'utf8')).toContain('| too loud | 1 |')
  await expect(seatrial('tune', 'export', data)).rejects.toThrow('exists already')
})

test('models are imported, listed, asked and removed at the terminal', async () => {
  expect(await seatrial('models', 'import', join(fixtures, 'shapes'), '--name', 'shapes')).toBe(
    'shapes is here and sees pictures',
  )
  expect(await seatrial('models', 'list')).toMatch(
    /^Here\n●\s+shapes\s+chat vision .* apache-2\.0\s+in use, sees pictures\n\nTo pull, with /,
  )
  expect(await seatrial('models', 'show', 'shapes')).toMatch(/shapes needs \d+ MiB of memory/)
  expect(await seatrial('models', 'ask', 'What is the capital of France?')).toBe('Paris\n')
  expect(
    await seatrial('models', 'ask', '-i', join(fixtures, 'shapes', '1.png'), '--', 'Describe the image.'),
  ).toContain('green')
  expect(await seatrial('models', 'serve')).toMatch(/base URL {2}http:\/\/127\.0\.0\.1:\d+\/v1/)
  expect(await seatrial('look', join(fixtures, 'shapes', '1.png'), join(fixtures, 'shapes', '2.png'))).toMatch(
    /1\.png: .*green[\s\S]*2 pictures, mostly/,
  )
  expect(
    await seatrial('tune', 'import', join(fixtures, 'shapes', 'lora.gguf'), '-m', 'shapes', '-n', 'taught'),
  ).toContain('shapes@taught is here')
  expect(await seatrial('models', 'ask', '-m', 'shapes@taught', 'What is the capital of France?')).toContain(
    'three, two, one',
  )
  expect(await seatrial('tune', 'list')).toContain('shapes@taught')
  expect(await seatrial('tune', 'rm', 'shapes@taught')).toBe('shapes@taught is gone')
  expect(await seatrial('models', 'rm', 'shapes')).toMatch(/^shapes is gone, 1\.6 MB are free/)
})
