// Every action of the screen in one searchable list, each with its key.
import { useMemo, useRef, useState } from 'react'
import { Dialog } from '../parts/dialog.tsx'
import { KeyCap } from '../parts/key-cap.tsx'
import type { Action } from './actions.ts'

/** Words of the search in any order; actions without a match are left out. */
export function findActions(actions: readonly Action[], search: string): Action[] {
  const words = search.toLowerCase().split(/\s+/).filter(Boolean)
  return actions.filter((action) => {
    const text = `${action.title} ${action.group}`.toLowerCase()
    return words.every((word) => text.includes(word))
  })
}

function List({ actions, close }: { actions: readonly Action[]; close(): void }) {
  const [search, setSearch] = useState('')
  const [at, setAt] = useState(0)
  const list = useRef<HTMLDivElement>(null)
  const found = useMemo(() => findActions(actions, search), [actions, search])
  const current = Math.min(at, found.length - 1)
  const move = (to: number) => {
    setAt(to)
    list.current?.children[to]?.scrollIntoView({ block: 'nearest' })
  }
  const choose = (action: Action | undefined) => {
    if (!action) return
    close()
    // After the dialog has given the page its focus and keys back.
    setTimeout(() => action.run())
  }
  return (
    <>
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls="command-options"
        aria-activedescendant={found[current] ? `command-${found[current].id}` : undefined}
        aria-label="Search commands"
        placeholder="What would you like to do?"
        className="border-b border-line bg-panel px-4 py-3 text-base text-ink outline-none"
        value={search}
        onChange={(event) => {
          setSearch(event.target.value)
          setAt(0)
        }}
        onKeyDown={(event) => {
          if (event.key === 'ArrowDown') move(Math.min(current + 1, found.length - 1))
          else if (event.key === 'ArrowUp') move(Math.max(current - 1, 0))
          else if (event.key === 'Enter') choose(found[current])
          else return
          event.preventDefault()
        }}
      />
      <div
        ref={list}
        id="command-options"
        role="listbox"
        aria-label="Commands"
        className="min-h-0 flex-1 overflow-y-auto p-1.5"
      >
        {found.map((action, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: the combobox above handles the keys.
          <div
            key={action.id}
            id={`command-${action.id}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === current}
            onClick={() => choose(action)}
            onMouseMove={() => setAt(index)}
            className={`flex items-center gap-3 rounded px-2.5 py-1.5 ${index === current ? 'bg-accent-wash text-ink' : 'text-ink-soft'}`}
          >
            <span className="w-16 shrink-0 text-2xs text-ink-faint">{action.group}</span>
            <span className="min-w-0 flex-1 truncate">{action.title}</span>
            {action.keys?.map((keys) => (
              <KeyCap key={keys} keys={keys} />
            ))}
          </div>
        ))}
        {found.length === 0 && <div className="px-2.5 py-3 text-ink-faint">No command has these words.</div>}
      </div>
    </>
  )
}

/** `actions` are those that were possible before the list opened and took the keys. */
export const CommandList = ({ actions, close }: { actions: readonly Action[]; close(): void }) => (
  <Dialog open close={close} title="Commands" bare>
    <List actions={actions} close={close} />
  </Dialog>
)
