// The outline of a screen: a bar with its title and tools, and the rest.
import type { ReactNode } from 'react'

interface ScreenProps {
  title: string
  /** Shown instead of the plain title, e.g. with crumbs. */
  heading?: ReactNode
  bar?: ReactNode
  children: ReactNode
}

export const Screen = ({ title, heading, bar, children }: ScreenProps) => (
  <main className="flex min-h-0 flex-1 flex-col">
    <header className="flex min-h-12 shrink-0 flex-wrap items-center gap-x-3 gap-y-1 border-b border-line bg-panel px-4 py-1.5">
      <h1
        className={
          heading
            ? 'flex min-w-0 items-baseline gap-2'
            : `text-base font-semibold tracking-tight ${bar ? 'max-sm:sr-only' : ''}`
        }
      >
        {heading ?? title}
      </h1>
      {bar}
    </header>
    {children}
  </main>
)
