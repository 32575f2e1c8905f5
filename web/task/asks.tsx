// Open questions of the task, answered in place.
import type { TaskView } from '@seatrial/protocol/api'
import { useActions } from '../app/actions.ts'
import { answerActions, answerAsk } from '../decide/answers.ts'
import { Answer } from '../parts/answer.tsx'

export function Asks({ task }: { task: TaskView }) {
  const open = task.asks.filter(({ answer }) => answer === null)
  useActions(open[0] ? answerActions(open[0], 'Task') : [])
  return open.map((ask, index) => (
    <Answer key={ask.id} ask={ask} keyed={index === 0} answer={(text) => answerAsk(ask, text)} />
  ))
}
