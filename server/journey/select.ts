// Chooses among the ready candidates of a task; the tests x patches matrix runs in workspaces made for it.
import type { Selection } from '@seatrial/protocol'
import { inArray } from 'drizzle-orm'
import { compareChecks } from '../checks/compare-checks.ts'
import type { CandidateInput } from '../panel/candidate-input.ts'
import { selectCandidate } from '../panel/select-candidate.ts'
import { evidence, type task } from '../store/tables.ts'
import { usageOf } from '../store/views.ts'
import { runAddedTests } from './added-tests.ts'
import type { TrialRow } from './lease.ts'
import type { Rooms } from './rooms.ts'
import { readWorld } from './world.ts'

type TaskRow = typeof task.$inferSelect

export async function selectAmong(rooms: Rooms, owner: TaskRow, ready: TrialRow[]): Promise<Selection> {
  const { base } = owner
  if (!base) throw new Error(`Task ${owner.id} has no base`)
  const ids = ready.map((row) => row.id)
  const found = await rooms.store.db.select().from(evidence).where(inArray(evidence.trialId, ids))
  const spent = await usageOf(rooms.store.db, ids)
  const candidates: CandidateInput[] = []
  for (const row of ready) {
    const own = found.find((each) => each.trialId === row.id)
    if (!own || !row.candidate) continue
    candidates.push({
      trialId: row.id,
      tree: row.candidate.tree,
      diff: await rooms.workspaces.diff(owner.projectId, base.tree, row.candidate.tree),
      signals: own.signals,
      panel: row.panel,
      // With one candidate its own checks already ran its tests; the matrix is for comparing.
      addedTests: ready.length > 1 ? compareChecks(own.base, own.candidate).added : [],
      costMicros: spent.get(row.id)?.micros ?? 0,
    })
  }
  return selectCandidate({
    candidates,
    runTestsOf: (row, column) => runTestsOf(rooms, owner, candidates, row, column),
    signal: rooms.stopping,
  })
}

/** Puts the test files of one candidate onto the tree of another (or the base) and runs the test checks there. */
async function runTestsOf(
  rooms: Rooms,
  owner: TaskRow,
  candidates: CandidateInput[],
  rowId: string,
  column: string,
): Promise<{ passed: number; total: number } | null> {
  const from = candidates.find((each) => each.trialId === rowId)
  const onto = candidates.find((each) => each.trialId === column)
  if (!owner.base || !from || (column !== 'base' && !onto)) return null
  const world = await readWorld(rooms, owner.id)
  const context = { rooms, world, trialId: rowId, signal: rooms.stopping, say: async () => {} }
  const { tree, diff, addedTests: names } = from
  return runAddedTests(context, owner.base, { tree, diff, names }, onto ?? null, [
    ...world.settings.checks,
    ...owner.checks,
  ])
}
