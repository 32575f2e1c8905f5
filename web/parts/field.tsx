// A labelled field of a form, with room for help.
import type { ReactNode } from 'react'

export const inputLook = 'w-full min-w-0 rounded border border-line-strong bg-panel px-2.5 py-1.5 text-sm text-ink'

/** The label belongs to the control with the id `for_`. */
export const Field = ({
  label,
  for_,
  help,
  children,
}: {
  label: string
  for_: string
  help?: ReactNode
  children: ReactNode
}) => (
  <div className="flex min-w-0 flex-col gap-1">
    <label htmlFor={for_} className="font-medium">
      {label}
    </label>
    {children}
    {help && <p className="text-xs text-ink-faint">{help}</p>}
  </div>
)
