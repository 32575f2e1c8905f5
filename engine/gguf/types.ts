// The shapes of a GGUF file: typed values, tensor entries, and how many bytes a block of each tensor type takes.

export type GgufValue = number | bigint | boolean | string | GgufValue[]

export interface GgufTensor {
  name: string
  /** Fastest dimension first, as the file has them. */
  dims: number[]
  type: number
  /** From the start of the data section. */
  offset: number
}

export interface GgufHead {
  version: number
  values: Record<string, GgufValue>
  tensors: GgufTensor[]
  /** Where tensor data starts, from the start of the file. */
  dataStart: number
  /** What the file must at least hold for all tensors to be there. */
  bytesNeeded: number
}

export const valueType = {
  uint8: 0,
  int8: 1,
  uint16: 2,
  int16: 3,
  uint32: 4,
  int32: 5,
  float32: 6,
  bool: 7,
  string: 8,
  array: 9,
  uint64: 10,
  int64: 11,
  float64: 12,
} as const
export type ValueType = keyof typeof valueType

/** Tensor types by number: values per block, bytes per block. Source: ggml's type table. */
export const tensorTypes: Record<number, { name: string; values: number; bytes: number }> = {
  0: { name: 'F32', values: 1, bytes: 4 },
  1: { name: 'F16', values: 1, bytes: 2 },
  2: { name: 'Q4_0', values: 32, bytes: 18 },
  3: { name: 'Q4_1', values: 32, bytes: 20 },
  6: { name: 'Q5_0', values: 32, bytes: 22 },
  7: { name: 'Q5_1', values: 32, bytes: 24 },
  8: { name: 'Q8_0', values: 32, bytes: 34 },
  9: { name: 'Q8_1', values: 32, bytes: 36 },
  10: { name: 'Q2_K', values: 256, bytes: 84 },
  11: { name: 'Q3_K', values: 256, bytes: 110 },
  12: { name: 'Q4_K', values: 256, bytes: 144 },
  13: { name: 'Q5_K', values: 256, bytes: 176 },
  14: { name: 'Q6_K', values: 256, bytes: 210 },
  15: { name: 'Q8_K', values: 256, bytes: 292 },
  16: { name: 'IQ2_XXS', values: 256, bytes: 66 },
  17: { name: 'IQ2_XS', values: 256, bytes: 74 },
  18: { name: 'IQ3_XXS', values: 256, bytes: 98 },
  19: { name: 'IQ1_S', values: 256, bytes: 50 },
  20: { name: 'IQ4_NL', values: 32, bytes: 18 },
  21: { name: 'IQ3_S', values: 256, bytes: 110 },
  22: { name: 'IQ2_S', values: 256, bytes: 82 },
  23: { name: 'IQ4_XS', values: 256, bytes: 136 },
  24: { name: 'I8', values: 1, bytes: 1 },
  25: { name: 'I16', values: 1, bytes: 2 },
  26: { name: 'I32', values: 1, bytes: 4 },
  27: { name: 'I64', values: 1, bytes: 8 },
  28: { name: 'F64', values: 1, bytes: 8 },
  29: { name: 'IQ1_M', values: 256, bytes: 56 },
  30: { name: 'BF16', values: 1, bytes: 2 },
  34: { name: 'TQ1_0', values: 256, bytes: 54 },
  35: { name: 'TQ2_0', values: 256, bytes: 66 },
  39: { name: 'MXFP4', values: 32, bytes: 17 },
}

/** Bytes of a tensor, or null for a type this table does not know. */
export function tensorBytes(tensor: Pick<GgufTensor, 'dims' | 'type'>): number | null {
  const type = tensorTypes[tensor.type]
  if (!type) return null
  const values = tensor.dims.reduce((product, dim) => product * dim, 1)
  return Math.ceil(values / type.values) * type.bytes
}
