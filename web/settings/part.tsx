// One titled part of a page of settings.
import type { ReactNode } from 'react'

export const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <section className="rounded-md border border-line bg-panel p-4">
    <h2 className="mb-2.5 font-semibold">{title}</h2>
    {children}
  </section>
)

/** A secret that is shown this once. */
export const Secret = ({ secret }: { secret: string }) => (
  <div className="mt-3 rounded border border-warn bg-warn-wash p-3">
    <p className="mb-1 text-warn">Shown this once; copy it now.</p>
    <code className="font-mono text-xs select-all [overflow-wrap:anywhere]">{secret}</code>
  </div>
)
