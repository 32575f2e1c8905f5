// What an empty list says.
import { Link } from '@tanstack/react-router'
import { KeyCap } from '../parts/key-cap.tsx'

const sentences = {
  needs: ['Calm seas', 'Nothing needs you. Running tasks will surface here when they have a question or a candidate.'],
  running: ['Nothing is under way', 'Start a task and keep coding; it will come back with evidence.'],
  done: ['Nothing decided yet', 'Tasks you accepted, rejected or cancelled will be listed here.'],
} as const

export function Quiet({ tab, searching }: { tab: keyof typeof sentences; searching: boolean }) {
  const [title, sentence] = searching ? ['No match', 'No task in this list has these words.'] : sentences[tab]
  return (
    <div className="flex flex-1 flex-col items-center justify-center gap-2 p-8 text-center">
      <svg width="120" height="28" viewBox="0 0 120 28" aria-hidden="true" className="mb-1 text-line-strong">
        <path
          d="M0 9q7.5-7 15 0t15 0 15 0 15 0 15 0 15 0 15 0 15 0M15 20q7.5-7 15 0t15 0 15 0 15 0 15 0 15 0"
          fill="none"
          stroke="currentColor"
          strokeWidth="1.5"
        />
      </svg>
      <h2 className="text-lg font-semibold">{title}</h2>
      <p className="max-w-xs text-ink-soft">{sentence}</p>
      {!searching && (
        <Link to="/new" className="mt-2 font-medium text-accent hover:underline">
          New task <KeyCap keys="n" />
        </Link>
      )}
    </div>
  )
}
