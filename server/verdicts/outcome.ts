// What became of an accepted change, decided from what the repository shows. Pure; the journey reads the repository.
import type { Outcome } from '@seatrial/protocol'
import { formula } from './formula.ts'

export type OutcomeKind = Outcome['kind']

export interface Sight {
  acceptedAt: Date
  now: Date
  /** What was found before. */
  known: { kind: OutcomeKind; ref: string | null; at: Date }[]
  /** The commit that brought it (known when accepting made one), and whether the tip's history still has it. */
  ref: string | null
  reachable: boolean
  tip: string
  tipAt: Date
  /** Share of the accepted lines that the tip has; null when the change added none. */
  share: number | null
  /** Commits after `ref` that touch its files, newest first. */
  later: { sha: string; at: Date; message: string }[]
}

const there = 0.9
const gone = 0.1
const half = 0.5
const day = 86_400_000
const repairs = /\b(?:hot-?fix(?:es)?|fix(?:es|ed)?|bug ?fix|regression|repair(?:s|ed)?)\b/i

type Found = { kind: OutcomeKind; ref: string | null; at: Date }

/** The next thing that became of it, or null. Each kind is found once; after a final one nothing more is looked for. */
export function outcomeOf(sight: Sight): Found | null {
  const { known, share, ref } = sight
  if (known.some(({ kind }) => kind !== 'merged')) return null
  const merged = known.find(({ kind }) => kind === 'merged')
  const present = share === null ? sight.reachable : share >= there
  if (!merged) {
    const landed = sight.reachable || (share !== null && share >= there)
    return landed ? { kind: 'merged', ref: ref ?? sight.tip, at: notBefore(sight.tipAt, sight.acceptedAt) } : null
  }
  // The commit is in no branch any more: somebody rewrote history. If its lines are there all the same, it was carried along.
  if (!sight.reachable) return present ? survival(sight, merged.at) : { kind: 'lost', ref: merged.ref, at: sight.now }
  const undo = sight.later.find(({ message }) => ref !== null && message.includes(`This reverts commit ${ref}`))
  if (undo && (share === null || share < half)) return { kind: 'reverted', ref: undo.sha, at: undo.at }
  if (share !== null && share <= gone && sight.later.length > 0)
    return { kind: 'reverted', ref: sight.later[0]!.sha, at: sight.later[0]!.at }
  const repair = sight.later.findLast(
    ({ message, at }) =>
      repairs.test(message.split('\n')[0]!) && at.getTime() - merged.at.getTime() <= formula.survivalDays * day,
  )
  if (repair && share !== null && share < 1) return { kind: 'hotfixed', ref: repair.sha, at: repair.at }
  return survival(sight, merged.at)
}

const notBefore = (at: Date, floor: Date): Date => (at < floor ? floor : at)

function survival({ now, share, ref }: Sight, since: Date): Found | null {
  const old = now.getTime() - since.getTime() >= formula.survivalDays * day
  return old && (share === null || share >= half) ? { kind: 'survived', ref, at: now } : null
}
