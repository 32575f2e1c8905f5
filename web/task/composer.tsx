// A follow-up: while a trial runs it is delivered at the end of its turn, afterwards it becomes a rework.
import type { TaskView } from '@seatrial/protocol/api'
import { trialEnded } from '@seatrial/protocol/task'
import { type Ref, useState } from 'react'
import { act } from '../data/act.ts'
import { client } from '../data/client.ts'
import { leadOf } from '../inbox/need.ts'
import { Button } from '../parts/button.tsx'

export function Composer({ task, field }: { task: TaskView; field: Ref<HTMLTextAreaElement> }) {
  const [text, setText] = useState('')
  const running = task.trials.some(({ state }) => !trialEnded(state))
  const lead = leadOf(task)
  if (task.state === 'cancelled') return null
  const send = async () => {
    const words = text.trim()
    if (!words) return
    const params = { id: task.id }
    const sent = running
      ? await act(client.messageTask({ params, body: { text: words } }), 'It will read this when its turn ends.')
      : await act(
          client.rework({ params, body: { text: words, ...(lead ? { trialId: lead.id } : {}) } }),
          'A new trial takes it up.',
        )
    if (sent) setText('')
  }
  return (
    <form
      className="flex shrink-0 items-end gap-2 border-t border-line bg-panel p-3"
      onSubmit={(event) => {
        event.preventDefault()
        void send()
      }}
    >
      <textarea
        ref={field}
        aria-label="Follow-up"
        rows={2}
        placeholder={
          running ? 'Tell it something while it works…' : 'Ask for changes; a new trial starts from the candidate…'
        }
        value={text}
        onChange={(event) => setText(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === 'Escape') event.currentTarget.blur()
          if (event.key !== 'Enter' || !(event.metaKey || event.ctrlKey)) return
          event.preventDefault()
          void send()
        }}
        className="min-w-0 flex-1 resize-none rounded border border-line-strong bg-panel px-2.5 py-1.5 text-ink"
      />
      <Button type="submit" keys="mod+Enter" disabled={!text.trim()}>
        {running ? 'Send' : 'Rework'}
      </Button>
    </form>
  )
}
