// Writes GGUF v3: adapters that we convert, and random-weight models for measurements.
import { open } from 'node:fs/promises'
import { tensorBytes, type ValueType, valueType } from './types.ts'

export type Typed =
  | { type: Exclude<ValueType, 'array'>; value: number | bigint | boolean | string }
  | { type: 'array'; of: Exclude<ValueType, 'array'>; value: (number | bigint | boolean | string)[] }

export interface TensorSource {
  name: string
  dims: number[]
  type: number
  data: () => Iterable<Uint8Array>
}

const alignment = 32
const padding = (length: number) => (alignment - (length % alignment)) % alignment

/** Writes a whole file; the bytes of every tensor must be exactly what its type and dimensions say. */
export async function writeGguf(
  path: string,
  values: Record<string, Typed>,
  tensors: readonly TensorSource[],
): Promise<void> {
  const parts: Uint8Array[] = [
    Buffer.from('GGUF'),
    scalar('uint32', 3),
    scalar('uint64', tensors.length),
    scalar('uint64', Object.keys(values).length),
  ]
  for (const [key, typed] of Object.entries(values)) {
    parts.push(text(key), scalar('uint32', valueType[typed.type]))
    if (typed.type === 'array') {
      parts.push(scalar('uint32', valueType[typed.of]), scalar('uint64', typed.value.length))
      for (const item of typed.value) parts.push(scalar(typed.of, item))
    } else parts.push(scalar(typed.type, typed.value))
  }
  let offset = 0
  for (const tensor of tensors) {
    parts.push(text(tensor.name), scalar('uint32', tensor.dims.length))
    for (const dim of tensor.dims) parts.push(scalar('uint64', dim))
    parts.push(scalar('uint32', tensor.type), scalar('uint64', offset))
    const bytes = tensorBytes(tensor) ?? 0
    offset += bytes + padding(bytes)
  }
  const head = Buffer.concat(parts)
  const file = await open(path, 'w')
  try {
    await file.write(Buffer.concat([head, Buffer.alloc(padding(head.length))]))
    for (const tensor of tensors) {
      let written = 0
      for (const bytes of tensor.data()) written += (await file.write(bytes)).bytesWritten
      if (written !== tensorBytes(tensor)) throw new Error(`${tensor.name}: ${written} bytes written`)
      await file.write(Buffer.alloc(padding(written)))
    }
    await file.sync()
  } finally {
    await file.close()
  }
}

function text(value: string): Uint8Array {
  const bytes = Buffer.from(value, 'utf8')
  return Buffer.concat([scalar('uint64', bytes.length), bytes])
}

function scalar(type: Exclude<ValueType, 'array'>, value: number | bigint | boolean | string): Uint8Array {
  if (type === 'string') return text(String(value))
  const buffer = Buffer.alloc(8)
  const length = writers[type](buffer, value as number)
  return buffer.subarray(0, length)
}

const writers: Record<Exclude<ValueType, 'array' | 'string'>, (buffer: Buffer, value: number) => number> = {
  uint8: (b, v) => b.writeUInt8(v),
  int8: (b, v) => b.writeInt8(v),
  uint16: (b, v) => b.writeUInt16LE(v),
  int16: (b, v) => b.writeInt16LE(v),
  uint32: (b, v) => b.writeUInt32LE(v),
  int32: (b, v) => b.writeInt32LE(v),
  float32: (b, v) => b.writeFloatLE(v),
  bool: (b, v) => b.writeUInt8(v ? 1 : 0),
  uint64: (b, v) => b.writeBigUInt64LE(BigInt(v)),
  int64: (b, v) => b.writeBigInt64LE(BigInt(v)),
  float64: (b, v) => b.writeDoubleLE(v),
}
