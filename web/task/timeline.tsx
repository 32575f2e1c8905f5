// The story of a task, newest at the end; only the last stretch is drawn until one asks for more.
import type { TaskView } from '@seatrial/protocol/api'
import type { HouseEvent } from '@seatrial/protocol/event'
import { useMemo, useState } from 'react'
import { withNames } from '../inbox/need.ts'
import { Button } from '../parts/button.tsx'
import { moment } from '../parts/format.ts'
import { Log } from '../parts/log.tsx'
import { visible } from '../parts/visible.ts'
import { Words } from '../parts/words.tsx'
import { type Entry, foldTimeline } from './story.ts'

const stretch = 200
const tones = { plain: 'text-ink-soft', good: 'text-ship', bad: 'text-skip', ask: 'text-warn font-medium' } as const
const dots = { plain: 'bg-line-strong', good: 'bg-ship', bad: 'bg-skip', ask: 'bg-warn' } as const
const callTone = {
  pending: 'text-ink-faint',
  in_progress: 'text-accent',
  completed: 'text-ink-soft',
  failed: 'text-skip',
} as const

interface TimelineProps {
  task: TaskView
  events: readonly HouseEvent[]
  /** Trial to show alone. */
  only: string | null
}

export function Timeline({ task, events, only }: TimelineProps) {
  const [shown, setShown] = useState(stretch)
  const entries = useMemo(
    () => foldTimeline(only ? events.filter(({ trialId }) => trialId === null || trialId === only) : events),
    [events, only],
  )
  const names = new Map(task.trials.map(({ id, contender }) => [id, contender]))
  const rest = entries.length - shown
  return (
    <div className="px-5 py-4">
      {rest > 0 && (
        <Button small className="mb-3" onClick={() => setShown(shown + stretch)}>
          {rest} earlier
        </Button>
      )}
      <ol className="flex flex-col">
        {entries.slice(-shown).map((entry, index, list) => (
          <li key={entry.key} className="flex gap-3">
            <time
              dateTime={entry.at}
              title={moment(entry.at)}
              className="tabular w-10 shrink-0 pt-1 text-right text-2xs text-ink-faint max-sm:hidden"
            >
              {entry.at.slice(0, 16) === list[index - 1]?.at.slice(0, 16) ? '' : moment(entry.at).slice(-5)}
            </time>
            <span aria-hidden="true" className="relative flex w-2 shrink-0 justify-center">
              <span className="absolute inset-y-0 w-px bg-line" />
              <span
                className={`relative mt-2.5 size-1.5 rounded-full ${entry.kind === 'fact' ? dots[entry.tone] : 'bg-line-strong'}`}
              />
            </span>
            <div className="min-w-0 flex-1 py-1">
              {names.size > 1 && entry.trialId && entry.trialId !== list[index - 1]?.trialId && (
                <p className="font-mono text-2xs text-ink-faint">{names.get(entry.trialId)}</p>
              )}
              <OneEntry task={task} entry={entry} />
            </div>
          </li>
        ))}
      </ol>
    </div>
  )
}

function OneEntry({ task, entry }: { task: TaskView; entry: Entry }) {
  if (entry.kind === 'fact')
    return <p className={`[overflow-wrap:anywhere] ${tones[entry.tone]}`}>{visible(withNames(task, entry.sentence))}</p>
  if (entry.kind === 'said') {
    return (
      <div className={entry.role === 'thought' ? 'text-ink-faint italic' : 'max-w-prose'}>
        <Words text={entry.text} clip={entry.role === 'thought' ? 240 : 1200} />
      </div>
    )
  }
  const { call } = entry
  return (
    <details className="text-xs">
      <summary className={`flex items-baseline gap-2 ${callTone[call.status]}`}>
        <span className="shrink-0 font-mono text-2xs text-ink-faint">{visible(call.kind)}</span>
        <span className="min-w-0 truncate">{visible(call.title)}</span>
        {call.status === 'in_progress' && <span className="tide shrink-0">running</span>}
        {call.status === 'failed' && <span className="shrink-0">failed</span>}
      </summary>
      {call.paths.map((path) => (
        <p key={path} className="font-mono text-2xs text-ink-faint">
          {visible(path)}
        </p>
      ))}
      {call.output && <Log text={call.output} />}
    </details>
  )
}
