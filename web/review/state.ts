// The draft of one candidate with its history, kept in this browser until it is sent.
import type { Trial } from '@seatrial/protocol/task'
import { useEffect, useMemo, useRef } from 'react'
import { kept, useKept } from '../data/kept.ts'
import type { Choice, Draft } from './draft.ts'
import { emptyDraft } from './draft.ts'

export interface DraftState {
  draft: Draft
  choose(id: string, choice: Choice): void
  chooseMany(ids: readonly string[], choice: Choice): void
  comment(comment: Draft['comments'][number]): void
  dropComment(index: number): void
  dropComments(): void
  /** Takes the last step back; false when there is none. */
  undo(): boolean
  clear(): void
}

const keyOf = (taskId: string, trialId: string) => `seatrial.draft.${taskId}.${trialId}`

/** A rework starts with what was decided on the hunks it left as they were: their ids are the same. */
export function inherit(parent: Draft, hunks: ReadonlySet<string>): Draft {
  return { comments: [], choices: Object.fromEntries(Object.entries(parent.choices).filter(([id]) => hunks.has(id))) }
}

export function useDraft(taskId: string, trial: Trial, hunks: ReadonlySet<string>): DraftState {
  const key = keyOf(taskId, trial.id)
  const [draft, keep] = useKept<Draft>(key, emptyDraft)
  useEffect(() => {
    if (!trial.parentId || localStorage.getItem(key) !== null) return
    const before = kept<Draft>(keyOf(taskId, trial.parentId), emptyDraft)
    if (Object.keys(before.choices).length > 0) keep(inherit(before, hunks))
  }, [key, taskId, trial.parentId, hunks, keep])
  const past = useRef<Draft[]>([])
  return useMemo(() => {
    const step = (next: Draft) => {
      past.current.push(draft)
      keep(next)
    }
    return {
      draft,
      choose: (id, choice) => step({ ...draft, choices: { ...draft.choices, [id]: choice } }),
      chooseMany: (ids, choice) =>
        step({ ...draft, choices: { ...draft.choices, ...Object.fromEntries(ids.map((id) => [id, choice])) } }),
      comment: (comment) => step({ ...draft, comments: [...draft.comments, comment] }),
      dropComment: (index) => step({ ...draft, comments: draft.comments.filter((_, other) => other !== index) }),
      dropComments: () => step({ ...draft, comments: [] }),
      undo: () => {
        const last = past.current.pop()
        if (last) keep(last)
        return last !== undefined
      },
      clear: () => {
        past.current = []
        keep(emptyDraft)
      },
    }
  }, [draft, keep])
}
