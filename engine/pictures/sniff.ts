// What a picture file says it is, from its first bytes, before anything decodes it.

export type PictureType = 'image/png' | 'image/jpeg' | 'image/webp' | 'image/gif'

export interface PictureHead {
  mediaType: PictureType
  width: number
  height: number
}

/** Type and size by the file's own head; null when it is none of the four kinds or its head is cut off. */
export function sniffPicture(bytes: Uint8Array): PictureHead | null {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  try {
    for (const read of readers) {
      const head = read(view)
      if (head && head.width > 0 && head.height > 0) return head
    }
  } catch {
    // Ran off the end of the head.
  }
  return null
}

const text = (view: DataView, at: number, length: number) =>
  String.fromCharCode(...Array.from({ length }, (_, i) => view.getUint8(at + i)))

const readers: ((view: DataView) => PictureHead | null)[] = [
  (view) => {
    if (view.getUint32(0) !== 0x89504e47 || view.getUint32(4) !== 0x0d0a1a0a) return null
    return { mediaType: 'image/png', width: view.getUint32(16), height: view.getUint32(20) }
  },
  (view) => {
    if (view.getUint16(0) !== 0xffd8) return null
    for (let at = 2; ; ) {
      const marker = view.getUint16(at)
      if (marker >> 8 !== 0xff) return null
      const kind = marker & 0xff
      const frame = kind >= 0xc0 && kind <= 0xcf && kind !== 0xc4 && kind !== 0xc8 && kind !== 0xcc
      if (frame) return { mediaType: 'image/jpeg', height: view.getUint16(at + 5), width: view.getUint16(at + 7) }
      at += 2 + view.getUint16(at + 2)
    }
  },
  (view) => {
    if (text(view, 0, 4) !== 'GIF8') return null
    return { mediaType: 'image/gif', width: view.getUint16(6, true), height: view.getUint16(8, true) }
  },
  (view) => {
    if (text(view, 0, 4) !== 'RIFF' || text(view, 8, 4) !== 'WEBP') return null
    const kind = text(view, 12, 4)
    const uint24 = (at: number) => view.getUint16(at, true) | (view.getUint8(at + 2) << 16)
    if (kind === 'VP8X') return { mediaType: 'image/webp', width: uint24(24) + 1, height: uint24(27) + 1 }
    if (kind === 'VP8 ') {
      const size = (at: number) => view.getUint16(at, true) & 0x3fff
      return { mediaType: 'image/webp', width: size(26), height: size(28) }
    }
    if (kind !== 'VP8L') return null
    const bits = view.getUint32(21, true)
    return { mediaType: 'image/webp', width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 }
  },
]
