// What stands beside each hunk: the signals that point at it, who tested it, what reviewers found, who made it.
import type { Diff, FileDiff, Hunk, Review, Signal } from '@seatrial/protocol'

export interface HunkNote {
  hunkId: string
  path: string
  risk: 'low' | 'medium' | 'high'
  why: string | null
  /** Ids of signals with a place in this hunk or, without a line, in its file. */
  signals: string[]
  findings: string[]
  coverage: 'covered' | 'uncovered' | 'not_measured'
}

export interface HunkNotesInput {
  diff: Diff
  signals: readonly Signal[]
  reviews: readonly Review[]
  /** Checkpoints in order; `paths` are the files the step changed, when known. */
  steps: readonly { number: number; label: string; paths?: readonly string[] }[]
}

const ranks = { info: 0, minor: 1, major: 2, critical: 2 } as const
const risks = ['low', 'medium', 'high'] as const

export function hunkNotes({ diff, signals, reviews, steps }: HunkNotesInput): HunkNote[] {
  return diff.files.flatMap((file) =>
    file.hunks.map((hunk) => {
      const near = signals.filter((signal) => signal.places.some((place) => points(place, file, hunk)))
      const bad = near.filter((signal) => signal.verdict === 'bad')
      const rank = Math.max(0, ...bad.map((signal) => ranks[signal.severity]), file.sensitive ? 1 : 0)
      const findings = reviews
        .filter((review) => review.excluded === null)
        .flatMap((review) =>
          review.findings
            .filter((finding) => points(finding, file, hunk))
            .map((finding) => `${review.stance}: ${finding.sentence}`),
        )
      return {
        hunkId: hunk.id,
        path: file.path,
        risk: risks[rank] ?? 'high',
        why: whyOf(file, steps),
        signals: near.map((signal) => signal.id),
        findings: [...new Set(findings)],
        coverage: coverageOf(signals, file, hunk),
      }
    }),
  )
}

/** A place without a line belongs to every hunk of its file; lines of a deleted file count on the old side. */
function points(place: { path: string; line: number | null }, file: FileDiff, hunk: Hunk): boolean {
  if (place.path !== file.path && place.path !== file.oldPath) return false
  if (place.line === null) return true
  const inside = (start: number, lines: number): boolean =>
    place.line! >= start && place.line! < start + Math.max(1, lines)
  return inside(hunk.newStart, hunk.newLines) || (file.status === 'deleted' && inside(hunk.oldStart, hunk.oldLines))
}

/** The last step that changed the file; the agent's own words, shown as such. */
function whyOf(file: FileDiff, steps: HunkNotesInput['steps']): string | null {
  const made = steps.filter((step) => step.paths?.includes(file.path)).at(-1)
  return made ? `Step ${made.number}: ${made.label}` : null
}

/** From the coverage signal, which lists the files it could judge and places the lines that no test reached. */
function coverageOf(signals: readonly Signal[], file: FileDiff, hunk: Hunk): HunkNote['coverage'] {
  const coverage = signals.find((signal) => signal.kind === 'coverage' && signal.state === 'measured')
  if (!coverage?.lists.judged?.includes(file.path)) return 'not_measured'
  return coverage.places.some((place) => place.line !== null && points(place, file, hunk)) ? 'uncovered' : 'covered'
}
