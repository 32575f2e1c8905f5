// The order of the rooms; nothing else knows it. Submit, then per trial: prepare, run, check, review;
// when all trials ended: settle; when a person accepted: apply.
import { apply } from './journey/apply.ts'
import { check } from './journey/check.ts'
import { prepare } from './journey/prepare.ts'
import { startRetention } from './journey/retention.ts'
import { review } from './journey/review.ts'
import type { Rooms } from './journey/rooms.ts'
import { run } from './journey/run.ts'
import { settle } from './journey/settle.ts'
import { runStage } from './journey/stage.ts'

const stages = { preparing: prepare, running: run, checking: check, reviewing: review }

/** Starts this process's workers. Only the house itself settles and applies: it has the user's checkout. */
export async function startJourney(rooms: Rooms, options: { workers: number; decides: boolean }): Promise<void> {
  if (options.workers > 0) await rooms.queue.work('stage', options.workers, (job) => runStage(rooms, job, stages))
  startRetention(rooms)
  if (!options.decides) return
  await rooms.queue.work('settle', 1, (job) => settle(rooms, job.taskId))
  await rooms.queue.work('apply', 1, (job) => apply(rooms, job.decisionId))
}
