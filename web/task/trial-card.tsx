// One trial: how far it is, what it costs, its plan, its checkpoints with the way back to each.
import type { TaskView } from '@seatrial/protocol/api'
import type { HouseEvent } from '@seatrial/protocol/event'
import { type Trial, type TrialState, trialEnded } from '@seatrial/protocol/task'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { act } from '../data/act.ts'
import { client } from '../data/client.ts'
import { checkpointsQuery } from '../data/queries.ts'
import { Button } from '../parts/button.tsx'
import { money, plural, short, span, tokens } from '../parts/format.ts'
import { visible } from '../parts/visible.ts'
import { planOf } from './story.ts'

const stages: readonly TrialState[] = ['queued', 'preparing', 'running', 'checking', 'reviewing', 'ready']

interface TrialCardProps {
  task: TaskView
  trial: Trial
  events: readonly HouseEvent[]
  only: boolean
  toggleOnly: (() => void) | undefined
}

export function TrialCard({ task, trial, events, only, toggleOnly }: TrialCardProps) {
  const checkpoints = useQuery(checkpointsQuery(task.id, trial.id))
  const plan = planOf(events, trial.id)
  const ended = trialEnded(trial.state)
  const started = trial.startedAt ?? trial.createdAt
  const took = (trial.endedAt ? Date.parse(trial.endedAt) : Date.now()) - Date.parse(started)
  const reached = stages.indexOf(trial.state)
  return (
    <section aria-label={`Trial of ${trial.contender}`} className="border-b border-line p-4">
      <div className="mb-2 flex items-baseline gap-2">
        <h2 className="min-w-0 truncate font-mono text-sm font-medium">{trial.contender}</h2>
        {trial.parentId && <span className="text-xs text-ink-faint">rework</span>}
        {task.selection?.winner === trial.id && (
          <span className="rounded bg-ship-wash px-1.5 text-xs font-medium text-ship">recommended</span>
        )}
        {toggleOnly && (
          <Button small tone="quiet" className="ml-auto" aria-pressed={only} onClick={toggleOnly}>
            {only ? 'All trials' : 'Only this'}
          </Button>
        )}
      </div>
      <div className="mb-2 flex items-center gap-1" aria-hidden="true">
        {stages.map((stage, index) => (
          <span
            key={stage}
            className={`h-1 flex-1 rounded-full ${
              index < reached || trial.state === 'ready'
                ? 'bg-ship'
                : index === reached
                  ? `bg-accent ${ended ? '' : 'tide'}`
                  : 'bg-line'
            }`}
          />
        ))}
      </div>
      <p className="tabular flex flex-wrap gap-x-3 text-xs text-ink-soft">
        <span className={trial.state === 'failed' ? 'font-medium text-skip' : ''}>{trial.state}</span>
        <span>{span(took)}</span>
        <span>{money(trial.usage.micros)}</span>
        <span>{short.format(tokens(trial.usage))} tokens</span>
        {trial.candidate && (
          <span>
            <span className="text-ship">+{trial.candidate.added}</span>{' '}
            <span className="text-skip">−{trial.candidate.removed}</span> in {plural(trial.candidate.files, 'file')}
          </span>
        )}
      </p>
      {!ended && !task.alive && (
        <p className="mt-1.5 text-xs text-warn">No worker holds it right now; another takes it over shortly.</p>
      )}
      {trial.failure && <p className="mt-1.5 text-skip [overflow-wrap:anywhere]">{visible(trial.failure.sentence)}</p>}
      {trial.state === 'ready' && (
        <Link
          to="/tasks/$id/review"
          params={{ id: task.id }}
          search={{ trial: trial.id }}
          className="mt-1.5 inline-block font-medium text-accent hover:underline"
        >
          Review this candidate
        </Link>
      )}
      {plan.length > 0 && (
        <ol className="mt-3 flex flex-col gap-1">
          {plan.map((entry) => (
            <li key={entry.text} className="flex gap-2 text-xs">
              <span aria-hidden="true" className={entry.status === 'completed' ? 'text-ship' : 'text-ink-faint'}>
                {entry.status === 'completed' ? '✓' : entry.status === 'in_progress' ? '▸' : '·'}
              </span>
              <span className={entry.status === 'completed' ? 'text-ink-faint' : 'text-ink-soft'}>
                {visible(entry.text)}
              </span>
            </li>
          ))}
        </ol>
      )}
      {(checkpoints.data?.checkpoints.length ?? 0) > 0 && (
        <details className="mt-3">
          <summary className="text-xs font-medium text-ink-soft">
            {plural(checkpoints.data!.checkpoints.length, 'checkpoint')}
          </summary>
          <ul className="mt-1.5 flex flex-col gap-1">
            {checkpoints.data!.checkpoints.map((checkpoint) => (
              <li key={checkpoint.id} className="flex items-center gap-2 text-xs">
                <span className="tabular w-5 text-right text-ink-faint">{checkpoint.number}</span>
                <span className="min-w-0 flex-1 truncate text-ink-soft" title={visible(checkpoint.label)}>
                  {visible(checkpoint.label)}
                </span>
                <Button
                  small
                  tone="quiet"
                  onClick={() =>
                    void act(
                      client.rollback({ params: { id: task.id }, body: { checkpointId: checkpoint.id } }),
                      `Checkpoint ${checkpoint.number} becomes a candidate; it is checked anew.`,
                    )
                  }
                >
                  Roll back<span className="sr-only"> to checkpoint {checkpoint.number}</span>
                </Button>
              </li>
            ))}
          </ul>
        </details>
      )}
    </section>
  )
}
