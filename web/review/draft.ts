// The decisions a person is making on one candidate, before they are sent: choices by hunk or line, and comments.
import type { Edit, LineComment, Pick } from '@seatrial/protocol/decision'
import type { Diff, FileDiff, Hunk } from '@seatrial/protocol/diff'
import { composeFile } from './compose-file.ts'

export type Choice =
  | { kind: 'accept' }
  | { kind: 'reject' }
  /** Changed lines left out, as indices of `Hunk.lines`. */
  | { kind: 'lines'; drop: number[] }
  /** The person's own text instead of the hunk's new side. */
  | { kind: 'edit'; text: string }

export interface Draft {
  choices: Record<string, Choice>
  comments: LineComment[]
}

export const emptyDraft: Draft = { choices: {}, comments: [] }

/** One thing to decide on: a hunk, or a file that has none (binary, mode, rename). */
export interface Stop {
  id: string
  path: string
  hunk: Hunk | null
  /** Position among the stops of its file, from 1. */
  number: number
  of: number
}

export const stopsOf = (files: readonly FileDiff[]): Stop[] =>
  files.flatMap((file): Stop[] =>
    file.hunks.length > 0
      ? file.hunks.map((hunk, index) => ({
          id: hunk.id,
          path: file.path,
          hunk,
          number: index + 1,
          of: file.hunks.length,
        }))
      : [{ id: `file:${file.path}`, path: file.path, hunk: null, number: 1, of: 1 }],
  )

export const isChange = (line: string): boolean => line.startsWith('+') || line.startsWith('-')
const changes = (hunk: Hunk): number[] => hunk.lines.flatMap((line, index) => (isChange(line) ? [index] : []))

/** Leaves lines out or takes them back in; all in or all out is a plain choice. */
export function chooseLines(hunk: Hunk, before: Choice | undefined, lines: readonly number[], take: boolean): Choice {
  const all = changes(hunk)
  const dropped = new Set(
    before?.kind === 'lines' ? before.drop : before?.kind === 'reject' || (take && !before) ? all : [],
  )
  for (const line of lines) {
    if (take) dropped.delete(line)
    else if (all.includes(line)) dropped.add(line)
  }
  if (dropped.size === 0) return { kind: 'accept' }
  if (dropped.size === all.length) return { kind: 'reject' }
  return { kind: 'lines', drop: [...dropped].sort((a, b) => a - b) }
}

const touched = (choice: Choice | undefined) => choice?.kind === 'lines' || choice?.kind === 'edit'
const taken = (choice: Choice | undefined) => choice !== undefined && choice.kind !== 'reject'

/** What will be asked of the house: hunks by id, and whole texts for files that were cut or edited by hand. */
export async function decisionOf(
  diff: Diff,
  draft: Draft,
  textOf: (path: string) => Promise<string | null>,
): Promise<{ pick: Pick; edits: Edit[] }> {
  const files: string[] = []
  const hunks: string[] = []
  const edits: Edit[] = []
  let everything = true
  for (const file of diff.files) {
    const stops = stopsOf([file])
    const choices = stops.map(({ id }) => draft.choices[id])
    if (!choices.every((choice) => choice?.kind === 'accept')) everything = false
    if (!choices.some(taken)) continue
    if (choices.some(touched)) {
      const text = await textOf(file.path)
      if (text !== null) edits.push({ path: file.path, text: composeFile(text, file, draft.choices) })
      files.push(file.path)
    } else if (choices.every(taken)) files.push(file.path)
    else hunks.push(...stops.filter((_, index) => taken(choices[index])).map(({ id }) => id))
  }
  return { pick: everything ? { kind: 'all' } : { kind: 'some', files, hunks }, edits }
}
