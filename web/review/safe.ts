// Which hunks need no second look, and which deserve one.
import type { Api, Reply } from '@seatrial/protocol/api'
import type { FileDiff } from '@seatrial/protocol/diff'

export type HunkNote = Reply<Api['getHunkNotes']>['notes'][number]

/** Low in risk, run by tests, without a finding, outside sensitive files. */
export const isSafe = (note: HunkNote | undefined, file: FileDiff): boolean =>
  note !== undefined &&
  note.risk === 'low' &&
  note.coverage === 'covered' &&
  note.findings.length === 0 &&
  !file.sensitive &&
  !file.binary

/** Something speaks against it: its risk, a finding, no test that runs it, or a file that can run commands. */
export const deservesALook = (note: HunkNote | undefined, file: FileDiff): boolean =>
  file.sensitive ||
  (note !== undefined && (note.risk !== 'low' || note.coverage === 'uncovered' || note.findings.length > 0))
