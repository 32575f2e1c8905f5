// The head of one file in the diff: its name, what happened to it, its size.
import type { FileDiff } from '@seatrial/protocol/diff'
import { ChevronDown } from 'lucide-react'
import { Button } from '../parts/button.tsx'
import { visible } from '../parts/visible.ts'
import { useReview } from './context.ts'

export function FileHead({ file, toggle }: { file: FileDiff; toggle(path: string): void }) {
  const review = useReview()
  const alone = file.hunks.length === 0 ? `file:${file.path}` : null
  const modes = file.oldMode !== file.newMode && file.status === 'modified'
  return (
    <div className="flex h-9 items-center gap-2 border-y border-line bg-sunk px-3 font-sans text-xs">
      <button type="button" onClick={() => toggle(file.path)} className="flex min-w-0 items-center gap-1.5 text-left">
        <ChevronDown size={14} aria-hidden="true" className="shrink-0 text-ink-faint" />
        <span className="sr-only">Fold or unfold </span>
        <span className="truncate font-mono font-medium text-ink">{visible(file.path)}</span>
      </button>
      {file.oldPath && <span className="truncate text-ink-faint">from {visible(file.oldPath)}</span>}
      {file.status !== 'modified' && <span className="text-ink-soft">{file.status}</span>}
      {modes && (
        <span className="text-warn">
          mode {file.oldMode} → {file.newMode}
        </span>
      )}
      {file.binary && <span className="text-ink-soft">binary</span>}
      {file.collapsed && <span className="text-ink-soft max-sm:hidden">generated or large: o unfolds</span>}
      {file.sensitive && <span className="font-semibold text-warn">sensitive</span>}
      <span className="tabular ml-auto font-mono">
        <span className="text-ship">+{file.added}</span> <span className="text-skip">−{file.removed}</span>
      </span>
      {alone && review.deciding && (
        <>
          <span className="text-ink-soft">{review.draft.choices[alone]?.kind ?? 'undecided'}</span>
          <Button small tone="ship" onClick={() => review.accept(alone)}>
            Accept
          </Button>
          <Button small tone="skip" onClick={() => review.reject(alone)}>
            Reject
          </Button>
        </>
      )}
    </div>
  )
}
