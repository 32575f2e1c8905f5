// Writes a random-weight model of the 300M class with the architecture of Mistral Small 3.1 (mistral3 text, Tekken layout).

import { readGgufFile } from '../../engine/gguf/read.ts'
import { tensorBytes } from '../../engine/gguf/types.ts'
import { type TensorSource, type Typed, writeGguf } from '../../engine/gguf/write.ts'
import { templateOf } from '../../engine/shelf/load.ts'

const shape = {
  width: 1024,
  layers: 20,
  heads: 16,
  cacheHeads: 4,
  headWidth: 128,
  inner: 3072,
  vocabulary: 32_768,
  context: 32_768,
}
const [f32, q8] = [0, 8]
const architecture = 'mistral3'
const letters = 'etaoinshrdlucmfwypvbgkjqxz'

/** Two-letter words that are one token each. */
export const words: string[] = [...letters].flatMap((first) => [...letters].map((second) => first + second))

export async function writeRandomModel(path: string): Promise<void> {
  const shapes = await readGgufFile(new URL('../../tests/fixtures/shapes/model.gguf', import.meta.url).pathname)
  const base = shapes.values['tokenizer.ggml.tokens'] as string[]
  const vocabulary = [...base.slice(0, 1256)]
  for (let size = 2; vocabulary.length < shape.vocabulary; size++) {
    for (let i = 0; i < 26 ** size && vocabulary.length < shape.vocabulary; i++) {
      let word = ''
      for (let k = 0, rest = i; k < size; k++, rest = Math.floor(rest / 26)) word += letters[rest % 26]
      for (const each of [word, `\u0120${word}`]) if (vocabulary.length < shape.vocabulary) vocabulary.push(each)
    }
  }
  const u32 = (value: number): Typed => ({ type: 'uint32', value })
  const real = (value: number): Typed => ({ type: 'float32', value })
  const text = (value: string): Typed => ({ type: 'string', value })
  const own = (values: Record<string, Typed>) =>
    Object.fromEntries(Object.entries(values).map(([key, value]) => [`${architecture}.${key}`, value]))
  await writeGguf(
    path,
    {
      'general.architecture': text(architecture),
      'general.name': text('random-300m'),
      ...own({
        block_count: u32(shape.layers),
        context_length: u32(shape.context),
        embedding_length: u32(shape.width),
        feed_forward_length: u32(shape.inner),
        'attention.head_count': u32(shape.heads),
        'attention.head_count_kv': u32(shape.cacheHeads),
        'attention.key_length': u32(shape.headWidth),
        'attention.value_length': u32(shape.headWidth),
        'attention.layer_norm_rms_epsilon': real(1e-5),
        'rope.freq_base': real(1e9),
        'rope.dimension_count': u32(shape.headWidth),
        vocab_size: u32(shape.vocabulary),
      }),
      'tokenizer.ggml.model': text('gpt2'),
      'tokenizer.ggml.pre': text('tekken'),
      'tokenizer.ggml.tokens': { type: 'array', of: 'string', value: vocabulary },
      'tokenizer.ggml.token_type': { type: 'array', of: 'int32', value: vocabulary.map((_, i) => (i < 1000 ? 3 : 1)) },
      'tokenizer.ggml.merges': { type: 'array', of: 'string', value: ['a b'] },
      'tokenizer.ggml.bos_token_id': u32(1),
      'tokenizer.ggml.eos_token_id': u32(2),
      'tokenizer.ggml.unknown_token_id': u32(0),
      'tokenizer.ggml.padding_token_id': u32(11),
      'tokenizer.ggml.add_bos_token': { type: 'bool', value: true },
      'tokenizer.ggml.add_eos_token': { type: 'bool', value: false },
      'tokenizer.chat_template': text(templateOf(shapes, null)!.source),
    },
    tensors(),
  )
}

function tensors(): TensorSource[] {
  const { width, layers, heads, cacheHeads, headWidth, inner, vocabulary } = shape
  const pool = randomBlocks(32_768)
  const matrix = (name: string, columns: number, rows: number): TensorSource => {
    const dims = [columns, rows]
    return { name: `${name}.weight`, dims, type: q8, data: () => repeated(pool, tensorBytes({ dims, type: q8 })!) }
  }
  const ones = (name: string): TensorSource => ({
    name: `${name}.weight`,
    dims: [width],
    type: f32,
    data: () => [new Uint8Array(new Float32Array(width).fill(1).buffer)],
  })
  const all = [matrix('token_embd', width, vocabulary), ones('output_norm'), matrix('output', width, vocabulary)]
  for (let i = 0; i < layers; i++) {
    const at = (name: string) => `blk.${i}.${name}`
    all.push(
      ones(at('attn_norm')),
      matrix(at('attn_q'), width, heads * headWidth),
      matrix(at('attn_k'), width, cacheHeads * headWidth),
      matrix(at('attn_v'), width, cacheHeads * headWidth),
      matrix(at('attn_output'), heads * headWidth, width),
      ones(at('ffn_norm')),
      matrix(at('ffn_gate'), width, inner),
      matrix(at('ffn_up'), width, inner),
      matrix(at('ffn_down'), inner, width),
    )
  }
  return all
}

/** Q8_0 blocks: a 16-bit scale of about 0.0005, so that values spread by about 0.02, and 32 signed bytes. */
function randomBlocks(count: number): Uint8Array {
  const bytes = Buffer.alloc(count * 34)
  let state = 12_345
  for (let block = 0; block < count; block++) {
    bytes.writeUInt16LE(0x1019, block * 34)
    for (let i = 2; i < 34; i++) {
      state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
      bytes[block * 34 + i] = ((state >>> 24) - 128) >> 1
    }
  }
  return bytes
}

function* repeated(pool: Uint8Array, total: number): Generator<Uint8Array> {
  for (let left = total; left > 0; left -= pool.length) yield pool.subarray(0, Math.min(left, pool.length))
}
