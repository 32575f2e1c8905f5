// Open questions of the task, answered in place.
import type { TaskView } from '@seatrial/protocol/api'
import type { Ask } from '@seatrial/protocol/task'
import { useState } from 'react'
import { useActions } from '../app/actions.ts'
import { act } from '../data/act.ts'
import { client } from '../data/client.ts'
import { Ago } from '../parts/ago.tsx'
import { Button } from '../parts/button.tsx'
import { visible } from '../parts/visible.ts'
import { Words } from '../parts/words.tsx'

export function Asks({ task }: { task: TaskView }) {
  return task.asks
    .filter(({ answer }) => answer === null)
    .map((ask, index) => <OneAsk key={ask.id} ask={ask} first={index === 0} />)
}

function OneAsk({ ask, first }: { ask: Ask; first: boolean }) {
  const [own, setOwn] = useState('')
  const answer = (text: string) =>
    void act(client.answerAsk({ params: { id: ask.id }, body: { answer: text } }), 'Answered.')
  useActions(
    first
      ? ask.options.slice(0, 9).map((option, index) => ({
          id: `answer:${index}`,
          title: `Answer “${option}”`,
          group: 'Task',
          keys: [String(index + 1)],
          run: () => answer(option),
        }))
      : [],
  )
  return (
    <section aria-label="Question" className="border-b border-warn bg-warn-wash px-5 py-4">
      <h2 className="mb-1.5 text-2xs font-semibold tracking-wide text-warn uppercase">
        It asks · <Ago at={ask.askedAt} />
      </h2>
      <Words text={ask.text} />
      <div className="mt-2.5 flex flex-wrap gap-2">
        {ask.options.map((option, index) => (
          <Button key={option} keys={first ? String(index + 1) : undefined} onClick={() => answer(option)}>
            {visible(option)}
          </Button>
        ))}
        <form
          className="flex min-w-56 flex-1 gap-2"
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
