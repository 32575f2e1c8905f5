// Text of a file without its byte order mark, and the way between offsets and lines.
import { readFileSync } from 'node:fs'

export type TextFile = { text: string; bom: boolean }

const mark = '\uFEFF'
const maxBytes = 8 * 1024 * 1024

/** Null when the file is missing, binary, not UTF-8 or too large to be source. */
export function readText(path: string): TextFile | null {
  let bytes: Buffer
  try {
    bytes = readFileSync(path)
  } catch {
    return null
  }
  if (bytes.length > maxBytes || bytes.includes(0)) return null
  const text = bytes.toString('utf8')
  if (Buffer.byteLength(text) !== bytes.length || (text.includes('\uFFFD') && !Buffer.from(text).equals(bytes)))
    return null
  return text.startsWith(mark) ? { text: text.slice(1), bom: true } : { text, bom: false }
}

export const toBytes = (file: TextFile): Buffer => Buffer.from((file.bom ? mark : '') + file.text)

export function lineStarts(text: string): number[] {
  const starts = [0]
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
  return starts
}

/** Line and column of an offset, both from 1. */
export function positionAt(starts: number[], offset: number): { line: number; column: number } {
  let low = 0
  let high = starts.length - 1
  while (low < high) {
    const middle = (low + high + 1) >> 1
    if (starts[middle]! <= offset) low = middle
    else high = middle - 1
  }
  return { line: low + 1, column: offset - starts[low]! + 1 }
}

export function lineAt(text: string, starts: number[], line: number): string {
  return text
    .slice(starts[line - 1] ?? text.length, (starts[line] ?? text.length + 1) - 1)
    .trim()
    .slice(0, 200)
}
