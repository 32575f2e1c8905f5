// The draft of one candidate with its history, kept in this browser until it is sent.
import { useMemo, useRef } from 'react'
import { useKept } from '../data/kept.ts'
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

export function useDraft(taskId: string, trialId: string): DraftState {
  const [draft, keep] = useKept<Draft>(`seatrial.draft.${taskId}.${trialId}`, emptyDraft)
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
