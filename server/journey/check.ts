// Stage three: the checks run on base and candidate; what they show becomes signals bound to the candidate's tree.
import type { CheckResult } from '@seatrial/protocol'
import { eq } from 'drizzle-orm'
import { checkKey } from '../checks/check-key.ts'
import { compareChecks } from '../checks/compare-checks.ts'
import { coveragePaths, freshCoverage } from '../checks/signals/coverage.ts'
import { measureSignals } from '../checks/signals/measure-signals.ts'
import type { Finish } from '../queue/queue.ts'
import { moveTrial } from '../store/move.ts'
import { baseChecks, evidence } from '../store/tables.ts'
import { runAddedTests } from './added-tests.ts'
import { type CheckContext, checkTree, type ReadInside, viewOf } from './check-tree.ts'
import { signalsInput } from './signals-input.ts'
import { fail, type Stage } from './stage.ts'

export async function check(stage: Stage): Promise<Finish> {
  const { rooms, world, row, lease, speaker } = stage
  const { candidate } = row
  const { base } = world.task
  if (!candidate || !base) throw new Error(`Trial ${row.id} has no candidate to check`)
  const specs = [...world.settings.checks, ...world.task.checks]

  const context = contextOf(stage)
  const baseResults = await checkBase(stage, specs)
  const workspace = (await rooms.workspaces.reopen(row.id)) ?? (await viewOf(context, row.id, candidate.commit))
  await workspace.restore(candidate.commit)
  const coverage = watchCoverage()
  const results = await checkTree(context, workspace, candidate.tree, 'candidate', specs, coverage.look)
  if (lease.signal.aborted) {
    return fail(rooms, row, lease, { kind: 'timeout', sentence: 'The time limit was reached during the checks.' })
  }
  const signals = await measureSignals(
    await signalsInput(stage, {
      specs,
      base: baseResults,
      head: results,
      coverage: coverage.fresh(),
      addedOnBase: await addedOnBase(stage, specs, baseResults, results),
    }),
  )
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

/** Whether the tests that the candidate added fail without its change; null when it added none. */
async function addedOnBase(stage: Stage, specs: Specs, before: CheckResult[], after: CheckResult[]) {
  const { rooms, world, row } = stage
  const { base, projectId } = world.task
  const names = compareChecks(before, after).added
  if (names.length === 0 || !base || !row.candidate) return null
  const { tree } = row.candidate
  const diff = await rooms.workspaces.diff(projectId, base.tree, tree)
  return runAddedTests(contextOf(stage), base, { tree, diff, names }, null, specs)
}

/** Reads where runners leave coverage before and after the checks: only what they wrote says something. */
function watchCoverage(): { look(read: ReadInside): Promise<void>; fresh(): Record<string, string> | null } {
  const looks: Record<string, string>[] = []
  return {
    async look(read) {
      const found: Record<string, string> = {}
      for (const path of coveragePaths) {
        const text = await read(path)
        if (text !== null) found[path] = text
      }
      looks.push(found)
    },
    fresh: () => freshCoverage(looks[0] ?? {}, looks[1] ?? {}),
  }
}

const contextOf = ({ rooms, world, row, lease, speaker }: Stage): CheckContext => ({
  rooms,
  world,
  trialId: row.id,
  signal: lease.signal,
  say: speaker.say,
})

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
  const workspace = await viewOf(contextOf(stage), name, undefined)
  try {
    const results = await checkTree(contextOf(stage), workspace, base.tree, 'base', specs)
    // Results cut short by a cancel say nothing about the base.
    if (!lease.signal.aborted) {
      await rooms.store.db.insert(baseChecks).values({ key, results }).onConflictDoNothing()
    }
    return results
  } finally {
    await workspace.destroy()
  }
}
