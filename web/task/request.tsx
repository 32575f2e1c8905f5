// What was asked, restated at the head of the story.
import type { TaskView } from '@seatrial/protocol/api'
import { moment, plural } from '../parts/format.ts'
import { visible } from '../parts/visible.ts'
import { Words } from '../parts/words.tsx'

export const Request = ({ task }: { task: TaskView }) => (
  <section aria-label="The request" className="border-b border-line bg-panel px-5 py-4">
    <p className="mb-1.5 text-xs text-ink-faint">
      Asked {moment(task.createdAt)} in {visible(task.projectName)}
      {task.base && (
        <>
          , from{' '}
          <span className="font-mono">
            {task.base.branch ?? 'detached'}@{task.base.head.slice(0, 7)}
          </span>
        </>
      )}
      {task.images.length > 0 && `, with ${plural(task.images.length, 'picture')}`}
    </p>
    <Words text={task.prompt} />
    {task.checks.length > 0 && (
      <p className="mt-2 text-xs text-ink-soft">
        Must pass:{' '}
        {task.checks.map(({ name, command }) => (
          <code key={name} className="mr-2 rounded bg-sunk px-1 font-mono" title={visible(command)}>
            {visible(name)}
          </code>
        ))}
      </p>
    )}
  </section>
)
