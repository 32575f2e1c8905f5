// Task: its story as it happens, its plan, cost and checkpoints; questions answered and follow-ups sent on the way.
import type { TaskView } from '@seatrial/protocol/api'
import { type Trial, taskMoves } from '@seatrial/protocol/task'
import { useQuery } from '@tanstack/react-query'
import { getRouteApi, Link, useNavigate } from '@tanstack/react-router'
import { Suspense, useRef, useState } from 'react'
import { useActions } from '../app/actions.ts'
import { act } from '../data/act.ts'
import { client, sentenceOf } from '../data/client.ts'
import { eventsQuery, taskQuery } from '../data/queries.ts'
import { RejectDialog, SnoozeDialog } from '../decide/lazy.ts'
import { candidatesOf, leadOf, needOf } from '../inbox/need.ts'
import { Button } from '../parts/button.tsx'
import { Flag } from '../parts/flag.tsx'
import { Screen } from '../parts/screen.tsx'
import { visible } from '../parts/visible.ts'
import { Asks } from './asks.tsx'
import { Composer } from './composer.tsx'
import { Decisions } from './decisions.tsx'
import { Request } from './request.tsx'
import { Timeline } from './timeline.tsx'
import { TrialCard } from './trial-card.tsx'

const route = getRouteApi('/tasks/$id')

export function TaskScreen() {
  const { id } = route.useParams()
  const task = useQuery(taskQuery(id))
  if (task.data) return <OneTask key={task.data.id} task={task.data} />
  return (
    <Screen title="Task">
      <p className="p-6 text-ink-soft">{task.error ? sentenceOf(task.error) : 'Looking it up…'}</p>
    </Screen>
  )
}

function OneTask({ task }: { task: TaskView }) {
  const navigate = useNavigate()
  const events = useQuery(eventsQuery(task.id))
  const [dialog, setDialog] = useState<'reject' | 'snooze' | null>(null)
  const composer = useRef<HTMLTextAreaElement>(null)
  const [only, setOnly] = useState<string | null>(null)
  const lead = leadOf(task)
  const many = candidatesOf(task).length > 1
  const params = { id: task.id }
  const review = () => lead && void navigate({ to: '/tasks/$id/review', params })
  const compare = () => void navigate({ to: '/tasks/$id/compare', params })
  const cancel = () => void act(client.cancelTask({ params }), 'Cancelled; its trials stop spending.')
  const retry = () => void act(client.rework({ params, body: { text: '' } }), 'Sent out again.')
  const mayCancel = taskMoves[task.state].includes('cancelled')
  const mayReject = taskMoves[task.state].includes('rejected')

  useActions([
    ...(lead
      ? [{ id: 'review', title: 'Review the candidate', group: 'Task', keys: ['Enter', 'r'], run: () => void review() }]
      : []),
    ...(many ? [{ id: 'compare', title: 'Compare the candidates', group: 'Task', keys: ['w'], run: compare }] : []),
    { id: 'follow-up', title: 'Write a follow-up', group: 'Task', keys: ['c'], run: () => composer.current?.focus() },
    ...(mayReject
      ? [{ id: 'reject', title: 'Reject', group: 'Task', keys: ['x'], run: () => setDialog('reject') }]
      : []),
    { id: 'snooze', title: 'Snooze', group: 'Task', keys: ['z'], run: () => setDialog('snooze') },
    ...(mayCancel ? [{ id: 'cancel', title: 'Cancel the task', group: 'Task', run: cancel }] : []),
  ])

  return (
    <Screen
      title={task.title}
      heading={
        <>
          <span className="shrink-0 self-center">
            <Flag kind={needOf(task)?.kind ?? task.state} />
          </span>
          <span className="truncate text-base font-semibold tracking-tight">{visible(task.title)}</span>
        </>
      }
      bar={
        <span className="ml-auto flex gap-2">
          {many && (
            <Button keys="w" onClick={compare}>
              Compare
            </Button>
          )}
          {task.state === 'failed' && <Button onClick={retry}>Try again</Button>}
          {mayCancel && (
            <Button tone="quiet" onClick={cancel}>
              Cancel
            </Button>
          )}
          {lead && (
            <Button tone="primary" keys="Enter" onClick={() => void review()}>
              Review
            </Button>
          )}
        </span>
      }
    >
      <div className="flex min-h-0 flex-1 flex-col max-lg:overflow-y-auto">
        <Request task={task} />
        <Asks task={task} />
        <div className="flex min-h-0 flex-1 max-lg:flex-none max-lg:flex-col">
          <section aria-label="Timeline" className="flex min-w-0 flex-1 flex-col lg:min-h-0">
            <div className="min-h-0 flex-1 overflow-y-auto">
              <Timeline task={task} events={events.data ?? []} only={only} />
            </div>
            <Composer task={task} field={composer} />
          </section>
          <aside
            aria-label="Trials"
            className="shrink-0 border-line bg-panel max-lg:order-first max-lg:border-b lg:w-[22rem] lg:overflow-y-auto lg:border-l"
          >
            {task.trials.map((trial: Trial) => (
              <TrialCard
                key={trial.id}
                task={task}
                trial={trial}
                events={events.data ?? []}
                only={only === trial.id}
                toggleOnly={task.trials.length > 1 ? () => setOnly(only === trial.id ? null : trial.id) : undefined}
              />
            ))}
            <Decisions task={task} />
            <p className="p-4 text-xs text-ink-faint">
              <Link to="/" className="hover:underline">
                Back to the inbox
              </Link>{' '}
              · <span className="font-mono">{task.id}</span>
            </p>
          </aside>
        </div>
      </div>
      <Suspense>
        {dialog === 'reject' && <RejectDialog task={task} close={() => setDialog(null)} />}
        {dialog === 'snooze' && <SnoozeDialog task={task} close={() => setDialog(null)} />}
      </Suspense>
    </Screen>
  )
}
