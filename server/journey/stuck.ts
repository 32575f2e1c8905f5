// Stuck is shown by evidence: the same call again and again while the tree stands still. A person is asked, once.
import type { EventBody } from '@seatrial/protocol'
import { askPerson } from './ask.ts'
import type { Rooms } from './rooms.ts'
import type { Stage } from './stage.ts'

const sameCallsInARow = 12

export interface StuckWatch {
  saw(body: EventBody): void
  /** A step ended; did it change the tree? */
  step(changed: boolean): void
  close(): void
}

export function watchForStuck(rooms: Rooms, { row, lease }: Stage): StuckWatch {
  const control = new AbortController()
  let lastCall = ''
  let lastId = ''
  let repeats = 0
  let asked = false

  const ask = async (): Promise<void> => {
    asked = true
    const answer = await askPerson(
      rooms,
      {
        taskId: row.taskId,
        trialId: row.id,
        kind: 'stuck',
        text: `The agent made the same call ${repeats} times and no file changed: ${lastCall.slice(0, 200)}`,
        options: ['go on', 'stop it'],
      },
      AbortSignal.any([control.signal, lease.signal]),
    )
    if (answer === 'stop it') lease.letGo('cancelled')
  }

  return {
    saw(body) {
      if (body.type !== 'agent.used-tool' || body.call.status === 'pending' || body.call.callId === lastId) return
      lastId = body.call.callId
      const call = `${body.call.kind}: ${body.call.title}`
      repeats = call === lastCall ? repeats + 1 : 1
      lastCall = call
      if (repeats >= sameCallsInARow && !asked)
        void ask().catch((error: Error) => rooms.report(error, 'asking about a stuck trial'))
    },
    step(changed) {
      if (changed) repeats = 0
    },
    close: () => control.abort(),
  }
}
