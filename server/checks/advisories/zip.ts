// Reads the files of a zip archive one after another, large ones (zip64) too, without unpacking it anywhere.
import { type FileHandle, open } from 'node:fs/promises'
import { promisify } from 'node:util'
import { inflateRaw } from 'node:zlib'
import { Refusal } from '@seatrial/protocol'

const inflate = promisify(inflateRaw)
const mostEntryBytes = 32 * 1024 * 1024
const signatures = { end: 0x06054b50, end64: 0x06064b50, locator64: 0x07064b50, entry: 0x02014b50 }

/** Every file whose name ends so, as text, in the archive's order. */
export async function* readZip(path: string, ending: string): AsyncGenerator<{ name: string; text: string }> {
  const file = await open(path)
  try {
    for (const entry of await directory(file, path)) {
      if (!entry.name.endsWith(ending)) continue
      const head = await bytes(file, entry.at, 30)
      const start = entry.at + 30 + head.readUInt16LE(26) + head.readUInt16LE(28)
      const packed = await bytes(file, start, entry.packed)
      const data = entry.method === 0 ? packed : await inflate(packed, { maxOutputLength: mostEntryBytes })
      yield { name: entry.name, text: data.toString('utf8') }
    }
  } finally {
    await file.close()
  }
}

interface Entry {
  name: string
  method: number
  packed: number
  at: number
}

async function directory(file: FileHandle, path: string): Promise<Entry[]> {
  const { size } = await file.stat()
  const tailAt = Math.max(0, size - 65_557)
  const tail = await bytes(file, tailAt, size - tailAt)
  let end = tail.length - 22
  while (end >= 0 && tail.readUInt32LE(end) !== signatures.end) end--
  if (end < 0) throw new Refusal('unprocessable', `${path} is no zip archive.`)
  let [length, at] = [tail.readUInt32LE(end + 12), tail.readUInt32LE(end + 16)]
  if (end >= 20 && tail.readUInt32LE(end - 20) === signatures.locator64) {
    const far = await bytes(file, Number(tail.readBigUInt64LE(end - 12)), 56)
    if (far.readUInt32LE(0) === signatures.end64) {
      length = Number(far.readBigUInt64LE(40))
      at = Number(far.readBigUInt64LE(48))
    }
  }
  const listing = await bytes(file, at, length)
  const entries: Entry[] = []
  for (let place = 0; place + 46 <= listing.length && listing.readUInt32LE(place) === signatures.entry; ) {
    const nameLength = listing.readUInt16LE(place + 28)
    const extraLength = listing.readUInt16LE(place + 30)
    const name = listing.toString('utf8', place + 46, place + 46 + nameLength)
    const extra = listing.subarray(place + 46 + nameLength, place + 46 + nameLength + extraLength)
    const [packed, offset] = wide(listing, place, extra)
    entries.push({ name, method: listing.readUInt16LE(place + 10), packed, at: offset })
    place += 46 + nameLength + extraLength + listing.readUInt16LE(place + 32)
  }
  return entries
}

/** Packed size and offset of an entry; those that do not fit 32 bits stand in the extra field, in order. */
function wide(listing: Buffer, place: number, extra: Buffer): [packed: number, offset: number] {
  const full = 0xffffffff
  let [unpacked, packed, offset] = [20 + 4, 20, 42].map((at) => listing.readUInt32LE(place + at)) as [
    number,
    number,
    number,
  ]
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== 1) continue
    let next = at + 4
    const take = (value: number): number => {
      if (value !== full || next + 8 > extra.length) return value
      next += 8
      return Number(extra.readBigUInt64LE(next - 8))
    }
    unpacked = take(unpacked)
    packed = take(packed)
    offset = take(offset)
  }
  return [packed, offset]
}

async function bytes(file: FileHandle, at: number, length: number): Promise<Buffer> {
  const buffer = Buffer.alloc(length)
  const { bytesRead } = await file.read(buffer, 0, length, at)
  return buffer.subarray(0, bytesRead)
}
