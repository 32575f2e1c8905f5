// Reads server-sent events piece by piece, and writes them.
import type { Frame } from './wires/wire.ts'

export interface FrameReader {
  /** The frames completed by this piece, each with the text it was read from. */
  push(piece: string): { frame: Frame; raw: string }[]
  /** A last frame that no blank line followed. */
  rest(): { frame: Frame; raw: string }[]
}

export function createFrameReader(): FrameReader {
  let held = ''
  const split = (final: boolean) => {
    const found: { frame: Frame; raw: string }[] = []
    let start = 0
    for (;;) {
      const end = endOf(held, start)
      if (!end) break
      found.push(...readFrame(held.slice(start, end.at), held.slice(start, end.next)))
      start = end.next
    }
    held = held.slice(start)
    if (final && held.trim()) {
      found.push(...readFrame(held, held))
      held = ''
    }
    return found
  }
  return {
    push(piece) {
      held += piece
      return split(false)
    },
    rest: () => split(true),
  }
}

/** The blank line that ends a frame, in any of the three line endings. */
function endOf(text: string, start: number): { at: number; next: number } | null {
  const plain = text.indexOf('\n\n', start)
  const carriage = text.indexOf('\r\n\r\n', start)
  if (carriage >= 0 && (plain < 0 || carriage < plain)) return { at: carriage, next: carriage + 4 }
  return plain < 0 ? null : { at: plain, next: plain + 2 }
}

function readFrame(block: string, raw: string): { frame: Frame; raw: string }[] {
  let event = ''
  let data: string | null = null
  for (const line of block.split(/\r?\n/)) {
    if (line.startsWith('data:')) {
      const value = line.slice(line[5] === ' ' ? 6 : 5)
      data = data === null ? value : `${data}\n${value}`
    } else if (line.startsWith('event:')) event = line.slice(6).trim()
  }
  return [{ frame: { event, data: data ?? '' }, raw }]
}

export const writeFrame = (data: unknown, event?: string): string =>
  `${event ? `event: ${event}\n` : ''}data: ${typeof data === 'string' ? data : JSON.stringify(data)}\n\n`
