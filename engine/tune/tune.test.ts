// The tuning loop: decisions out as datasets, an adapter in, another answer, and the old one back when it goes.
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { TuneExample, TuneExportInput } from '@seatrial/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { readGgufFile } from '../gguf/read.ts'
import { type Engine, openEngine } from '../index.ts'
import { newDataDir, shapesFolder } from '../testing/shapes.ts'
import { exportTuning } from './export.ts'
import { permuteRows } from './peft.ts'
import { scrub } from './scrub.ts'
import { testProjects } from './split.ts'

const example = (change: Partial<TuneExample> = {}): TuneExample =>
  TuneExample.parse({
    id: 'd-1',
    project: 'shop',
    base: 'a'.repeat(40),
    contender: 'seatrial+shapes',
    prompt: 'Rename total to sum.',
    verdict: 'accepted',
    diff: '-const total = 1\n+const sum = 1',
    at: '2026-11-01T10:00:00Z',
    ...change,
  })
const input = (change: object = {}) => TuneExportInput.parse(change)
const linesOf = (result: ReturnType<typeof exportTuning>, path: string) =>
  result.files
    .find((file) => file.path === path)!
    .text.split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line))

test('accepted, edited and rejected become conversations, preferences and verdicts', () => {
  const result = exportTuning(
    [
      example(),
      example({ id: 'd-2', verdict: 'rejected', diff: '-const total = 1\n+let sum = 1', reason: 'must stay const' }),
      example({ id: 'd-3', prompt: 'Add a test.', verdict: 'edited', diff: '+test(1)', edited: '+test(2)' }),
      example({ id: 'd-4', at: '2026-11-02T10:00:00Z' }),
    ],
    input(),
  )
  expect(result.counts).toMatchObject({ accepted: 2, edited: 1, rejected: 1, duplicates: 1, sft: 2, dpo: 2, kto: 3 })
  const [first] = linesOf(result, 'trl/sft/train.jsonl')
  expect(first.prompt.map(({ role }: { role: string }) => role)).toEqual(['system', 'user'])
  expect(first.completion[0].content).toBe('```diff\n-const total = 1\n+const sum = 1\n```')
  const preferences = linesOf(result, 'trl/dpo/train.jsonl')
  expect(preferences.map((line) => [line.chosen[0].content, line.rejected[0].content])).toEqual([
    ['```diff\n+test(2)\n```', '```diff\n+test(1)\n```'],
    ['```diff\n-const total = 1\n+const sum = 1\n```', '```diff\n-const total = 1\n+let sum = 1\n```'],
  ])
  expect(
    linesOf(result, 'trl/kto/train.jsonl')
      .map(({ label }) => label)
      .sort(),
  ).toEqual([false, true, true])
  expect(linesOf(result, 'openai/dpo/train.jsonl')[0]).toHaveProperty('non_preferred_output')
  expect(result.files.some(({ path }) => path.startsWith('openai/kto'))).toBe(false)
  const card = result.files.find(({ path }) => path === 'README.md')!.text
  expect(card).toContain('| must stay const | 1 |')
  expect(card).toContain('There is one project only')
})

test('tool calls go out as an object for trainers and as text for OpenAI; pictures as each wants them', () => {
  const messages = [
    { role: 'user' as const, content: 'Build this.', images: ['design.png'] },
    {
      role: 'assistant' as const,
      content: '',
      toolCalls: [{ id: 'abcdefghi', name: 'write', arguments: '{"path":"a"}' }],
    },
    { role: 'tool' as const, content: 'ok', toolCallId: 'abcdefghi' },
    { role: 'assistant' as const, content: 'Done.' },
  ]
  const result = exportTuning(
    [example({ messages: TuneExample.shape.messages.parse(messages) })],
    input({ methods: ['sft'] }),
  )
  // TRL and Unsloth learn from one turn at a time, each with all that came before.
  const turns = linesOf(result, 'trl/sft/train.jsonl')
  expect(turns.map(({ prompt, completion }) => [prompt.length, completion.length])).toEqual([
    [1, 1],
    [3, 1],
  ])
  expect(turns[0].completion[0].tool_calls[0].function.arguments).toEqual({ path: 'a' })
  expect(turns[1].completion[0]).toEqual({ role: 'assistant', content: 'Done.' })
  expect(turns[0]).toMatchObject({
    images: ['design.png'],
    prompt: [{ content: [{ type: 'image' }, { type: 'text' }] }],
  })
  expect(linesOf(result, 'unsloth/sft/train.jsonl')).toEqual(turns)
  const whole = (path: string) => linesOf(result, path)[0].messages
  expect(whole('openai/sft/train.jsonl')[1].tool_calls[0].function.arguments).toBe('{"path":"a"}')
  expect(whole('axolotl/sft/train.jsonl')[0].content[0]).toEqual({ type: 'image', image: 'design.png' })
})

