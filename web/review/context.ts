// What the bars under the hunks read; they are drawn inside the diff view, far from the screen that holds the state.
import type { Signal } from '@seatrial/protocol/check'
import { createContext, useContext } from 'react'
import type { Draft, Stop } from './draft.ts'
import type { HunkNote } from './safe.ts'

export interface ReviewContext {
  draft: Draft
  stops: ReadonlyMap<string, Stop>
  notes: ReadonlyMap<string, HunkNote>
  signals: ReadonlyMap<string, Signal>
  current: string | null
  /** Off while the diff is against something else than the base: then one reads and comments. */
  deciding: boolean
  /** Lines selected in the current hunk. */
  selected: number
  accept(id: string): void
  reject(id: string): void
  comment(id: string): void
  edit(id: string): void
  saveComment(text: string): void
  closeComment(): void
  dropComment(index: number): void
}

const Context = createContext<ReviewContext | null>(null)
export const ReviewProvider = Context.Provider

export function useReview(): ReviewContext {
  const review = useContext(Context)
  if (!review) throw new Error('A hunk bar was drawn outside a review')
  return review
}
