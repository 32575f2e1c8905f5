// Text somebody or something else wrote: always plain text, never markup; agents' words are marked as theirs.
import { useState } from 'react'
import { visible } from './visible.ts'

export function Words({ text, from, clip = 900 }: { text: string; from?: 'agent'; clip?: number }) {
  const [all, setAll] = useState(false)
  const shown = visible(all ? text : text.slice(0, clip))
  return (
    <p
      className={`whitespace-pre-wrap [overflow-wrap:anywhere] ${from ? 'border-l-2 border-line-strong pl-2.5 text-ink-soft' : ''}`}
    >
      {shown}
      {text.length > clip && !all && (
        <>
          …{' '}
          <button type="button" className="font-medium text-accent hover:underline" onClick={() => setAll(true)}>
            show all
          </button>
        </>
      )}
    </p>
  )
}