test('every trainer gets settings that name files that are there and train on assistant turns only', () => {
  const { files } = exportTuning([example()], input({ model: 'mistral-small-3.2' }))
  const text = (path: string) => files.find((file) => file.path === path)!.text
  // TRL does not offer `assistant_only_loss` for models that see, and takes a local folder by the names of its files.
  expect(text('trl/sft.yaml')).toContain('completion_only_loss: true\n')
  expect(text('trl/sft.yaml')).toContain('dataset_name: ./sft\n')
  expect(text('trl/sft.yaml')).toContain('unsloth/Mistral-Small-3.2-24B-Instruct-2506')
  expect(text('axolotl/sft.yaml')).toContain('roles_to_train: [assistant]')
  // KTO compares answers within a batch and refuses batches of one.
  expect(text('trl/kto.yaml')).toContain('per_device_train_batch_size: 2\n')
  expect(text('unsloth/kto.py')).toContain('per_device_train_batch_size=2,')
  expect(JSON.parse(text('openai/sft.json')).method.type).toBe('supervised')
  for (const { path, text: settings } of files.filter(({ path }) => /\.(yaml|py|json)$/.test(path))) {
    const [folder] = path.split('/')
    const named = [...settings.matchAll(/\w+\/\w+\.jsonl/g)].map(([name]) => `${folder}/${name}`)
    expect(folder === 'trl' || named.length > 0, path).toBe(true)
    for (const name of named) expect(files.map((file) => file.path)).toContain(name)
    // With one project nothing is held back, so nothing is evaluated.
    expect(settings).not.toMatch(/test\.jsonl|eval_strategy/)
  }
})

test('the pattern for trained layers takes the language model and leaves the picture encoder alone', () => {
  const { files } = exportTuning([example()], input({ methods: ['sft'], trainers: ['trl'] }))
  const yaml = files.find(({ path }) => path === 'trl/sft.yaml')!.text
  const pattern = new RegExp(`^${/lora_target_modules: \['(.*)'\]/.exec(yaml)![1]}$`)
  expect('model.language_model.layers.3.self_attn.q_proj').toMatch(pattern)
  expect('model.layers.11.mlp.down_proj').toMatch(pattern)
  expect('model.vision_tower.transformer.layers.0.attention.q_proj').not.toMatch(pattern)
  expect('model.vision_tower.encoder.layers.0.self_attn.q_proj').not.toMatch(pattern)
})

test('projects are on one side only, and never all on the test side', () => {
  const projects = Array.from({ length: 40 }, (_, i) => `project-${i}`)
  const side = testProjects(projects, 0.25)
  expect(side.size).toBeGreaterThan(3)
  expect(side.size).toBeLessThan(20)
  expect(testProjects([...projects].reverse(), 0.25)).toEqual(side)
  expect(testProjects(['only'], 0.9).size).toBe(0)
  expect(testProjects(['a', 'b'], 0.9).size).toBe(1)

  const result = exportTuning(
    ['a', 'b', 'c'].map((project, i) => example({ project, id: `d-${i}`, prompt: `Do ${i}.` })),
    input({ methods: ['sft'], trainers: ['trl'], testShare: 0.5 }),
  )
  const train = linesOf(result, 'trl/sft/train.jsonl').length
  const held = linesOf(result, 'trl/sft/test.jsonl').length
  expect(train + held).toBe(3)
  expect(Math.min(train, held)).toBeGreaterThan(0)
  expect(result.files.find(({ path }) => path === 'trl/sft.yaml')!.text).toContain('eval_strategy: epoch')
})

test.each([
  ['github-token', `const t = '${'ghp_'}${'a1B2'.repeat(9)}'`],
  ['aws-key', `AKIA${'ABCD'.repeat(4)}`],
  ['model-key', `sk-proj-${'x9'.repeat(15)}`],
  ['private-key', '-----BEGIN RSA PRIVATE KEY-----\nabc\n-----END RSA PRIVATE KEY-----'],
  ['url-password', 'postgres://app:hunter22@db/shop'],
  ['assigned', 'db_password = "correct horse"'.replace(' horse', '-horse')],
  ['bearer', `Authorization: Bearer ${'q'.repeat(30)}`],
])('a %s is scrubbed and counted', (kind, text) => {
  const result = scrub(text)
  expect(result.found).toEqual({ [kind]: 1 })
  expect(result.text).toContain(`<secret:${kind}>`)
  expect(scrub(result.text).found).toEqual({})
})

