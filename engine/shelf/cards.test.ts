// Lists of models, warnings for agents that do not fit, and reckoning with memory.
import { rm, truncate } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { catalogue, entryOf } from '../catalogue/entries.ts'
import { dialectOf } from '../chat/dialects.ts'
import { readGguf, readGgufFile } from '../gguf/read.ts'
import { type Typed, writeGguf } from '../gguf/write.ts'
import { type Engine, openEngine } from '../index.ts'
import { newDataDir, shapesFolder } from '../testing/shapes.ts'
import { suggestedFrom, warningsFor } from './cards.ts'
import { gib, judgeFit, memoryNeed } from './fit.ts'

let dataDir: string
let engine: Engine
beforeAll(async () => {
  dataDir = await newDataDir()
  engine = await openEngine({ dataDir, contextTokens: 2048, memory: 8 * 2 ** 30 })
})
afterAll(async () => {
  await engine.close()
  await rm(dataDir, { recursive: true })
})

test('the catalogue is whole: licences, unique names, a smaller model that exists, no invented checksums', () => {
  const names = catalogue.map(({ name }) => name)
  expect(new Set(names).size).toBe(names.length)
  for (const wanted of ['mistral-small-3.1', 'mistral-small-3.2', 'devstral-small-2', 'ministral-3-8b'])
    expect(names).toContain(wanted)
  for (const entry of catalogue) {
    expect(entry.licence).toMatch(/^(Apache-2.0|MIT)$/)
    expect(entry.files[0]?.part).toBe('weights')
    if (entry.smaller) expect(entryOf(entry.smaller), entry.name).not.toBeNull()
    for (const { sha256 } of entry.files) expect(sha256 === null || /^[0-9a-f]{64}$/.test(sha256)).toBe(true)
    expect(entry.files[0]?.bytes, entry.name).toBeGreaterThan(1e8)
    // A checksum belongs to a commit; `main` moves on and would leave it behind.
    const pinned = /^[0-9a-f]{40}$/.test(entry.revision)
    expect(pinned || entry.name === 'nomic-embed-text-1.5', entry.name).toBe(true)
  }
  const unknown = catalogue.flatMap(({ name, files }) =>
    files.flatMap(({ part, sha256 }) => (sha256 === null ? [`${name} ${part}`] : [])),
  )
  expect(unknown).toEqual(['mistral-small-3.2-q3 weights', 'devstral-small-2 projector', 'ministral-3-3b projector'])
  const checksums = catalogue.flatMap(({ files }) => files.map(({ sha256 }) => sha256)).filter((each) => each !== null)
  // Two builds of one model share a projector, and nothing else is the same file.
  expect(checksums.length - new Set(checksums).size).toBe(1)
})

test('lists say what a model needs and whether it is there, without fetching', async () => {
  const cards = await engine.models()
  const card = (name: string) => cards.find((each) => each.name === name)!
  expect(card('devstral-small-2').needBytes! / 2 ** 30).toBeCloseTo(15.2, 0)
  expect(card('devstral-small-2').fits).toBe(false)
  expect(card('ministral-3-3b').fits).toBe(true)
})

test('models here come first, one is chosen, and removing it frees its bytes', async () => {
  await engine.import({ path: shapesFolder, name: 'shapes' })
  await engine.import({ path: `${shapesFolder}model.gguf`, name: 'blind' })
  await engine.use('shapes')
  const cards = await engine.models()
  expect(cards.slice(0, 2).map(({ name, chosen, seesImages }) => [name, chosen, seesImages])).toEqual([
    ['blind', false, false],
    ['shapes', true, true],
  ])
  expect(cards.length).toBe(2 + catalogue.length)
  await expect(engine.use('devstral-small-2')).rejects.toThrow('pull it first')
  await expect(engine.import({ path: shapesFolder, name: 'shapes' })).rejects.toThrow('already')
  await expect(engine.import({ path: shapesFolder, name: '../up' })).rejects.toThrow('is no name')
  expect(await engine.remove('blind')).toBeGreaterThan(1_200_000)
  await expect(engine.remove('blind')).rejects.toThrow('not on this machine')
})

test('an agent whose first prompt does not fit is warned about, with both numbers', async () => {
  const agents = [
    { id: 'big', firstPromptTokens: 12_000, minContextTokens: 32_000, wire: 'openai-chat' as const },
    { id: 'middle', firstPromptTokens: 1000, minContextTokens: 8000, wire: 'openai-chat' as const },
    { id: 'none', firstPromptTokens: 0, minContextTokens: 0, wire: 'none' as const },
  ]
  expect(warningsFor(2048, agents)).toEqual([
    "big's first prompt has 12000 tokens and this model is served with 2048.",
    'middle wants 8000 tokens of context and this model is served with 2048.',
  ])
  expect((await engine.model('shapes', undefined, agents)).model.warnings).toHaveLength(2)
})

