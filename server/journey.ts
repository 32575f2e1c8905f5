// The order of the rooms; nothing else knows it. Submit, then per trial: prepare, run, check, review;
// when all trials ended: settle; when a person accepted: apply.
import { apply, leaveUnapplied } from './journey/apply.ts'
import { check } from './journey/check.ts'
import { withPatience } from './journey/patience.ts'
import { prepare } from './journey/prepare.ts'
import { startRetention } from './journey/retention.ts'
import { review } from './journey/review.ts'
import type { Rooms } from './journey/rooms.ts'
import { run } from './journey/run.ts'
import { leaveUnsettled, settle } from './journey/settle.ts'
import { runStage } from './journey/stage.ts'

const stages = { preparing: prepare, running: run, checking: check, reviewing: review }

/** Starts this process's workers. Only the house itself settles and applies: it has the user's checkout. */
export async function startJourney(rooms: Rooms, options: { workers: number; decides: boolean }): Promise<void> {
  if (options.workers > 0) await rooms.queue.work('stage', options.workers, (job) => runStage(rooms, job, stages))
  startRetention(rooms)
  if (!options.decides) return
  const settleOne = withPatience(rooms, 'choosing', (id) => settle(rooms, id), leaveUnsettled)
  const applyOne = withPatience(rooms, 'applying', (id) => apply(rooms, id), leaveUnapplied)
  await rooms.queue.work('settle', 1, (job) => settleOne(job.taskId))
  await rooms.queue.work('apply', 1, (job) => applyOne(job.decisionId))
}
