// Who is asked: any number of contenders, each an agent with a model, written `agent+model`.
import type { Contender } from '@seatrial/protocol/contender'
import { useState } from 'react'
import { Button } from '../parts/button.tsx'
import { inputLook } from '../parts/field.tsx'
import { visible } from '../parts/visible.ts'

interface ContendersProps {
  known: readonly Contender[]
  asked: readonly string[]
  change(asked: string[]): void
}

export function Contenders({ known, asked, change }: ContendersProps) {
  const [other, setOther] = useState('')
  const names = [...new Set([...known.map(({ id }) => id), ...asked])]
  const add = () => {
    const name = other.trim()
    if (!name) return
    change([...new Set([...asked, name])])
    setOther('')
  }
  return (
    <fieldset>
      <legend className="mb-1 font-medium">Contenders</legend>
      <div className="flex flex-wrap gap-1.5">
        {names.map((name) => {
          const on = asked.includes(name)
          return (
            <label
              key={name}
              className={`flex items-center gap-2 rounded border px-2.5 py-1 font-mono text-xs has-focus-visible:outline-2 has-focus-visible:outline-[var(--focus)] ${on ? 'border-accent bg-accent-wash text-ink' : 'border-line-strong text-ink-soft'}`}
            >
              <input
                type="checkbox"
                checked={on}
                onChange={() => change(on ? asked.filter((one) => one !== name) : [...asked, name])}
                className="accent-accent"
              />
              {visible(name)}
            </label>
          )
        })}
        <span className="flex min-w-56 flex-1 gap-1.5 sm:max-w-64">
          <input
            aria-label="Another contender, written agent+model"
            placeholder="agent+model"
            value={other}
            spellCheck={false}
            onChange={(event) => setOther(event.target.value)}
            onKeyDown={(event) => {
              if (event.key !== 'Enter' || event.metaKey || event.ctrlKey) return
              event.preventDefault()
              add()
            }}
            className={`${inputLook} min-w-0 py-1 font-mono text-xs`}
          />
          <Button small onClick={add} disabled={!other.trim()}>
            Add
          </Button>
        </span>
      </div>
      <p className="mt-1 text-xs text-ink-faint">
        {asked.length === 0
          ? 'None chosen: the house asks its default.'
          : 'Each works alone in its own sandbox; you compare.'}
      </p>
    </fieldset>
  )
}
