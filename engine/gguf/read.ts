// Reads the head of a GGUF file from anything that can be read by range: a file on disk or a web server.
import { open } from 'node:fs/promises'
import { Refusal } from '@seatrial/protocol'
import { type GgufHead, type GgufTensor, type GgufValue, tensorBytes } from './types.ts'

export interface Ranges {
  bytes: number | null
  /** Up to `length` bytes from `start`; fewer only at the end. */
  read(start: number, length: number): Promise<Uint8Array>
}

const chunkBytes = 1 << 20
const mostHeadBytes = 256 << 20
const broken = (what: string) => new Refusal('unprocessable', `This is not a whole GGUF file: ${what}.`)

/** Reads a file on disk; refuses what is truncated, corrupt or no GGUF at all. */
export async function readGgufFile(path: string): Promise<GgufHead> {
  const file = await open(path, 'r').catch(() => null)
  if (!file) throw new Refusal('not_found', `There is no file ${path}.`)
  try {
    const { size } = await file.stat()
    const head = await readGguf({
      bytes: size,
      async read(start, length) {
        const buffer = new Uint8Array(length)
        const { bytesRead } = await file.read(buffer, 0, length, start)
        return buffer.subarray(0, bytesRead)
      },
    })
    return head
  } finally {
    await file.close()
  }
}

/** Reads a head by ranges. Throws `Refusal('unprocessable')` with the reason when the file is not whole. */
export async function readGguf(ranges: Ranges): Promise<GgufHead> {
  const cursor = new Cursor(ranges)
  const magic = await cursor.take(4)
  if (String.fromCharCode(...magic) !== 'GGUF') throw broken('it does not start with "GGUF"')
  const version = await cursor.uint32()
  if (version !== 2 && version !== 3) throw broken(`version ${version} is unknown`)
  const tensorCount = await cursor.size('tensors', 1_000_000)
  const valueCount = await cursor.size('values', 100_000)

  const values: Record<string, GgufValue> = {}
  for (let i = 0; i < valueCount; i++) {
    const key = await cursor.string()
    values[key] = await cursor.value(await cursor.uint32(), 0)
  }
  const tensors: GgufTensor[] = []
  for (let i = 0; i < tensorCount; i++) {
    const name = await cursor.string()
    const rank = await cursor.uint32()
    if (rank > 8) throw broken(`tensor ${name} has ${rank} dimensions`)
    const dims: number[] = []
    for (let d = 0; d < rank; d++) dims.push(Number(await cursor.uint64()))
    tensors.push({ name, dims, type: await cursor.uint32(), offset: Number(await cursor.uint64()) })
  }

  const alignment = Number(values['general.alignment'] ?? 32)
  if (!(alignment > 0 && alignment <= 65_536)) throw broken(`an alignment of ${alignment}`)
  const dataStart = Math.ceil(cursor.at / alignment) * alignment
  let bytesNeeded = dataStart
  for (const tensor of tensors) {
    const bytes = tensorBytes(tensor)
    if (bytes === null) throw broken(`tensor ${tensor.name} has the unknown type ${tensor.type}`)
    bytesNeeded = Math.max(bytesNeeded, dataStart + tensor.offset + bytes)
  }
  if (ranges.bytes !== null && ranges.bytes < bytesNeeded) {
    throw broken(`it has ${ranges.bytes} bytes where its tensors need ${bytesNeeded}; it was cut off`)
  }
  return { version, values, tensors, dataStart, bytesNeeded }
}

/** A number of the head by its key, with `ARCH.` put in front of it. */
export function headNumber(head: GgufHead, key: string): number | null {
  const value = head.values[`${head.values['general.architecture']}.${key}`]
  if (Array.isArray(value)) return value.length > 0 ? Math.max(...value.map(Number)) : null
  return value === undefined ? null : Number(value)
}

class Cursor {
  at = 0
  private start = 0
  private buffer: Uint8Array = new Uint8Array(0)
  private readonly ranges: Ranges

  constructor(ranges: Ranges) {
    this.ranges = ranges
  }

  async take(length: number): Promise<Uint8Array> {
    if (this.at + length > mostHeadBytes) throw broken('its head is larger than 256 MB')
    if (this.at < this.start || this.at + length > this.start + this.buffer.length) {
      this.start = this.at
      this.buffer = await this.ranges.read(this.at, Math.max(length, chunkBytes))
      if (this.buffer.length < length) throw broken('it ends inside its head; it was cut off')
    }
    const from = this.at - this.start
    this.at += length
    return this.buffer.subarray(from, from + length)
  }

  private async view(length: number): Promise<DataView> {
    const bytes = await this.take(length)
    return new DataView(bytes.buffer, bytes.byteOffset, length)
  }

  async uint32(): Promise<number> {
    return (await this.view(4)).getUint32(0, true)
  }

  async uint64(): Promise<bigint> {
    return (await this.view(8)).getBigUint64(0, true)
  }

  async size(what: string, most: number): Promise<number> {
    const count = Number(await this.uint64())
    if (count > most) throw broken(`it claims ${count} ${what}`)
    return count
  }

  async string(): Promise<string> {
    const length = await this.size('bytes in one text', 64 << 20)
    return new TextDecoder().decode(await this.take(length))
  }

  async value(type: number, depth: number): Promise<GgufValue> {
    const read = scalars[type]
    if (read) return read(this)
    if (type === 9 && depth < 4) {
      const itemType = await this.uint32()
      const count = await this.size('items in one list', 16_000_000)
      const items: GgufValue[] = []
      for (let i = 0; i < count; i++) items.push(await this.value(itemType, depth + 1))
      return items
    }
    throw broken(`a value of the unknown type ${type}`)
  }

  readonly scalar =
    <T>(length: number, read: (view: DataView) => T) =>
    async (): Promise<T> =>
      read(await this.view(length))
}

const scalars: Record<number, (cursor: Cursor) => Promise<GgufValue>> = {
  0: (c) => c.scalar(1, (v) => v.getUint8(0))(),
  1: (c) => c.scalar(1, (v) => v.getInt8(0))(),
  2: (c) => c.scalar(2, (v) => v.getUint16(0, true))(),
  3: (c) => c.scalar(2, (v) => v.getInt16(0, true))(),
  4: (c) => c.scalar(4, (v) => v.getUint32(0, true))(),
  5: (c) => c.scalar(4, (v) => v.getInt32(0, true))(),
  6: (c) => c.scalar(4, (v) => v.getFloat32(0, true))(),
  7: (c) => c.scalar(1, (v) => v.getUint8(0) !== 0)(),
  8: (c) => c.string(),
  10: (c) => c.scalar(8, (v) => v.getBigUint64(0, true))(),
  11: (c) => c.scalar(8, (v) => v.getBigInt64(0, true))(),
  12: (c) => c.scalar(8, (v) => v.getFloat64(0, true))(),
}
