// Stage one: base layer with dependencies, then a copy-on-write workspace for the trial.
import type { EventBody } from '@seatrial/protocol'
import type { Finish } from '../queue/queue.ts'
import { moveTrial } from '../store/move.ts'
import type { Stage } from './stage.ts'
import { setupRunner } from './world.ts'

export async function prepare({ rooms, world, row, lease, speaker }: Stage): Promise<Finish> {
  const say = (body: EventBody): void => void speaker.say(body)
  const tell = (sentence: string): void => say({ type: 'workspace.progress', sentence })
  if (!world.task.base) throw new Error(`Task ${world.task.id} has no base`)
  const layer = await rooms.workspaces.baseLayer(
    world.project,
    world.task.base,
    setupRunner(rooms, world, `${row.id}-setup`, say),
    tell,
  )
  const workspace =
    (await rooms.workspaces.reopen(row.id)) ??
    (await rooms.workspaces.create(row.id, layer, row.startCommit ?? undefined))
  await speaker.say({
    type: 'workspace.ready',
    rung: workspace.rung,
    readyMs: workspace.readyMs,
    baseMs: layer.builtMs,
  })
  await speaker.flush()
  return async (tx) => {
    if (await moveTrial(tx, row.id, ['preparing'], 'running', { fence: lease.fence })) {
      await rooms.queue.send(tx, 'stage', { trialId: row.id, stage: 'running' })
    }
  }
}
