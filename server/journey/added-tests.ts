// Runs the tests that one candidate added on another tree: on the base, where they should fail, or on another candidate.
import { type Base, type CheckSpec, type Diff, type FileDiff, Refusal } from '@seatrial/protocol'
import { isTest } from '../checks/source/file-kinds.ts'
import { type CheckContext, checkTree, viewOf } from './check-tree.ts'

export interface AddedTests {
  /** The candidate they come from. */
  tree: string
  diff: Diff
  /** Names of its added tests. */
  names: readonly string[]
}

const placesOf = ({ path, oldPath }: FileDiff): string[] => (oldPath === null ? [path] : [path, oldPath])
const pathsOf = (files: FileDiff[]): string[] => files.map(({ path }) => path)

/** How many of them pass with their test files put onto the base, or onto `onto`; null when that cannot be run. */
export async function runAddedTests(
  context: CheckContext,
  base: Base,
  { tree, diff, names }: AddedTests,
  onto: { tree: string; diff: Diff } | null,
  specs: readonly CheckSpec[],
): Promise<{ passed: number; total: number } | null> {
  const { rooms, world, trialId } = context
  const tests = diff.files.filter((file) => isTest(file.path))
  // Where both have a file, the tests' own stands: only they are counted.
  const own = new Set(tests.flatMap(placesOf))
  const others = onto?.diff.files.filter((file) => !placesOf(file).some((path) => own.has(path))) ?? []
  let commit: string
  try {
    const picks = [
      ...(onto ? [{ tree: onto.tree, hunks: [], files: pathsOf(others) }] : []),
      { tree, hunks: [], files: pathsOf(tests) },
    ]
    commit = (await rooms.workspaces.compose(world.project.id, base, picks)).commit
  } catch (error) {
    // What one made a folder is the other's file, or there is no test file: that is not a failure of either.
    if (error instanceof Refusal) return null
    throw error
  }
  const quiet = { ...context, say: async () => {} }
  const workspace = await viewOf(quiet, `${trialId}-matrix`, commit)
  try {
    const runnable = specs.filter((spec) => spec.kind === 'test')
    const results = await checkTree(quiet, workspace, commit, 'candidate', runnable)
    if (results.some((result) => result.cases === null)) return null
    const cases = results.flatMap((result) => result.cases ?? []).filter((each) => names.includes(each.name))
    // A file that no longer loads reports none of its cases: they count as not passed.
    return { passed: cases.filter((each) => each.status === 'passed').length, total: names.length }
  } finally {
    await workspace.destroy()
  }
}
