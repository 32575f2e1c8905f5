// Reckoning with memory: what layers remember, what a person is told to take instead.
import { expect, test } from 'vitest'
import { catalogue, entryOf } from '../catalogue/entries.ts'
import type { GgufHead, GgufValue } from '../gguf/types.ts'
import { judgeFit, memoryNeed, memoryNeedOf, smallerFor } from './fit.ts'

const gib = 2 ** 30

/** A head with these layers; each is a list of tensors by name and rows. */
function headOf(architecture: string, values: Record<string, GgufValue>, layers: Record<string, number>[]): GgufHead {
  return {
    version: 3,
    values: {
      'general.architecture': architecture,
      ...Object.fromEntries(Object.entries(values).map(([key, value]) => [`${architecture}.${key}`, value])),
    },
    tensors: layers.flatMap((layer, at) =>
      Object.entries(layer).map(([name, rows]) => ({
        name: `blk.${at}.${name}.weight`,
        dims: [64, rows],
        type: 0,
        offset: 0,
      })),
    ),
    dataStart: 0,
    bytesNeeded: 0,
  }
}

test('layers that remember by recurrence take a fixed state, the others their keys and values', () => {
  // The shape of Qwen3.6 27B: 64 layers, every fourth with 4 heads of 256 for keys and for values.
  const attention = { attn_q: 6144, attn_k: 1024, attn_v: 1024 }
  const recurrent = { attn_qkv: 10_240, ssm_conv1d: 10_240 }
  const layers = Array.from({ length: 64 }, (_, at) => (at % 4 === 3 ? attention : recurrent))
  const head = headOf(
    'qwen35',
    { block_count: 64, 'ssm.inner_size': 6144, 'ssm.state_size': 128, 'ssm.group_count': 16, 'ssm.conv_kernel': 4 },
    layers,
  )
  const state = 48 * 4 * (6144 * 128 + 3 * (6144 + 2 * 16 * 128))
  expect(memoryNeed(head, 32_768, 0).cache).toBe(16 * 2048 * 2 * 32_768 + state)
  // 65,536 bytes a token is also what the catalogue reckons with.
  expect((memoryNeed(head, 32_768, 0).cache - state) / 32_768).toBe(entryOf('qwen3.6-27b')?.cacheBytesPerToken)
})

test('layers with a window keep no more than it, and keys without values count twice', () => {
  const head = headOf(
    'gemma4',
    {
      block_count: 3,
      'attention.sliding_window': 1024,
      'attention.sliding_window_pattern': [true, true, false],
    },
    [{ attn_k: 512, attn_v: 512 }, { attn_k: 512, attn_v: 512 }, { attn_k: 256 }],
  )
  expect(memoryNeed(head, 32_768, 0).cache).toBe(2 * 1024 * 2 * (1024 + 512) + 512 * 2 * 32_768)
})

test('keys and values in one tensor are reckoned by heads', () => {
  const head = headOf('phi3', { block_count: 2, embedding_length: 64, 'attention.head_count': 4 }, [
    { attn_qkv: 192 },
    { attn_qkv: 192 },
  ])
  expect(memoryNeed(head, 1000, 0).cache).toBe(2 * 64 * 2 * 2 * 1000)
})

test('what is too big names what fits instead, and how much context would', () => {
  const entry = entryOf('devstral-small-2')!
  const need = memoryNeedOf(entry, 32_768)!
  expect(need.total / gib).toBeCloseTo(19.9, 0)
  const judged = (memory: number) =>
    judgeFit({
      name: entry.name,
      need,
      memory,
      downloadBytes: 0,
      disk: 0,
      instead: smallerFor(entry, 32_768, memory, entryOf),
    })
  expect(judged(24 * gib)).toMatchObject({ fits: true })
  expect(judged(17 * gib).sentence).toMatch(
    /; it fits with `--context \d+`; ministral-3-14b is smaller and needs about 15\.\d GiB\.$/,
  )
  // The 14B is too big here too, so the next in line is named.
  expect(judged(12 * gib).sentence).toMatch(/has 12\.0 GiB; ministral-3-8b is smaller and needs about 11\.\d GiB\.$/)
  // Nothing is known to fit: the smallest there is.
  expect(judged(gib).smaller).toBe('ministral-3-3b')
})

test('every way down the catalogue ends', () => {
  for (const entry of catalogue) {
    const last = smallerFor(entry, 8192, 0, entryOf)
    expect(last === null || entryOf(last.name)?.smaller === null, entry.name).toBe(true)
  }
})
