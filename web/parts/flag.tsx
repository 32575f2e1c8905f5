// What a row needs, as a small signal flag and a word. The flag is decoration; the word carries the meaning.
import type { ReactNode } from 'react'

const flags: Record<string, { word: string; tone: string; art: ReactNode }> = {
  answer: {
    word: 'Answer',
    tone: 'text-warn',
    art: <path d="M0 0h6v6H0zM6 6h6v6H6z" fill="currentColor" />,
  },
  review: { word: 'Review', tone: 'text-accent', art: <path d="M0 4.5h12v3H0zM4.5 0h3v12h-3z" fill="currentColor" /> },
  choose: { word: 'Choose', tone: 'text-accent', art: <path d="M0 0h6v12H0z" fill="currentColor" /> },
  conflict: { word: 'Conflict', tone: 'text-skip', art: <path d="M0 0 12 12H0z" fill="currentColor" /> },
  failed: {
    word: 'Failed',
    tone: 'text-skip',
    art: <path d="M0 0l12 12M12 0 0 12" stroke="currentColor" strokeWidth="3" />,
  },
  working: { word: 'Working', tone: 'text-ink-soft', art: <path d="M0 4h12v4H0z" fill="currentColor" /> },
  queued: { word: 'Queued', tone: 'text-ink-faint', art: <path d="M3 3h6v6H3z" fill="currentColor" /> },
  applying: { word: 'Applying', tone: 'text-ink-soft', art: <path d="M0 4h12v4H0z" fill="currentColor" /> },
  done: { word: 'Done', tone: 'text-ship', art: <path d="M0 0h12v12H0z" fill="currentColor" /> },
  rejected: { word: 'Rejected', tone: 'text-ink-faint', art: <path d="M0 12 12 0v12z" fill="currentColor" /> },
  cancelled: { word: 'Cancelled', tone: 'text-ink-faint', art: <path d="M0 0h12L0 12z" fill="currentColor" /> },
  waiting: {
    word: 'Waiting',
    tone: 'text-accent',
    art: <path d="M0 4.5h12v3H0zM4.5 0h3v12h-3z" fill="currentColor" />,
  },
}

export function Flag({ kind }: { kind: string }) {
  const flag = flags[kind] ?? flags.waiting!
  return (
    <span className={`inline-flex items-center gap-1.5 text-2xs font-semibold tracking-wide uppercase ${flag.tone}`}>
      <svg width="12" height="12" viewBox="0 0 12 12" aria-hidden="true" className="shrink-0 border border-current">
        {flag.art}
      </svg>
      {flag.word}
    </span>
  )
}
