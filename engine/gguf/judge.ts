// Whether weights, projector and adapter are what they claim to be and belong together.
import { Refusal } from '@seatrial/protocol'
import { headNumber } from './read.ts'
import { type GgufHead, tensorTypes } from './types.ts'

/** Text architectures that both in-process libraries load. Data: add a name when an engine learns it. */
const architectures = new Set([
  'llama',
  'mistral3',
  'mistral4',
  'qwen2',
  'qwen2moe',
  'qwen3',
  'qwen3moe',
  'qwen3next',
  'qwen3vl',
  'qwen3vlmoe',
  'qwen2vl',
  'qwen35',
  'qwen35moe',
  'gemma2',
  'gemma3',
  'gemma3n',
  'gemma4',
  'phi3',
  'glm4',
  'glm4moe',
  'deepseek2',
  'gpt-oss',
  'granite',
  'granitehybrid',
  'smollm3',
  'lfm2',
  'lfm2moe',
  'starcoder2',
  'bert',
  'nomic-bert',
  'gemma-embedding',
  'jina-bert-v2',
  'olmo2',
  'seed_oss',
])

const text = (head: GgufHead, key: string) => {
  const value = head.values[key]
  return typeof value === 'string' ? value : null
}

export const architectureOf = (head: GgufHead): string => text(head, 'general.architecture') ?? 'unknown'

/** `weights`, `projector` or `adapter`, by what the head says. */
export function partOf(head: GgufHead): 'weights' | 'projector' | 'adapter' {
  const type = text(head, 'general.type')
  if (type === 'adapter' || text(head, 'adapter.type')) return 'adapter'
  if (type === 'mmproj' || architectureOf(head) === 'clip') return 'projector'
  return 'weights'
}

export function judgeWeights(head: GgufHead): void {
  const part = partOf(head)
  if (part !== 'weights')
    throw new Refusal(
      'unprocessable',
      `This file is ${part === 'adapter' ? 'an adapter' : 'a projector'}, not a model's weights.`,
    )
  const architecture = architectureOf(head)
  if (!architectures.has(architecture)) {
    throw new Refusal('unprocessable', `The architecture "${architecture}" is not one that the engines here can run.`)
  }
  if (head.tensors.length === 0 || headNumber(head, 'block_count') === null) {
    throw new Refusal('unprocessable', 'This file describes a model but holds no weights.')
  }
}

export function judgeProjector(head: GgufHead, weights: GgufHead): void {
  if (partOf(head) !== 'projector') throw new Refusal('unprocessable', 'This file is not a picture projector.')
  const gives = Number(head.values['clip.vision.projection_dim'] ?? 0)
  const takes = headNumber(weights, 'embedding_length')
  if (gives !== 0 && takes !== null && gives !== takes) {
    throw new Refusal(
      'unprocessable',
      `This projector belongs to another model: it gives ${gives} numbers per picture token and the weights take ${takes}.`,
    )
  }
}

/** An adapter fits when every matrix it changes exists in the base with the same shape. Returns its rank. */
export function judgeAdapter(head: GgufHead, weights: GgufHead): { rank: number; alpha: number } {
  if (partOf(head) !== 'adapter') throw new Refusal('unprocessable', 'This file is not an adapter.')
  const other = (why: string) => new Refusal('unprocessable', `This adapter is for another base: ${why}.`)
  if (architectureOf(head) !== architectureOf(weights)) {
    throw other(`it was made for "${architectureOf(head)}" and the model is "${architectureOf(weights)}"`)
  }
  const base = new Map(weights.tensors.map((tensor) => [tensor.name, tensor]))
  let rank = 0
  for (const tensor of head.tensors) {
    const match = /^(.*)\.lora_([ab])$/.exec(tensor.name)
    if (!match) throw other(`it has a tensor "${tensor.name}" that is no part of a LoRA`)
    const target = base.get(match[1]!)
    if (!target) throw other(`the model has no "${match[1]}"`)
    const [inside, outside] = match[2] === 'a' ? [tensor.dims[0], target.dims[0]] : [tensor.dims[1], target.dims[1]]
    if (inside !== outside) throw other(`"${match[1]}" has ${outside} where the adapter has ${inside}`)
    rank = Math.max(rank, match[2] === 'a' ? (tensor.dims[1] ?? 1) : (tensor.dims[0] ?? 1))
  }
  if (rank === 0) throw new Refusal('unprocessable', 'This adapter changes nothing: it has no tensors.')
  return { rank, alpha: Number(head.values['adapter.lora.alpha'] ?? rank) }
}

/** Name of the most used type among the large tensors, e.g. `Q4_K`. */
export function mainType(head: GgufHead): string {
  const bytes = new Map<number, number>()
  for (const { type, dims } of head.tensors) {
    if (dims.length > 1) bytes.set(type, (bytes.get(type) ?? 0) + dims.reduce((a, b) => a * b, 1))
  }
  const [largest] = [...bytes].sort((a, b) => b[1] - a[1])
  return largest ? (tensorTypes[largest[0]]?.name ?? 'unknown') : 'unknown'
}
