// What one decides in a review: choices by hunk and line, edits and comments, and how they are sent.
import type { TaskView } from '@seatrial/protocol/api'
import type { Diff } from '@seatrial/protocol/diff'
import type { Trial } from '@seatrial/protocol/task'
import { useMemo, useState } from 'react'
import { say, takeUndo } from '../app/toast.tsx'
import { act } from '../data/act.ts'
import { client } from '../data/client.ts'
import { plural } from '../parts/format.ts'
import { type Choice, chooseLines, decisionOf, isChange } from './draft.ts'
import { endOf, placesOf } from './places.ts'
import type { Lines } from './review-diff.tsx'
import { type HunkNote, isSafe } from './safe.ts'
import { useDraft } from './state.ts'
import type { PlaceInDiff } from './use-place.ts'

export type Decision = Awaited<ReturnType<typeof decisionOf>>

interface Review {
  task: TaskView
  trial: Trial
  diff: Diff
  against: string | undefined
  notes: ReadonlyMap<string, HunkNote>
  place: PlaceInDiff
}

export function useDeciding({ task, trial, diff, against, notes, place }: Review) {
  const { stops, stopById, selected, selectedIn } = place
  const state = useDraft(
    task.id,
    trial,
    useMemo(() => new Set(stops.map(({ id }) => id)), [stops]),
  )
  const { draft } = state
  const [box, setBox] = useState<Lines | null>(null)
  const fileByPath = useMemo(() => new Map(diff.files.map((file) => [file.path, file])), [diff])
  const undecided = stops.filter(({ id }) => !draft.choices[id])
  const safe = against ? [] : undecided.filter(({ id, path }) => isSafe(notes.get(id), fileByPath.get(path)!))

  /** Decisions are made against the base only; says so elsewhere. */
  const deciding = () => {
    if (against) say('Decisions are made against the base; choose it above.')
    return !against
  }
  const decide = (id: string, take: boolean) => {
    const one = stopById.get(id)
    if (!one || !deciding()) return
    const lines = selectedIn(id)
    const choice: Choice =
      lines && one.hunk ? chooseLines(one.hunk, draft.choices[id], lines, take) : { kind: take ? 'accept' : 'reject' }
    state.choose(id, choice)
    place.select(null)
    if (!lines) place.goNext((other) => !draft.choices[other.id], id)
  }
  const acceptMany = (ids: readonly string[]) => state.chooseMany(ids, { kind: 'accept' })
  return {
    ...state,
    box,
    safe,
    undecided,
    accept: (id: string) => decide(id, true),
    reject: (id: string) => decide(id, false),
    /** Whether a hunk may be edited by hand now. */
    editable: (id: string) => stopById.get(id)?.hunk != null && deciding(),
    edit: (id: string, text: string) => state.choose(id, { kind: 'edit', text }),
    acceptFile: (path: string) =>
      deciding() && acceptMany(stops.filter((one) => one.path === path).map(({ id }) => id)),
    acceptSafe() {
      if (safe.length === 0) return say('No undecided hunk is safe: low risk, run by tests, without findings.')
      acceptMany(safe.map(({ id }) => id))
      say(`Accepted ${plural(safe.length, 'safe hunk')}.`)
    },
    openComment(id: string) {
      const hunk = stopById.get(id)?.hunk
      if (!hunk) return
      const changed = placesOf(hunk)[hunk.lines.findLastIndex(isChange)] ?? endOf(hunk)
      const path = stopById.get(id)!.path
      setBox(selectedIn(id) && selected ? selected : { path, start: changed, end: changed })
    },
    closeComment: () => setBox(null),
    saveComment(text: string) {
      if (!box) return
      const [from, to] = [box.start.line, box.end.line].sort((a, b) => a - b)
      const range = from === to ? '' : `(lines ${from} to ${to}) `
      state.comment({ path: box.path, line: box.end.line, side: box.end.side, text: range + text })
      setBox(null)
      place.select(null)
    },
    /** What will be asked of the house; null when there is nothing to ask, which was said. */
    async decision(): Promise<Decision | null> {
      if (!deciding()) return null
      const textOf = async (path: string) =>
        (await client.getFile({ params: { id: task.id }, query: { trial: trial.id, path } })).text
      const decision = await act(decisionOf(diff, draft, textOf))
      if (decision?.pick.kind === 'some' && !decision.pick.files?.length && !decision.pick.hunks?.length) {
        say('Nothing is accepted yet: a accepts the current hunk, A all that are safe.')
        return null
      }
      return decision
    },
    /** Sends the comments as one rework; whether it was sent. */
    async send(): Promise<boolean> {
      if (draft.comments.length === 0) {
        say('No comments yet: c writes one on the current hunk.')
        return false
      }
      const sent = await act(
        client.rework({ params: { id: task.id }, body: { trialId: trial.id, comments: draft.comments, text: '' } }),
        `Sent ${plural(draft.comments.length, 'comment')} as one rework.`,
      )
      if (sent) state.dropComments()
      return sent !== null
    },
    undoStep() {
      const applied = takeUndo()
      if (applied) applied()
      else if (!state.undo()) say('Nothing to undo here.')
    },
  }
}

export type Deciding = ReturnType<typeof useDeciding>