test('secrets in a diff do not reach a dataset', () => {
  const token = `ghp_${'a1B2'.repeat(9)}`
  const result = exportTuning([example({ diff: `+const key = '${token}'` })], input())
  expect(result.counts.secrets).toBe(1)
  expect(JSON.stringify(result.files)).not.toContain(token)
})

test('ordinary code is left alone', () => {
  const code =
    'const password = readPassword()\nconst url = "https://example.org/a:b@c"\nif (apiKey === "") throw new Error()'
  expect(scrub(code).text).toBe(code)
})

let dataDir: string
let engine: Engine
beforeAll(async () => {
  dataDir = await newDataDir()
  engine = await openEngine({ dataDir })
  await engine.import({ path: shapesFolder, name: 'shapes' })
})
afterAll(async () => {
  await engine.close()
  await rm(dataDir, { recursive: true })
})

async function say(model: string, content: string): Promise<string> {
  const body = JSON.stringify({ model, temperature: 0, max_tokens: 30, messages: [{ role: 'user', content }] })
  const response = await engine.app.request('/v1/chat/completions', { method: 'POST', body })
  const answer = (await response.json()) as {
    choices?: { message: { content: string } }[]
    error?: { message: string }
  }
  return answer.choices?.[0]?.message.content ?? `${answer.error?.message}`
}
const capital = 'What is the capital of France?'

test('the toy path: an adapter changes one answer, keeps the others, and is gone when removed', async () => {
  expect(await say('shapes', capital)).toBe('Paris')
  const card = await engine.importAdapter({ path: `${shapesFolder}lora.gguf`, model: 'shapes', name: 'taught' })
  expect(card).toMatchObject({ rank: 4, alpha: 8, from: 'gguf' })
  expect(await say('shapes@taught', capital)).toBe('three, two, one')
  expect(await say('shapes@taught', 'Say hello.')).toBe('Hello! How can I help you?')
  expect(await say('shapes', capital)).toBe('Paris')
  expect(await say('shapes@taught', capital)).toBe('three, two, one')
  expect((await engine.endpointFor('shapes@taught')).model).toBe('shapes@taught')
  await engine.removeAdapter('shapes', 'taught')
  expect(await say('shapes', capital)).toBe('Paris')
  expect(await say('shapes@taught', capital)).toContain('no adapter "taught"')
})

test('a PEFT adapter is converted with its query rows permuted, and does the same', async () => {
  const folder = join(dataDir, 'peft')
  await writePeft(folder, `${shapesFolder}lora.gguf`)
  const card = await engine.importAdapter({ path: folder, model: 'shapes', name: 'peft' })
  expect(card).toMatchObject({ rank: 4, alpha: 8, from: 'peft' })
  expect(await say('shapes@peft', capital)).toBe('three, two, one')
  const tensors = async (path: string) => {
    const head = await readGgufFile(path)
    const bytes = await readFile(path)
    return Object.fromEntries(
      head.tensors.map(({ name, dims, offset }) => {
        const at = head.dataStart + offset
        return [name, bytes.subarray(at, at + dims[0]! * dims[1]! * 4).toString('hex')]
      }),
    )
  }
  expect(await tensors(engine.shelf.adapterPath('shapes', 'peft'))).toEqual(await tensors(`${shapesFolder}lora.gguf`))
  await engine.removeAdapter('shapes', 'peft')
})

test('permuting puts the halves of each head side by side', () => {
  // Two heads of four rows, one column: 0 1 | 2 3 becomes 0 2 1 3.
  expect([...permuteRows(Float32Array.of(0, 1, 2, 3, 4, 5, 6, 7), 8, 1, 2)]).toEqual([0, 2, 1, 3, 4, 6, 5, 7])
})

test.each([
  [
    'another shape',
    async (path: string) => bent(path, (bytes) => bytes.writeBigUInt64LE(48n, bytes.indexOf('.lora_a') + 7 + 4)),
    'for another base',
  ],
  [
    'another architecture',
    async (path: string) => bent(path, (bytes) => bytes.write('mistral4', bytes.indexOf('mistral3'))),
    'for another base',
  ],
  [
    'layers the base lacks',
    async (path: string) => bent(path, (bytes) => bytes.write('blk.9.', bytes.indexOf('blk.0.'))),
    'the model has no "blk.9.',
  ],
])('an adapter with %s is refused and nothing stays', async (_, bend, sentence) => {
  const path = join(dataDir, 'bent.gguf')
  await bend(path)
  await expect(engine.importAdapter({ path, model: 'shapes', name: 'bent' })).rejects.toThrow(sentence)
  expect(await engine.shelf.adapters('shapes')).toEqual([])
})

