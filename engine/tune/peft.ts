// A PEFT LoRA adapter as a GGUF adapter. GGUF stores queries and keys with each head's halves interleaved, so the rows of
// their B matrices are permuted as the base's own were.
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '@seatrial/protocol'
import { z } from 'zod'
import { architectureOf } from '../gguf/judge.ts'
import { headNumber } from '../gguf/read.ts'
import type { GgufHead } from '../gguf/types.ts'
import { type TensorSource, type Typed, writeGguf } from '../gguf/write.ts'
import { readSafetensors, type SafeTensor } from './safetensors.ts'

const PeftConfig = z.object({
  peft_type: z.string(),
  r: z.number().int().positive(),
  lora_alpha: z.number(),
  use_dora: z.boolean().nullish(),
  use_rslora: z.boolean().nullish(),
  bias: z.string().nullish(),
  modules_to_save: z.array(z.string()).nullish(),
  rank_pattern: z.record(z.string(), z.number()).nullish(),
  alpha_pattern: z.record(z.string(), z.number()).nullish(),
  base_model_name_or_path: z.string().nullish(),
})

/** Module of a decoder layer, its GGUF name, and whose head count its B rows are permuted by. */
const modules: Record<string, { gguf: string; permute: 'query' | 'key' | null }> = {
  'self_attn.q_proj': { gguf: 'attn_q', permute: 'query' },
  'self_attn.k_proj': { gguf: 'attn_k', permute: 'key' },
  'self_attn.v_proj': { gguf: 'attn_v', permute: null },
  'self_attn.o_proj': { gguf: 'attn_output', permute: null },
  'mlp.gate_proj': { gguf: 'ffn_gate', permute: null },
  'mlp.up_proj': { gguf: 'ffn_up', permute: null },
  'mlp.down_proj': { gguf: 'ffn_down', permute: null },
}

/** Architectures whose GGUF queries and keys are stored interleaved; others are left as they are. */
const interleaved = new Set(['llama', 'mistral3', 'mistral4'])

/** Converts `folder` (adapter_config.json, adapter_model.safetensors) for a base with `weights` as its head. */
export async function convertPeft(folder: string, weights: GgufHead, baseSha256: string, to: string): Promise<void> {
  const config = await readConfig(folder)
  const tensors = await readSafetensors(join(folder, 'adapter_model.safetensors'))
  const architecture = architectureOf(weights)
  const sources = tensors.map((tensor) => convertTensor(tensor, weights, interleaved.has(architecture)))
  // rsLoRA scales by alpha / sqrt(r); GGUF knows alpha / r only, so alpha carries the difference.
  const alpha = config.use_rslora ? config.lora_alpha * Math.sqrt(config.r) : config.lora_alpha
  const text = (value: string): Typed => ({ type: 'string', value })
  await writeGguf(
    to,
    {
      'general.architecture': text(architecture),
      'general.type': text('adapter'),
      'general.name': text('adapter'),
      'adapter.type': text('lora'),
      'adapter.lora.alpha': { type: 'float32', value: alpha },
      'seatrial.base.sha256': text(baseSha256),
    },
    sources,
  )
}

async function readConfig(folder: string): Promise<z.infer<typeof PeftConfig>> {
  const text = await readFile(join(folder, 'adapter_config.json'), 'utf8').catch(() => null)
  if (text === null)
    throw new Refusal('unprocessable', `${folder} holds no adapter_config.json, so it is no PEFT adapter.`)
  const parsed = PeftConfig.safeParse(parsedJson(text))
  if (!parsed.success) throw new Refusal('unprocessable', 'The adapter_config.json is not one of a LoRA.')
  const config = parsed.data
  const cannot: [boolean, string][] = [
    [config.peft_type !== 'LORA', `it is ${config.peft_type}, and only LoRA is understood`],
    [config.use_dora === true, 'it is a DoRA, which the engines cannot apply'],
    [(config.bias ?? 'none') !== 'none', 'it changes biases'],
    [(config.modules_to_save ?? []).length > 0, `it replaces whole modules (${config.modules_to_save?.join(', ')})`],
    [Object.keys(config.rank_pattern ?? {}).length > 0, 'its ranks differ from layer to layer'],
    [Object.keys(config.alpha_pattern ?? {}).length > 0, 'its alphas differ from layer to layer'],
  ]
  const why = cannot.find(([is]) => is)
  if (why) throw new Refusal('unprocessable', `This adapter cannot be taken: ${why[1]}.`)
  return config
}

function convertTensor(tensor: SafeTensor, weights: GgufHead, permutes: boolean): TensorSource {
  const match = /\blayers\.(\d+)\.(.+)\.lora_([AB])(?:\.\w+)?\.weight$/.exec(tensor.name)
  const module = match ? modules[match[2]!] : undefined
  if (!match || !module || /vision|projector/.test(tensor.name)) {
    throw new Refusal(
      'unprocessable',
      `This adapter cannot be taken: it changes "${tensor.name}", which is outside the language model's layers.`,
    )
  }
  const [rows = 0, columns = 0] = tensor.shape
  const isB = match[3] === 'B'
  let values = tensor.values
  if (isB && permutes && module.permute) {
    const heads =
      headNumber(weights, module.permute === 'query' ? 'attention.head_count' : 'attention.head_count_kv') ?? 1
    values = permuteRows(values, rows, columns, heads)
  }
  return {
    name: `blk.${match[1]}.${module.gguf}.weight.lora_${isB ? 'b' : 'a'}`,
    dims: [columns, rows],
    type: 0,
    data: () => [new Uint8Array(values.buffer, values.byteOffset, values.byteLength)],
  }
}

/** Row `half * d/2 + i` of each head becomes row `2i + half`: halves side by side become pairs. */
export function permuteRows(values: Float32Array, rows: number, columns: number, heads: number): Float32Array {
  const perHead = rows / heads
  if (!Number.isInteger(perHead) || perHead % 2 !== 0) {
    throw new Refusal(
      'unprocessable',
      `This adapter is for another base: ${rows} rows do not divide into ${heads} heads.`,
    )
  }
  const result = new Float32Array(values.length)
  for (let head = 0; head < heads; head++) {
    for (let half = 0; half < 2; half++) {
      for (let i = 0; i < perHead / 2; i++) {
        const from = head * perHead + half * (perHead / 2) + i
        const to = head * perHead + 2 * i + half
        result.set(values.subarray(from * columns, (from + 1) * columns), to * columns)
      }
    }
  }
  return result
}

function parsedJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return null
  }
}
