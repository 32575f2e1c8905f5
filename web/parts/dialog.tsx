// A dialog: focus stays inside, Escape closes, the page's keys rest.
import { Dialog as Radix } from 'radix-ui'
import type { ReactNode } from 'react'
import { type Action, useActions } from '../app/actions.ts'

interface DialogProps {
  open: boolean
  close(): void
  title: string
  /** Hidden titles are for screen readers only. */
  bare?: boolean
  wide?: boolean
  actions?: readonly Action[]
  children: ReactNode
}

const none: readonly Action[] = []

function Inside({ actions, children }: { actions: readonly Action[]; children: ReactNode }) {
  useActions(actions, true)
  return children
}

export const Dialog = ({ open, close, title, bare, wide, actions = none, children }: DialogProps) => (
  <Radix.Root open={open} onOpenChange={(next) => !next && close()}>
    <Radix.Portal>
      <Radix.Overlay className="fixed inset-0 z-40 bg-[rgb(4_12_18/0.45)]" />
      <Radix.Content
        aria-describedby={undefined}
        className={`fixed top-[10vh] left-1/2 z-40 flex max-h-[80vh] w-[calc(100vw-1.5rem)] -translate-x-1/2 flex-col overflow-hidden rounded-lg border border-line-strong bg-panel text-ink shadow-[var(--shadow)] outline-none ${wide ? 'max-w-3xl' : 'max-w-lg'}`}
      >
        <Radix.Title className={bare ? 'sr-only' : 'border-b border-line px-4 py-3 text-base font-semibold'}>
          {title}
        </Radix.Title>
        <Inside actions={actions}>{children}</Inside>
      </Radix.Content>
    </Radix.Portal>
  </Radix.Root>
)
