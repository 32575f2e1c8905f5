// The foot of the desk: how far the review is, and what to do with it.
import { Button } from '../parts/button.tsx'
import { plural } from '../parts/format.ts'

interface DeskFootProps {
  decided: number
  all: number
  comments: number
  safe: number
  lineMode: boolean
  acceptSafe(): void
  send(): void
  apply(): void
}

export const DeskFoot = ({ decided, all, comments, safe, lineMode, acceptSafe, send, apply }: DeskFootProps) => (
  <footer className="flex shrink-0 flex-wrap items-center gap-2 border-t border-line bg-panel px-4 py-2">
    <span className="tabular flex items-center gap-2 font-medium">
      <span aria-hidden="true" className="h-1.5 w-20 overflow-hidden rounded-full bg-line max-sm:w-10">
        <span className="block h-full bg-accent" style={{ width: `${(100 * decided) / Math.max(all, 1)}%` }} />
      </span>
      {decided}/{all}
      <span className="text-ink-faint max-sm:sr-only"> decided</span>
    </span>
    <span className="text-xs text-ink-faint max-lg:hidden">
      {lineMode
        ? 'selecting lines: J K extend, a take, x leave out, c comment, esc'
        : 'j k hunk · . open · ] [ file · v lines · { } around · u undo · ? all keys'}
    </span>
    <span className="ml-auto flex gap-2">
      {safe > 0 && (
        <Button keys="A" onClick={acceptSafe}>
          <span className="max-sm:hidden">Accept safe rest</span>
          <span className="sm:hidden">Safe</span> {safe}
        </Button>
      )}
      <Button keys="shift+Enter" onClick={send} disabled={comments === 0}>
        <span className="max-sm:hidden">Send {plural(comments, 'comment')}</span>
        <span className="sm:hidden">Rework {comments}</span>
      </Button>
      <Button tone="primary" keys="Enter" onClick={apply}>
        Apply…
      </Button>
    </span>
  </footer>
)
