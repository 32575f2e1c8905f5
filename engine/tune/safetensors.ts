// Reads the tensors of a safetensors file: a length, a JSON head, raw numbers. Nothing in it can run.
import { open } from 'node:fs/promises'
import { Refusal } from '@seatrial/protocol'

export interface SafeTensor {
  name: string
  shape: number[]
  values: Float32Array
}

const mostHeadBytes = 100 << 20
const mostTensorBytes = 2 ** 32
const broken = (why: string) => new Refusal('unprocessable', `This is not a whole safetensors file: ${why}.`)

const readers: Record<string, { bytes: number; read: (view: DataView, at: number) => number }> = {
  F32: { bytes: 4, read: (view, at) => view.getFloat32(at, true) },
  F16: { bytes: 2, read: (view, at) => fromHalf(view.getUint16(at, true)) },
  BF16: { bytes: 2, read: (view, at) => fromBrain(view.getUint16(at, true)) },
}

export async function readSafetensors(path: string): Promise<SafeTensor[]> {
  const file = await open(path, 'r').catch(() => null)
  if (!file) throw new Refusal('not_found', `There is no file ${path}.`)
  try {
    const { size } = await file.stat()
    const lead = Buffer.alloc(8)
    if ((await file.read(lead, 0, 8, 0)).bytesRead < 8) throw broken('it is too short')
    const headBytes = Number(lead.readBigUInt64LE())
    if (headBytes > mostHeadBytes || headBytes + 8 > size) throw broken('its head does not fit in it')
    const headText = Buffer.alloc(headBytes)
    await file.read(headText, 0, headBytes, 8)
    const tensors: SafeTensor[] = []
    for (const [name, entry] of Object.entries(parseHead(headText.toString('utf8')))) {
      if (name === '__metadata__') continue
      const reader = readers[entry.dtype]
      if (!reader) throw broken(`${name} has the type ${entry.dtype}, which adapters do not use`)
      const [from, to] = entry.data_offsets
      const count = entry.shape.reduce((product, dim) => product * dim, 1)
      if (to - from !== count * reader.bytes || to - from > mostTensorBytes || 8 + headBytes + to > size || from < 0) {
        throw broken(`${name} does not have the bytes that its shape needs`)
      }
      const bytes = Buffer.alloc(to - from)
      await file.read(bytes, 0, bytes.length, 8 + headBytes + from)
      const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
      const values = Float32Array.from({ length: count }, (_, i) => reader.read(view, i * reader.bytes))
      tensors.push({ name, shape: entry.shape, values })
    }
    return tensors
  } finally {
    await file.close()
  }
}

type Head = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>

function parseHead(text: string): Head {
  try {
    const head = JSON.parse(text) as Head
    for (const [name, entry] of Object.entries(head)) {
      if (name === '__metadata__') continue
      const whole =
        Array.isArray(entry.shape) && entry.shape.every(Number.isSafeInteger) && entry.data_offsets.length === 2
      if (!whole) throw new Error(name)
    }
    return head
  } catch {
    throw broken('its head is no JSON of tensors')
  }
}

const scratch = new DataView(new ArrayBuffer(4))

function fromBrain(bits: number): number {
  scratch.setUint32(0, bits << 16)
  return scratch.getFloat32(0)
}

function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 0x1f
  const fraction = bits & 0x3ff
  if (exponent === 0) return sign * 2 ** -14 * (fraction / 1024)
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY
  return sign * 2 ** (exponent - 15) * (1 + fraction / 1024)
}
