// Which texts the two sides of a diff are: the candidate's, and the base's or another candidate's.
import type { FileDiff } from '@seatrial/protocol/diff'

interface Side {
  trial: string
  path: string
  side: 'base' | 'candidate'
}

export function sidesOf(
  { path, oldPath }: Pick<FileDiff, 'path' | 'oldPath'>,
  trial: string,
  against: string | undefined,
): { old: Side; new: Side } {
  const before = oldPath ?? path
  return {
    old: against ? { trial: against, path: before, side: 'candidate' } : { trial, path: before, side: 'base' },
    new: { trial, path, side: 'candidate' },
  }
}