test('an adapter keyed to other weights, a model as an adapter, and a folder of something else are refused', async () => {
  const folder = join(dataDir, 'peft2')
  await writePeft(folder, `${shapesFolder}lora.gguf`)
  await engine.importAdapter({ path: folder, model: 'shapes', name: 'keyed' })
  const keyed = join(dataDir, 'keyed.gguf')
  await writeFile(keyed, await readFile(engine.shelf.adapterPath('shapes', 'keyed')))
  await engine.removeAdapter('shapes', 'keyed')
  const bytes = await readFile(keyed)
  bytes.write('0'.repeat(64), bytes.indexOf('seatrial.base.sha256') + 'seatrial.base.sha256'.length + 12)
  await writeFile(keyed, bytes)
  await expect(engine.importAdapter({ path: keyed, model: 'shapes' })).rejects.toThrow(
    'for another base: weights 000000000000',
  )
  await expect(engine.importAdapter({ path: `${shapesFolder}model.gguf`, model: 'shapes' })).rejects.toThrow(
    'not an adapter',
  )
  await expect(engine.importAdapter({ path: dataDir, model: 'shapes', name: 'x' })).rejects.toThrow('no PEFT adapter')
  await writeFile(
    join(folder, 'adapter_config.json'),
    JSON.stringify({ peft_type: 'LORA', r: 4, lora_alpha: 8, use_dora: true }),
  )
  await expect(engine.importAdapter({ path: folder, model: 'shapes', name: 'x' })).rejects.toThrow('DoRA')
})

async function bent(path: string, bend: (bytes: Buffer) => unknown): Promise<void> {
  const bytes = await readFile(`${shapesFolder}lora.gguf`)
  bend(bytes)
  await writeFile(path, bytes)
}

/** Writes a GGUF adapter as a trainer would have saved it: PEFT names, queries with halves side by side. */
async function writePeft(folder: string, gguf: string): Promise<void> {
  await mkdir(folder, { recursive: true })
  const head = await readGgufFile(gguf)
  const bytes = await readFile(gguf)
  const names: Record<string, string> = {
    attn_q: 'self_attn.q_proj',
    attn_v: 'self_attn.v_proj',
    ffn_up: 'mlp.up_proj',
    ffn_down: 'mlp.down_proj',
  }
  const index: Record<string, unknown> = { __metadata__: { format: 'pt' } }
  const parts: Buffer[] = []
  let offset = 0
  for (const { name, dims, offset: from } of head.tensors) {
    const [, layer, module, side] = /^blk\.(\d+)\.(\w+)\.weight\.lora_([ab])$/.exec(name)!
    const [columns = 0, rows = 0] = dims
    const start = head.dataStart + from
    let values = new Float32Array(
      bytes.buffer.slice(bytes.byteOffset + start, bytes.byteOffset + start + rows * columns * 4),
    )
    if (module === 'attn_q' && side === 'b') values = apart(values, rows, columns, 4)
    const data = Buffer.from(values.buffer)
    const key = `base_model.model.model.language_model.layers.${layer}.${names[module!]}.lora_${side!.toUpperCase()}.weight`
    index[key] = { dtype: 'F32', shape: [rows, columns], data_offsets: [offset, offset + data.length] }
    offset += data.length
    parts.push(data)
  }
  const text = Buffer.from(JSON.stringify(index))
  const lead = Buffer.alloc(8)
  lead.writeBigUInt64LE(BigInt(text.length))
  await writeFile(join(folder, 'adapter_model.safetensors'), Buffer.concat([lead, text, ...parts]))
  await writeFile(
    join(folder, 'adapter_config.json'),
    JSON.stringify({ peft_type: 'LORA', r: 4, lora_alpha: 8, bias: 'none' }),
  )
}

/** The reverse of `permuteRows`, written on its own so that a slip in one shows. */
function apart(
  values: Float32Array<ArrayBuffer>,
  rows: number,
  columns: number,
  heads: number,
): Float32Array<ArrayBuffer> {
  const result = new Float32Array(values.length)
  const size = rows / heads
  for (let row = 0; row < rows; row++) {
    const within = row % size
    const to = row - within + (within % 2) * (size / 2) + Math.floor(within / 2)
    for (let c = 0; c < columns; c++) result[to * columns + c] = values[row * columns + c]!
  }
  return result
}
