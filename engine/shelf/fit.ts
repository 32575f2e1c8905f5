// Will it fit? Memory by formula from the head of the weights, against what this machine has, with the numbers said.
import type { Fit, MemoryNeed } from '@seatrial/protocol'
import { headNumber } from '../gguf/read.ts'
import { type GgufHead, tensorBytes } from '../gguf/types.ts'

/** Tokens read at once. */
const batch = 512
const fixedBytes = 512 << 20

/**
 * Bytes by what needs them. `cache` is exact for plain attention (keys and values of every layer at 16 bits) and high for
 * models with sliding windows. `compute` is an estimate: measured on a 24B model at 8K it was 2.0 GiB against 1.9 here.
 */
export function memoryNeed(head: GgufHead, contextTokens: number, projectorBytes: number): MemoryNeed {
  const weights = head.tensors.reduce((sum, tensor) => sum + (tensorBytes(tensor) ?? 0), 0)
  const layers = headNumber(head, 'block_count') ?? 0
  const heads = headNumber(head, 'attention.head_count') ?? 1
  const width = headNumber(head, 'embedding_length') ?? 0
  const perHead = width / heads
  const keys = headNumber(head, 'attention.key_length') ?? perHead
  const values = headNumber(head, 'attention.value_length') ?? perHead
  const cacheHeads = headNumber(head, 'attention.head_count_kv') ?? heads
  const cache = layers * cacheHeads * (keys + values) * 2 * contextTokens
  const vocabulary = headNumber(head, 'vocab_size') ?? listLength(head, 'tokenizer.ggml.tokens')
  const inner = headNumber(head, 'feed_forward_length') ?? width * 4
  const compute = fixedBytes + batch * 4 * (vocabulary + 6 * inner + 8 * width) * 2
  const projector = projectorBytes === 0 ? 0 : Math.round(projectorBytes * 1.2)
  return { contextTokens, weights, cache, projector, compute, total: weights + cache + projector + compute }
}

/** The judgement, as one sentence with the numbers. */
export function judgeFit(input: {
  name: string
  need: MemoryNeed
  memory: number
  downloadBytes: number
  disk: number
  smaller: string | null
}): Fit {
  const { need, memory, downloadBytes, disk } = input
  const parts = [
    `weights ${gib(need.weights)}`,
    `cache for ${need.contextTokens} tokens ${gib(need.cache)}`,
    ...(need.projector > 0 ? [`projector ${gib(need.projector)}`] : []),
    `compute ${gib(need.compute)}`,
  ]
  const sum = `${input.name} needs ${gib(need.total)} of memory (${parts.join(', ')})`
  const enoughMemory = need.total <= memory
  const enoughDisk = downloadBytes <= disk
  const instead = input.smaller ? `; ${input.smaller} is smaller` : ''
  const sentence = !enoughMemory
    ? `${sum} and this machine has ${gib(memory)}${instead}.`
    : !enoughDisk
      ? `${input.name} is ${gib(downloadBytes)} and the disk has ${gib(disk)} free.`
      : `${sum}; this machine has ${gib(memory)}.`
  return { fits: enoughMemory && enoughDisk, need, memory, downloadBytes, disk, smaller: input.smaller, sentence }
}

export const gib = (bytes: number): string =>
  bytes < 1 << 30 ? `${Math.ceil(bytes / (1 << 20))} MiB` : `${(bytes / (1 << 30)).toFixed(1)} GiB`

function listLength(head: GgufHead, key: string): number {
  const value = head.values[key]
  return Array.isArray(value) ? value.length : 0
}
