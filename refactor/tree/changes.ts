// A set of text edits and file moves that is planned first and carried out as one.
import { Refusal } from '@seatrial/protocol'

/** Replace `[start, end)` of the text without byte order mark. */
export type Edit = { start: number; end: number; text: string }
export type Edits = Map<string, Edit[]>
export type Change = { edits: Edits; moves: Map<string, string> }

/** Drops edits that say the same twice; overlapping ones that differ are a conflict. */
export function settle(file: string, edits: Edit[]): Edit[] {
  const sorted = [...edits].sort((a, b) => a.start - b.start || a.end - b.end)
  const kept: Edit[] = []
  for (const edit of sorted) {
    const last = kept.at(-1)
    if (last && last.start === edit.start && last.end === edit.end && last.text === edit.text) continue
    if (last && edit.start < last.end)
      throw new Refusal('conflict', `Two edits overlap in ${file} at offset ${edit.start}; nothing was written.`)
    kept.push(edit)
  }
  return kept
}

export function applyEdits(file: string, text: string, edits: Edit[]): string {
  let out = ''
  let at = 0
  for (const edit of settle(file, edits)) {
    out += text.slice(at, edit.start) + edit.text
    at = edit.end
  }
  return out + text.slice(at)
}

export const countEdits = (edits: Edits): number => [...edits.values()].reduce((sum, list) => sum + list.length, 0)

export function addEdit(edits: Edits, file: string, edit: Edit): void {
  const list = edits.get(file)
  if (list) list.push(edit)
  else edits.set(file, [edit])
}
