// Reject: a kind of reason and, if one likes, words; both feed the record of who to ship with.
import type { TaskView } from '@seatrial/protocol/api'
import { ReasonCode } from '@seatrial/protocol/decision'
import { useState } from 'react'
import { act } from '../data/act.ts'
import { client } from '../data/client.ts'
import { Button } from '../parts/button.tsx'
import { Dialog } from '../parts/dialog.tsx'
import { visible } from '../parts/visible.ts'

const words: Record<ReasonCode, string> = {
  agent_error: 'It is wrong',
  style: 'Right, but not how we write',
  scope: 'Too much, or not what was asked',
  workflow: 'Plans changed',
  duplicate: 'Already done elsewhere',
  unknown: 'No reason given',
}

interface RejectDialogProps {
  task: TaskView
  trialId?: string
  close(): void
  done?(): void
}

export function RejectDialog({ task, trialId, close, done }: RejectDialogProps) {
  const [code, setCode] = useState<ReasonCode>('agent_error')
  const [reason, setReason] = useState('')
  const reject = async () => {
    const made = await act(
      client.reject({ params: { id: task.id }, body: { code, reason, ...(trialId ? { trialId } : {}) } }),
      'Rejected.',
    )
    if (!made) return
    close()
    done?.()
  }
  return (
    <Dialog open close={close} title="Reject">
      <form
        className="flex flex-col gap-3 overflow-y-auto p-4"
        onSubmit={(event) => {
          event.preventDefault()
          void reject()
        }}
      >
        <p>Turn down “{visible(task.title)}”. Its candidates are kept.</p>
        <fieldset className="flex flex-col gap-1">
          <legend className="mb-1 font-medium">Why</legend>
          {ReasonCode.options.map((option, index) => (
            <label key={option} className="flex items-center gap-2">
              <input
                type="radio"
                name="reason"
                checked={code === option}
                onChange={() => setCode(option)}
                autoFocus={index === 0}
                className="accent-accent"
              />
              {words[option]}
            </label>
          ))}
        </fieldset>
        <label className="flex flex-col gap-1">
          <span className="text-xs text-ink-faint">In words</span>
          <textarea
            rows={3}
            maxLength={2000}
            value={reason}
            onChange={(event) => setReason(event.target.value)}
            className="rounded border border-line-strong bg-panel px-2 py-1 text-ink"
          />
        </label>
        <div className="flex justify-end gap-2">
          <Button onClick={close} keys="Escape">
            Cancel
          </Button>
          <Button type="submit" tone="skip" keys="Enter">
            Reject
          </Button>
        </div>
      </form>
    </Dialog>
  )
}
