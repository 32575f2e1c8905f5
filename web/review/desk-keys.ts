// Every action of the desk with its keys, as a table. The mouse can do nothing that is not here.
import type { Action } from '../app/actions.ts'
import type { Deciding } from './use-deciding.ts'
import type { PlaceInDiff } from './use-place.ts'

/** What the desk itself can do, besides moving and deciding. */
export interface DeskMoves {
  apply(): void
  send(): void
  edit(id: string): void
  openReject(): void
  openSnooze(): void
  toggleSplit(): void
  toggleEvidence(): void
  toggleRequest(): void
  findFile(): void
  toTask(): void
  toCompare(): void
  goOpen(): void
  goLook(): void
}

type Row = [id: string, title: string, keys: string[], run: () => void]

export function deskActions(place: PlaceInDiff, deciding: Deciding, desk: DeskMoves): Action[] {
  const { stop, at } = place
  const lines = place.selected !== null
  const here = (run: (id: string) => void) => () => stop && run(stop.id)
  const groups: Record<string, Row[]> = {
    Move: [
      [
        'down',
        'Next hunk, or next line while selecting',
        ['j', 'ArrowDown'],
        () => (lines ? place.stepLine(1, false) : place.goTo(at + 1)),
      ],
      [
        'up',
        'Previous hunk, or line while selecting',
        ['k', 'ArrowUp'],
        () => (lines ? place.stepLine(-1, false) : place.goTo(at - 1)),
      ],
      ['next-file', 'Next file', [']'], () => place.stepFile(1)],
      ['previous-file', 'Previous file', ['['], () => place.stepFile(-1)],
      ['next-open', 'Next undecided hunk', ['.'], desk.goOpen],
      ['next-look', 'Next hunk that deserves a look', ['!'], desk.goLook],
      ['find-file', 'Find a file', ['/'], desk.findFile],
    ],
    Lines: [
      ['lines', 'Select lines', ['v'], () => place.stepLine(0, false)],
      ['extend-down', 'Select one line more', ['J', 'shift+ArrowDown'], () => place.stepLine(1, true)],
      ['extend-up', 'Select one line less', ['K', 'shift+ArrowUp'], () => place.stepLine(-1, true)],
      [
        'leave',
        'Leave the selection',
        ['Escape'],
        () => {
          place.select(null)
          deciding.closeComment()
        },
      ],
    ],
    Decide: [
      ['accept', 'Accept this hunk or the selected lines', ['a'], here(deciding.accept)],
      ['reject', 'Reject this hunk or the selected lines', ['x'], here(deciding.reject)],
      ['comment', 'Comment', ['c'], here(deciding.openComment)],
      ['edit', 'Edit this hunk', ['e'], here(desk.edit)],
      ['accept-file', 'Accept this file', ['f'], () => stop && deciding.acceptFile(stop.path)],
      ['safe', `Accept the safe rest (${deciding.safe.length})`, ['A'], deciding.acceptSafe],
      ['apply', 'Apply what is accepted', ['Enter', 'mod+Enter'], desk.apply],
      ['send', 'Send the comments as one rework', ['shift+Enter'], desk.send],
      ['reject-all', 'Reject the whole candidate', ['X'], desk.openReject],
      ['undo', 'Undo the last step', ['u'], deciding.undoStep],
      ['snooze', 'Snooze this task', ['z'], desk.openSnooze],
    ],
    View: [
      ['above', 'Show more lines above the hunk', ['{'], () => place.unfold('above')],
      ['below', 'Show more lines below the hunk', ['}'], () => place.unfold('below')],
      ['whole', 'Show all lines around the hunk', ['O'], () => place.unfold('all')],
      ['fold', 'Fold or unfold this file', ['o'], () => stop && place.toggle(stop.path)],
      ['split', 'One column or two', ['d'], desk.toggleSplit],
      ['evidence', 'Show or hide the evidence', ['i'], desk.toggleEvidence],
      ['request', 'Show or hide what was asked', ['p'], desk.toggleRequest],
      ['timeline', 'Open the task with its timeline', ['t'], desk.toTask],
      ['compare', 'Compare the candidates', ['w'], desk.toCompare],
    ],
  }
  return Object.entries(groups).flatMap(([group, rows]) =>
    rows.map(([id, title, keys, run]) => ({ id, title, group, keys, run })),
  )
}
