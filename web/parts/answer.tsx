// A question of an agent, answered in place: by one of its options or in one's own words.
import type { Ask } from '@seatrial/protocol/task'
import { useState } from 'react'
import { Ago } from './ago.tsx'
import { Button } from './button.tsx'
import { visible } from './visible.ts'
import { Words } from './words.tsx'

interface AnswerProps {
  ask: Ask
  /** Whether the number keys answer this one. */
  keyed: boolean
  answer(text: string): void
}

export function Answer({ ask, keyed, answer }: AnswerProps) {
  const [own, setOwn] = useState('')
  return (
    <section aria-label="Question" className="border-y border-warn bg-warn-wash px-5 py-3.5">
      <h3 className="mb-1.5 text-2xs font-semibold tracking-wide text-warn uppercase">
        It asks · <Ago at={ask.askedAt} />
      </h3>
      <Words text={ask.text} />
      <div className="mt-2.5 flex flex-wrap gap-2">
        {ask.options.map((option, index) => (
          <Button key={option} keys={keyed ? String(index + 1) : undefined} onClick={() => answer(option)}>
            {visible(option)}
          </Button>
        ))}
        <form
          className="flex min-w-48 flex-1 gap-2"
          onSubmit={(event) => {
            event.preventDefault()
            if (own.trim()) answer(own.trim())
          }}
        >
          <input
            aria-label="Your own answer"
            placeholder="Or in your words…"
            value={own}
            onChange={(event) => setOwn(event.target.value)}
            className="min-w-0 flex-1 rounded border border-line-strong bg-panel px-2 py-1 text-ink"
          />
          <Button type="submit" disabled={!own.trim()}>
            Send
          </Button>
        </form>
      </div>
    </section>
  )
}
