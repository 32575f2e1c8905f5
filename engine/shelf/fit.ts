// Will it fit? Memory by formula from the head of the weights, against what this machine has, with the numbers said.
import type { Fit, MemoryNeed } from '@seatrial/protocol'
import type { Entry } from '../catalogue/entry.ts'
import { headNumber } from '../gguf/read.ts'
import { type GgufHead, tensorBytes } from '../gguf/types.ts'

/** Tokens read at once. */
const batch = 512
const fixedBytes = 512 << 20

/**
 * Bytes by what needs them. `cache` follows the tensors: what each layer's keys and values are wide, at 16 bits, as far
 * back as that layer looks. `compute` is an estimate: measured on a 24B model at 8K it was 2.0 GiB against 1.9 here.
 */
export function memoryNeed(head: GgufHead, contextTokens: number, projectorBytes: number): MemoryNeed {
  const weights = head.tensors.reduce((sum, tensor) => sum + (tensorBytes(tensor) ?? 0), 0)
  const width = headNumber(head, 'embedding_length') ?? 0
  const vocabulary = headNumber(head, 'vocab_size') ?? listLength(head, 'tokenizer.ggml.tokens')
  const inner = headNumber(head, 'feed_forward_length') ?? width * 4
  return added({
    contextTokens,
    weights,
    cache: cacheBytes(head, contextTokens),
    projector: projectorNeed(projectorBytes),
    compute: fixedBytes + batch * 4 * (vocabulary + 6 * inner + 8 * width) * 2,
  })
}

/** The same before anything is fetched, from what the catalogue knows; null where it does not know the sizes. */
export function memoryNeedOf(entry: Entry, contextTokens: number): MemoryNeed | null {
  const bytes = (part: 'weights' | 'projector') => entry.files.find((file) => file.part === part)?.bytes
  const weights = bytes('weights')
  if (weights === undefined || weights === null) return null
  return added({
    contextTokens,
    weights,
    cache: entry.cacheBytesPerToken * contextTokens,
    projector: projectorNeed(bytes('projector') ?? 0),
    compute: 3 * fixedBytes,
  })
}

const added = (parts: Omit<MemoryNeed, 'total'>): MemoryNeed => ({
  ...parts,
  total: parts.weights + parts.cache + parts.projector + parts.compute,
})
const projectorNeed = (bytes: number) => Math.round(bytes * 1.2)

/** Layers that remember by recurrence keep one state whatever the context; layers with a window keep no more than it. */
function cacheBytes(head: GgufHead, contextTokens: number): number {
  const rows = new Map<number, { keys: number; values: number; recurrent: boolean }>()
  for (const { name, dims } of head.tensors) {
    const match = /^blk\.(\d+)\.(attn_k|attn_v|ssm_conv1d)\.weight$/.exec(name)
    if (!match) continue
    const layer = rows.get(Number(match[1])) ?? { keys: 0, values: 0, recurrent: false }
    rows.set(Number(match[1]), layer)
    if (match[2] === 'attn_k') layer.keys = dims[1] ?? 0
    else if (match[2] === 'attn_v') layer.values = dims[1] ?? 0
    else layer.recurrent = true
  }
  const kept = [...rows].filter(([, { keys }]) => keys > 0)
  if (kept.length === 0) return cacheByHead(head, contextTokens)
  const windowed = head.values[`${head.values['general.architecture']}.attention.sliding_window_pattern`]
  const window = headNumber(head, 'attention.sliding_window') ?? contextTokens
  const cache = kept.reduce((sum, [at, { keys, values }]) => {
    const tokens =
      Array.isArray(windowed) && windowed[at] === true ? Math.min(contextTokens, window + batch) : contextTokens
    // A layer without values of its own uses its keys as values.
    return sum + (keys + (values || keys)) * 2 * tokens
  }, 0)
  return cache + [...rows.values()].filter(({ recurrent }) => recurrent).length * stateBytes(head)
}

/** A recurrent layer's state at 32 bits: its matrix, and the last inputs of its convolution. */
function stateBytes(head: GgufHead): number {
  const number = (key: string) => headNumber(head, `ssm.${key}`) ?? 0
  const [inner, state, groups, kernel] = [
    number('inner_size'),
    number('state_size'),
    number('group_count'),
    number('conv_kernel'),
  ]
  return 4 * (inner * state + Math.max(0, kernel - 1) * (inner + 2 * groups * state))
}

/** For files that keep keys, queries and values in one tensor: by head counts, as if every layer remembered all. */
function cacheByHead(head: GgufHead, contextTokens: number): number {
  const layers = headNumber(head, 'block_count') ?? 0
  const heads = headNumber(head, 'attention.head_count') ?? 1
  const perHead = (headNumber(head, 'embedding_length') ?? 0) / heads
  const keys = headNumber(head, 'attention.key_length') ?? perHead
  const values = headNumber(head, 'attention.value_length') ?? perHead
  return layers * (headNumber(head, 'attention.head_count_kv') ?? heads) * (keys + values) * 2 * contextTokens
}

/** The judgement, as one sentence with the numbers. */
export function judgeFit(input: {
  name: string
  need: MemoryNeed
  memory: number
  downloadBytes: number
  disk: number
  /** What to take instead, with what it needs where that is known. */
  instead: Instead | null
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
  const sentence = !enoughMemory
    ? `${sum} and this machine has ${gib(memory)}${shorterSentence(need, memory)}${insteadSentence(input.instead)}.`
    : !enoughDisk
      ? `${input.name} is ${gib(downloadBytes)} and the disk has ${gib(disk)} free.`
      : `${sum}; this machine has ${gib(memory)}.`
  return {
    fits: enoughMemory && enoughDisk,
    need,
    memory,
    downloadBytes,
    disk,
    smaller: input.instead?.name ?? null,
    sentence,
  }
}

export interface Instead {
  name: string
  /** Bytes of memory, or null when they are not known. */
  total: number | null
}

/** The next smaller model that fits, or the smallest there is when none is known to. */
export function smallerFor(
  entry: Entry,
  contextTokens: number,
  memory: number,
  find: (name: string) => Entry | null,
): Instead | null {
  let last: Instead | null = null
  const seen = new Set([entry.name])
  for (let name = entry.smaller; name !== null && !seen.has(name); ) {
    seen.add(name)
    const next = find(name)
    const need = next && memoryNeedOf(next, Math.min(contextTokens, next.contextTokens))
    last = { name, total: need?.total ?? null }
    if (need && need.total <= memory) return last
    name = next?.smaller ?? null
  }
  return last
}

const insteadSentence = (instead: Instead | null) =>
  instead === null
    ? ''
    : `; ${instead.name} is smaller${instead.total === null ? '' : ` and needs about ${gib(instead.total)}`}`

/** Less context makes room: offered where at least 8,192 tokens are left, which is what agents need at the least. */
function shorterSentence(need: MemoryNeed, memory: number): string {
  const perToken = need.cache / need.contextTokens
  const tokens = Math.floor((memory - (need.total - need.cache)) / perToken / 1024) * 1024
  return tokens >= 8192 ? `; it fits with \`--context ${tokens}\`` : ''
}

export const gib = (bytes: number): string =>
  bytes < 1 << 30 ? `${Math.ceil(bytes / (1 << 20))} MiB` : `${(bytes / (1 << 30)).toFixed(1)} GiB`

function listLength(head: GgufHead, key: string): number {
  const value = head.values[key]
  return Array.isArray(value) ? value.length : 0
}
