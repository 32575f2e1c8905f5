// One line of the inbox: what it needs, which task, one sentence, how long it waits.
import type { TaskView } from '@seatrial/protocol/api'
import { Ago } from '../parts/ago.tsx'
import { Flag } from '../parts/flag.tsx'
import { plural } from '../parts/format.ts'
import { visible } from '../parts/visible.ts'
import { candidatesOf, leadOf, needOf, withNames } from './need.ts'

function summary(task: TaskView): string {
  const need = needOf(task)
  if (need) return need.sentence
  if (task.note) return withNames(task, task.note)
  const moving = task.trials.filter(({ state }) => !['ready', 'failed', 'cancelled'].includes(state))
  return moving.map(({ contender, state }) => `${contender} ${state}`).join(' · ') || task.contenders.join(', ')
}

export function Row({ task, current }: { task: TaskView; current: boolean }) {
  const need = needOf(task)
  const lead = leadOf(task)
  const several = candidatesOf(task).length
  return (
    <div
      className={`flex h-full flex-col justify-center gap-0.5 border-b border-line border-l-2 px-4 ${
        current ? 'border-l-accent bg-accent-wash' : 'border-l-transparent'
      }`}
    >
      <div className="flex min-w-0 items-baseline gap-2">
        <span className="w-[5.6rem] shrink-0 self-center">
          <Flag kind={need?.kind ?? task.state} />
        </span>
        <span className="min-w-0 flex-1 truncate font-medium text-ink">{visible(task.title)}</span>
        {lead?.candidate && (
          <span className="tabular shrink-0 font-mono text-xs max-sm:hidden">
            <span className="text-ship">+{lead.candidate.added}</span>{' '}
            <span className="text-skip">−{lead.candidate.removed}</span>
          </span>
        )}
        <span className="w-8 shrink-0 text-right text-xs text-ink-faint">
          <Ago at={task.updatedAt} />
        </span>
      </div>
      <div className="flex min-w-0 items-baseline gap-2 text-xs">
        <span className="w-[5.6rem] shrink-0 truncate text-ink-faint">{task.projectName}</span>
        <span className="min-w-0 flex-1 truncate text-ink-soft">{visible(summary(task))}</span>
        {several > 1 && <span className="shrink-0 text-ink-faint">{plural(several, 'candidate')}</span>}
      </div>
    </div>
  )
}
