// Which hunks need no second look: low in risk, run by tests, without a finding, outside sensitive files.
import type { Api, Reply } from '@seatrial/protocol/api'
import type { FileDiff } from '@seatrial/protocol/diff'

export type HunkNote = Reply<Api['getHunkNotes']>['notes'][number]

export const isSafe = (note: HunkNote | undefined, file: FileDiff): boolean =>
  note !== undefined &&
  note.risk === 'low' &&
  note.coverage === 'covered' &&
  note.findings.length === 0 &&
  !file.sensitive &&
  !file.binary
