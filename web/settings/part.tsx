// One titled part of a page of settings.
import type { ReactNode } from 'react'

export const Part = ({ title, children }: { title: string; children: ReactNode }) => (
  <section className="rounded-md border border-line bg-panel p-4">
    <h2 className="mb-2.5 font-semibold">{title}</h2>
    {children}
  </section>
)