test('a 24B model of exact size is reckoned from its head alone', async () => {
  const path = join(dataDir, 'sparse.gguf')
  await writeSparse24b(path)
  let read = 0
  const head = await readGgufFile(path)
  const bytes = head.bytesNeeded
  const { open } = await import('node:fs/promises')
  const file = await open(path)
  const again = await readGguf({
    bytes,
    async read(start, length) {
      read += length
      const buffer = new Uint8Array(length)
      await file.read(buffer, 0, length, start)
      return buffer
    },
  })
  await file.close()
  expect(read).toBeLessThan(8 << 20)
  const need = memoryNeed(again, 8192, 470e6)
  expect(gib(need.weights)).toBe('12.3 GiB')
  expect(gib(need.cache)).toBe('1.3 GiB')
  // Measured with a real engine at 8K, projector aside: 15.6 GiB.
  expect((need.total - need.projector) / 2 ** 30).toBeCloseTo(15.6, 0)
  const fit = judgeFit({
    name: 'big',
    need,
    memory: 8 * 2 ** 30,
    downloadBytes: bytes,
    disk: 1e15,
    instead: { name: 'ministral-3-3b', total: 5e9 },
  })
  expect(fit).toMatchObject({ fits: false, smaller: 'ministral-3-3b' })
  expect(fit.sentence).toMatch(
    /^big needs 16\.\d GiB of memory .* and this machine has 8\.0 GiB; ministral-3-3b is smaller and needs about 4\.7 GiB\.$/,
  )
})

test('our own template for Small 3.1 can call tools', async () => {
  const { readFile } = await import('node:fs/promises')
  const source = await readFile(new URL('../catalogue/templates/mistral-v7-tekken.jinja', import.meta.url), 'utf8')
  expect(dialectOf(source).name).toBe('mistral-list')
})

/** Head and tensors of Mistral Small 3.1 at Q4_0; the weights themselves are a hole in the file. */
async function writeSparse24b(path: string): Promise<void> {
  const [width, layers, heads, cacheHeads, headWidth, inner, vocabulary] = [5120, 40, 32, 8, 128, 32_768, 131_072]
  const u32 = (value: number): Typed => ({ type: 'uint32', value })
  const empty = { data: () => [] }
  const tensors = [
    { name: 'token_embd.weight', dims: [width, vocabulary], type: 2, ...empty },
    { name: 'output.weight', dims: [width, vocabulary], type: 2, ...empty },
    ...Array.from({ length: layers }, (_, i) => [
      { name: `blk.${i}.attn_q.weight`, dims: [width, heads * headWidth], type: 2, ...empty },
      { name: `blk.${i}.attn_k.weight`, dims: [width, cacheHeads * headWidth], type: 2, ...empty },
      { name: `blk.${i}.attn_v.weight`, dims: [width, cacheHeads * headWidth], type: 2, ...empty },
      { name: `blk.${i}.attn_output.weight`, dims: [heads * headWidth, width], type: 2, ...empty },
      { name: `blk.${i}.ffn_gate.weight`, dims: [width, inner], type: 2, ...empty },
      { name: `blk.${i}.ffn_up.weight`, dims: [width, inner], type: 2, ...empty },
      { name: `blk.${i}.ffn_down.weight`, dims: [inner, width], type: 2, ...empty },
    ]).flat(),
  ]
  await writeGguf(
    path,
    {
      'general.architecture': { type: 'string', value: 'mistral3' },
      'mistral3.block_count': u32(layers),
      'mistral3.context_length': u32(131_072),
      'mistral3.embedding_length': u32(width),
      'mistral3.feed_forward_length': u32(inner),
      'mistral3.attention.head_count': u32(heads),
      'mistral3.attention.head_count_kv': u32(cacheHeads),
      'mistral3.attention.key_length': u32(headWidth),
      'mistral3.attention.value_length': u32(headWidth),
      'mistral3.vocab_size': u32(vocabulary),
    },
    tensors,
  ).catch(() => {
    // It complains that no weights were written; the head is there.
  })
  await truncate(path, 14e9)
}

test('a first model is suggested by what the machine has, until one is here', async () => {
  const cards = (await engine.models()).filter(({ state }) => state === 'available')
  expect(suggestedFrom(cards, false)).toBe('ministral-3-3b')
  expect(suggestedFrom(cards, true)).toBe('ministral-3-8b')
  expect(engine.advice(await engine.models())).toEqual({
    memoryBytes: 8 * 2 ** 30,
    contextTokens: 2048,
    suggested: null,
  })
})

test('away from the hub a model is still shown, reckoned from the catalogue', async () => {
  const away = await openEngine({ dataDir: join(dataDir, 'away'), mirror: 'http://127.0.0.1:9', memory: 8 * 2 ** 30 })
  const { fit } = await away.model('devstral-small-2')
  expect(fit).toMatchObject({ fits: false })
  expect(fit?.sentence).toMatch(/reckoned from the catalogue: 127\.0\.0\.1:9 cannot be reached; name a mirror/)
  await away.close()
})
