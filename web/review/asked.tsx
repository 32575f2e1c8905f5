// What was asked and what the agent says it did: a line in the head of the desk, all of it by one key. Hours may have passed.
import type { TaskView } from '@seatrial/protocol/api'
import type { Trial } from '@seatrial/protocol/task'
import { ChevronDown, ChevronRight } from 'lucide-react'
import { moment } from '../parts/format.ts'
import { KeyCap } from '../parts/key-cap.tsx'
import { visible } from '../parts/visible.ts'
import { Words } from '../parts/words.tsx'

export function AskedLine({ task, open, toggle }: { task: TaskView; open: boolean; toggle(): void }) {
  const Chevron = open ? ChevronDown : ChevronRight
  return (
    <button
      type="button"
      aria-expanded={open}
      onClick={toggle}
      className="flex min-w-0 flex-1 items-center gap-1.5 self-center rounded px-1 py-0.5 text-left text-xs hover:bg-sunk max-md:basis-full"
    >
      <Chevron size={13} aria-hidden="true" className="shrink-0 text-ink-faint" />
      <span className="shrink-0 text-ink-faint">You asked</span>
      <span className="min-w-0 truncate text-ink-soft">{visible(task.prompt)}</span>
      <KeyCap keys="p" />
    </button>
  )
}

export const Asked = ({ task, trial }: { task: TaskView; trial: Trial }) => (
  <section
    aria-label="The request"
    className="grid max-h-[40vh] shrink-0 gap-x-8 gap-y-3 overflow-y-auto border-b border-line bg-panel px-4 py-3 md:grid-cols-2"
  >
    <div className="flex flex-col gap-1.5">
      <p className="text-xs text-ink-faint">You asked {moment(task.createdAt)}</p>
      <Words text={task.prompt} />
      {trial.instruction && (
        <>
          <p className="text-xs text-ink-faint">Then you sent it back</p>
          <Words text={trial.instruction} />
        </>
      )}
    </div>
    {trial.summary && (
      <div className="flex flex-col gap-1.5">
        <p className="text-xs text-ink-faint">{trial.contender} says</p>
        <Words text={trial.summary} from="agent" />
      </div>
    )}
  </section>
)
