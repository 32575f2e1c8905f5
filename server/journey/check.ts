// Stage three: the checks run on base and candidate; what they show becomes signals bound to the candidate's tree.
import type { CheckResult, EventBody } from '@seatrial/protocol'
import { eq } from 'drizzle-orm'
import { checkKey } from '../checks/check-key.ts'
import { runChecks } from '../checks/run-checks.ts'
import { measureSignals } from '../checks/signals/measure-signals.ts'
import type { Finish } from '../queue/queue.ts'
import { moveTrial } from '../store/move.ts'
import { baseChecks, evidence } from '../store/tables.ts'
import type { Workspace } from '../workspace/workspace.ts'
import { readInside } from './run-inside.ts'
import { signalsInput } from './signals-input.ts'
import { fail, type Stage } from './stage.ts'
import { openTrialSandbox, setupRunner } from './world.ts'

export async function check(stage: Stage): Promise<Finish> {
  const { rooms, world, row, lease, speaker } = stage
  const { candidate } = row
  const { base } = world.task
  if (!candidate || !base) throw new Error(`Trial ${row.id} has no candidate to check`)
  const specs = [...world.settings.checks, ...world.task.checks]

  const baseResults = await checkBase(stage, specs)
  const workspace = (await rooms.workspaces.reopen(row.id)) ?? (await again(stage, row.id, candidate.commit))
  await workspace.restore(candidate.commit)
  const results = await checkTree(stage, workspace, candidate.tree, 'candidate', specs)
  if (lease.signal.aborted) {
    return fail(rooms, row, lease, { kind: 'timeout', sentence: 'The time limit was reached during the checks.' })
  }
  const signals = await measureSignals(await signalsInput(stage, { specs, base: baseResults, head: results }))
  await speaker.flush()
  return async (tx) => {
    const values = { tree: candidate.tree, base: baseResults, candidate: results, signals }
    await tx
      .insert(evidence)
      .values({ trialId: row.id, ...values })
      .onConflictDoUpdate({ target: evidence.trialId, set: { ...values, at: new Date() } })
    if (await moveTrial(tx, row.id, ['checking'], 'reviewing', { fence: lease.fence })) {
      await rooms.queue.send(tx, 'stage', { trialId: row.id, stage: 'reviewing' })
    }
  }
}

type Specs = Stage['world']['settings']['checks']

/** Base checks are in flight once per key in this house: the trials of a task start from one base. */
const underWay = new Map<string, Promise<CheckResult[]>>()

/** Results on the base tree: kept by tree and commands, so that they are measured once for all trials. */
async function checkBase(stage: Stage, specs: Specs): Promise<CheckResult[]> {
  const { rooms, world } = stage
  const { base } = world.task
  if (!base || specs.length === 0) return []
  const key = `${world.project.id}:${checkKey(base.tree, specs)}`
  const [kept] = await rooms.store.db.select().from(baseChecks).where(eq(baseChecks.key, key))
  if (kept) return kept.results
  const running = underWay.get(key) ?? measureBase(stage, specs, key)
  underWay.set(key, running)
  try {
    return await running
  } finally {
    underWay.delete(key)
  }
}

async function measureBase(stage: Stage, specs: Specs, key: string): Promise<CheckResult[]> {
  const { rooms, world, row, lease } = stage
  const { base } = world.task
  if (!base) return []
  const name = `${row.id}-base`
  const left = await rooms.workspaces.reopen(name)
  await left?.destroy()
  const workspace = await again(stage, name, undefined)
  try {
    const results = await checkTree(stage, workspace, base.tree, 'base', specs)
    // Results cut short by a cancel say nothing about the base.
    if (!lease.signal.aborted) {
      await rooms.store.db.insert(baseChecks).values({ key, results }).onConflictDoNothing()
    }
    return results
  } finally {
    await workspace.destroy()
  }
}

/** A view of the base layer under a name, made again when it is gone. */
async function again(stage: Stage, name: string, commit: string | undefined): Promise<Workspace> {
  const { rooms, world, speaker } = stage
  if (!world.task.base) throw new Error(`Task ${world.task.id} has no base`)
  const say = (body: EventBody): void => void speaker.say(body)
  const layer = await rooms.workspaces.baseLayer(
    world.project,
    world.task.base,
    setupRunner(rooms, world, `${name}-setup`, say),
    (sentence) => say({ type: 'workspace.progress', sentence }),
  )
  return rooms.workspaces.create(name, layer, commit)
}

async function checkTree(
  stage: Stage,
  workspace: Workspace,
  tree: string,
  on: 'base' | 'candidate',
  specs: Specs,
): Promise<CheckResult[]> {
  const { rooms, world, row, lease, speaker } = stage
  if (specs.length === 0) return []
  const opened = await openTrialSandbox(rooms, world, workspace, {
    name: workspace.trialId,
    readOnly: [],
    say: (body) => void speaker.say(body),
    trialId: row.id,
  })
  try {
    const results: CheckResult[] = []
    for (const spec of specs) {
      await speaker.say({ type: 'check.started', name: spec.name, on })
      let sentence = ''
      const [result] = await runChecks({
        specs: [spec],
        tree,
        root: world.project.path,
        run: (command, options) => opened.run(command, { ...options, signal: lease.signal }),
        readFile: (path) => readInside(opened.sandbox, path),
        say: (words) => {
          sentence = words
        },
        signal: lease.signal,
      })
      if (!result) continue
      results.push(result)
      const { name, outcome, durationMs } = result
      await speaker.say({ type: 'check.finished', name, on, outcome, durationMs, sentence })
    }
    return results
  } finally {
    await opened.close()
  }
}
