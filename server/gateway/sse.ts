// Reads server-sent events piece by piece, as the bytes they came in, and writes them.
import type { Frame } from './wires/wire.ts'

/** Whole frames: their bytes, and the same with one character per byte, which is quick to search. */
export interface Frames {
  bytes: Buffer
  text: string
}

export interface FrameReader {
  /** What is whole by now, this piece and what was held before it; null when no frame ended. */
  push(piece: Uint8Array): Frames | null
  /** A last frame that no blank line followed. */
  rest(): Frames | null
}

export function createFrameReader(): FrameReader {
  let held: Buffer[] = []
  /** The end of what is held: a blank line may be cut by a piece's edge. */
  let seam = ''
  return {
    push(piece) {
      const bytes = asBuffer(piece)
      const text = bytes.toString('latin1')
      const end = endOfLast(seam + text) - seam.length
      if (end <= 0) {
        held.push(bytes)
        seam = (seam + text).slice(-3)
        return null
      }
      const whole = bytes.subarray(0, end)
      const frames =
        held.length === 0 ? { bytes: whole, text: text.slice(0, end) } : withText(Buffer.concat([...held, whole]))
      held = end < bytes.length ? [bytes.subarray(end)] : []
      seam = text.slice(end).slice(-3)
      return frames
    },
    rest() {
      const bytes = Buffer.concat(held)
      held = []
      seam = ''
      return bytes.length > 0 ? withText(bytes) : null
    },
  }
}

const asBuffer = (piece: Uint8Array): Buffer =>
  Buffer.isBuffer(piece) ? piece : Buffer.from(piece.buffer, piece.byteOffset, piece.byteLength)

const withText = (bytes: Buffer): Frames => ({ bytes, text: bytes.toString('latin1') })

/** Where the last blank line ends, 0 when there is none. */
function endOfLast(text: string): number {
  if (text.endsWith('\n\n')) return text.length
  const plain = text.lastIndexOf('\n\n')
  const carriage = text.lastIndexOf('\n\r\n')
  return Math.max(plain < 0 ? 0 : plain + 2, carriage < 0 ? 0 : carriage + 3)
}

/** Each frame, with where it stands among the bytes. */
export function* readFrames({ bytes, text }: Frames): Generator<{ frame: Frame; from: number; to: number }> {
  const gap = /\r?\n\r?\n/g
  for (let from = 0; from < text.length; from = gap.lastIndex) {
    const found = gap.exec(text)
    const end = found ? found.index : text.length
    const to = found ? gap.lastIndex : text.length
    if (found === null) gap.lastIndex = text.length
    yield { frame: readFrame(bytes.toString('utf8', from, end)), from, to }
  }
}

function readFrame(block: string): Frame {
  if (block.startsWith('data: ') && !block.includes('\n')) return { event: '', data: block.slice(6) }
  let event = ''
  let data: string | null = null
  for (const line of block.split(/\r?\n/)) {
    if (line.startsWith('data:')) {
      const value = line.slice(line[5] === ' ' ? 6 : 5)
      data = data === null ? value : `${data}\n${value}`
    } else if (line.startsWith('event:')) event = line.slice(6).trim()
  }
  return { event, data: data ?? '' }
}

/** The last of the frames. */
export function lastOf({ bytes, text }: Frames): Frames {
  const from = endOfLast(text.slice(0, -4))
  return { bytes: bytes.subarray(from), text: text.slice(from) }
}

/** How many frames there are, roughly: comments count, and rare line endings do not. */
export function countFrames(text: string): number {
  let count = 0
  const gap = text.includes('\n\n') ? '\n\n' : '\n\r\n'
  for (let at = text.indexOf(gap); at >= 0; at = text.indexOf(gap, at + gap.length)) count++
  return count
}

export const writeFrame = (data: unknown, event?: string): string =>
  `${event ? `event: ${event}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
