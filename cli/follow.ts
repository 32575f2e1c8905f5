// Follows a task's events and tells them as lines, until a person is needed or it ended.
import type { HouseEvent } from '@seatrial/protocol'
import type { TaskView } from '@seatrial/protocol/api'
import type { Client } from '@seatrial/protocol/client'
import type { Context } from './context.ts'
import { tellEvent } from './tell-event.ts'

const restingStates = ['waiting', 'done', 'rejected', 'failed', 'cancelled']

/** Returns the task as it is when it rests, or when the signal aborts. */
export async function followTask(
  context: Context,
  client: Client,
  task: TaskView,
  options: { quiet?: boolean; stream?: boolean; from?: number; signal?: AbortSignal },
): Promise<TaskView> {
  const stop = new AbortController()
  const signal = options.signal ? AbortSignal.any([options.signal, stop.signal]) : stop.signal
  let shown = ''
  const show = (event: HouseEvent): void => {
    if (options.stream) process.stdout.write(`${JSON.stringify(event)}\n`)
    else if (!options.quiet) {
      const line = tellEvent(event, task, context.color)
      if (!line) return
      // What is said again, as a plan often is, is no news for being later.
      const words = line.replace(event.at.slice(11, 19), '')
      if (words !== shown) context.talk(line)
      shown = words
    }
  }
  if (restingStates.includes(task.state) && options.from === undefined) return task
  for await (const event of client.follow({ after: options.from ?? 0, task: task.id, signal })) {
    show(event)
    if (event.body.type === 'task.moved' && restingStates.includes(event.body.to) && event.seq >= task.seq) {
      // A state behind us when we started to follow is history; the task itself knows.
      const now = await client.getTask({ params: { id: task.id } })
      if (restingStates.includes(now.state)) {
        stop.abort()
        return now
      }
    }
  }
  return client.getTask({ params: { id: task.id } })
}
