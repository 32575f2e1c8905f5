// A page's body that scrolls, also by keyboard.
import type { ReactNode } from 'react'

export const Scroll = ({ label, children }: { label: string; children: ReactNode }) => (
  <section
    aria-label={label}
    // biome-ignore lint/a11y/noNoninteractiveTabindex: a scrolling region must be reachable by keyboard.
    tabIndex={0}
    className="min-h-0 flex-1 overflow-y-auto -outline-offset-2"
  >
    {children}
  </section>
)
