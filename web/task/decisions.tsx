// What was decided on this task, with the way back.
import type { TaskView } from '@seatrial/protocol/api'
import { undoDecision } from '../data/act.ts'
import { Ago } from '../parts/ago.tsx'
import { Button } from '../parts/button.tsx'
import { plural } from '../parts/format.ts'
import { visible } from '../parts/visible.ts'

const words = { accept: 'Accepted', reject: 'Rejected', rework: 'Sent back' } as const

export function Decisions({ task }: { task: TaskView }) {
  if (task.decisions.length === 0) return null
  return (
    <section className="border-b border-line p-4">
      <h2 className="mb-2 text-2xs font-semibold tracking-wide text-ink-faint uppercase">Decisions</h2>
      <ul className="flex flex-col gap-2.5">
        {task.decisions.map((decision) => (
          <li key={decision.id}>
            <div className="flex items-baseline gap-2">
              <span className="font-medium">{words[decision.kind]}</span>
              <span className={decision.state === 'conflict' ? 'text-skip' : 'text-ink-soft'}>{decision.state}</span>
              <span className="ml-auto text-xs text-ink-faint">
                <Ago at={decision.at} />
              </span>
              {decision.state === 'applied' && (
                <Button small onClick={() => undoDecision(decision.id)}>
                  Undo
                </Button>
              )}
            </div>
            {decision.reason && <p className="text-ink-soft">{visible(decision.reason)}</p>}
            {decision.result && (
              <p className="text-xs text-ink-faint">
                {plural(decision.result.files.length, 'file')}
                {decision.result.branch && (
                  <>
                    {' '}
                    on <span className="font-mono">{decision.result.branch}</span>
                  </>
                )}
                {decision.result.commit && <span className="font-mono"> {decision.result.commit.slice(0, 7)}</span>}
              </p>
            )}
            {decision.result?.conflicts.map((conflict) => (
              <p key={conflict.path} className="mt-1 text-xs text-skip">
                <span className="font-mono">{visible(conflict.path)}</span> {visible(conflict.sentence)}
              </p>
            ))}
          </li>
        ))}
      </ul>
    </section>
  )
}
