// Chooses among the ready candidates of a task; the tests x patches matrix runs in workspaces made for it.
import type { FileDiff, Selection } from '@seatrial/protocol'
import { Refusal } from '@seatrial/protocol'
import { eq, inArray } from 'drizzle-orm'
import { compareChecks } from '../checks/compare-checks.ts'
import { isTest } from '../checks/source/file-kinds.ts'
import type { CandidateInput } from '../panel/candidate-input.ts'
import { selectCandidate } from '../panel/select-candidate.ts'
import { evidence, type task, trial } from '../store/tables.ts'
import { usageOf } from '../store/views.ts'
import { checkTree, viewOf } from './check-tree.ts'
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

const placesOf = ({ path, oldPath }: FileDiff): string[] => (oldPath === null ? [path] : [path, oldPath])

/** Puts the test files of one candidate onto the tree of another (or the base) and runs the test checks there. */
async function runTestsOf(
  rooms: Rooms,
  owner: TaskRow,
  candidates: CandidateInput[],
  rowId: string,
  column: string,
): Promise<{ passed: number; total: number } | null> {
  const { base } = owner
  const from = candidates.find((each) => each.trialId === rowId)
  const onto = candidates.find((each) => each.trialId === column)
  if (!base || !from || (column !== 'base' && !onto)) return null
  const tests = from.diff.files.filter((file) => isTest(file.path))
  // Where both have a file, the row's stands: only its tests are counted.
  const own = new Set(tests.flatMap(placesOf))
  const others =
    onto && onto !== from ? onto.diff.files.filter((file) => !placesOf(file).some((path) => own.has(path))) : []
  let commit: string
  try {
    const [row] = await rooms.store.db.select().from(trial).where(eq(trial.id, rowId))
    commit =
      onto === from
        ? (row?.candidate?.commit ?? '')
        : (
            await rooms.workspaces.compose(owner.projectId, base, [
              ...(onto ? [{ tree: onto.tree, hunks: [], files: others.map(({ path }) => path) }] : []),
              { tree: from.tree, hunks: [], files: tests.map(({ path }) => path) },
            ])
          ).commit
  } catch (error) {
    // What one made a folder is the other's file, or there is no test file: this cell cannot be run, which is not a failure of either.
    if (error instanceof Refusal) return null
    throw error
  }
  const world = await readWorld(rooms, owner.id)
  const specs = [...world.settings.checks, ...owner.checks].filter((spec) => spec.kind === 'test')
  const quiet = { rooms, world, say: async () => {}, signal: rooms.stopping, trialId: rowId }
  const workspace = await viewOf(quiet, `${rowId}-matrix`, commit)
  try {
    const results = await checkTree(quiet, workspace, commit, 'candidate', specs)
    if (results.some((result) => result.cases === null)) return null
    const cases = results.flatMap((result) => result.cases ?? []).filter((each) => from.addedTests.includes(each.name))
    // A file that no longer loads reports none of its cases: they count as not passed.
    return { passed: cases.filter((each) => each.status === 'passed').length, total: from.addedTests.length }
  } finally {
    await workspace.destroy()
  }
}
