// Tests x patches: every candidate's added tests, run on the base and on every candidate.
import type { TestMatrix } from '@seatrial/protocol'

/** Runs the tests that `row` added on the tree of `column`; null when that could not be done. */
export type RunTestsOf = (row: string, column: string) => Promise<{ passed: number; total: number } | null>

export interface MatrixInput {
  /** Candidates with the names of the tests each added; those without have no row. */
  rows: { trialId: string; tests: string[] }[]
  columns: string[]
  runTestsOf: RunTestsOf
  signal?: AbortSignal
}

/** Column 0 is the base. One run at a time: each is a sandboxed process of its own. */
export async function runMatrix({ rows, columns, runTestsOf, signal }: MatrixInput): Promise<TestMatrix> {
  const kept = rows.filter((row) => row.tests.length > 0)
  const all = ['base', ...columns]
  const cells: TestMatrix['cells'] = []
  for (const row of kept) {
    const line: TestMatrix['cells'][number] = []
    for (const column of all) {
      signal?.throwIfAborted()
      line.push(await runTestsOf(row.trialId, column))
    }
    cells.push(line)
  }
  return { rows: kept, columns: all, cells }
}

const isGreen = (cell: { passed: number; total: number } | null | undefined): boolean =>
  cell !== null && cell !== undefined && cell.total > 0 && cell.passed === cell.total

export interface MatrixScore {
  trialId: string
  /** Sets of tests of other candidates that prove something, and how many of them it passes whole. */
  sets: number
  passed: number
  /** Share of the others' tests it passes, each set weighed by how far it can be believed; 0 to 1. */
  score: number
  /** Candidates, itself included, that pass and fail the very same tests. */
  cluster: number
}

interface Row {
  author: string
  /** How many tests it holds. */
  weight: number
  /** Share of them that each candidate passes; candidates on which they could not be run are left out. */
  passes: Map<string, number>
}

// Enough for the weights to settle on pools of this size; more changes nothing.
const rounds = 12

/**
 * Reads a matrix. A set of tests proves something when it passes where it was written and fails on the base. Sets and
 * candidates then judge each other, as in mutual ranking: a set is believed as far as believed candidates pass it, a
 * candidate as far as it passes believed sets. Nobody's own tests count for or against itself.
 */
export function scoreMatrix(matrix: TestMatrix, candidates: readonly string[]): MatrixScore[] {
  const rows = provingRows(matrix, candidates)
  let belief = new Map(candidates.map((id) => [id, 1]))
  for (let round = 0; round < rounds; round++) {
    const credit = rows.map((row) => creditOf(row, belief, candidates))
    belief = new Map(candidates.map((id) => [id, scoreOf(id, rows, credit) ** 4 + 0.001]))
  }
  const credit = rows.map((row) => creditOf(row, belief, candidates))
  const behaviour = (id: string): string => rows.map((row) => row.passes.get(id)?.toFixed(3)).join()
  return candidates.map((trialId) => {
    const others = rows.filter((row) => row.author !== trialId && row.passes.has(trialId))
    return {
      trialId,
      sets: others.length,
      passed: others.filter((row) => row.passes.get(trialId) === 1).length,
      score: scoreOf(trialId, rows, credit),
      cluster: candidates.filter((id) => behaviour(id) === behaviour(trialId)).length,
    }
  })
}

function provingRows(matrix: TestMatrix, candidates: readonly string[]): Row[] {
  return matrix.rows.flatMap((row, index) => {
    const cell = (column: string) => matrix.cells[index]?.[matrix.columns.indexOf(column)] ?? null
    if (!isGreen(cell(row.trialId)) || isGreen(cell('base'))) return []
    const passes = new Map<string, number>()
    for (const id of candidates) {
      const found = cell(id)
      if (found && found.total > 0) passes.set(id, found.passed / found.total)
    }
    return [{ author: row.trialId, weight: cell(row.trialId)?.total ?? 1, passes }]
  })
}

/** How far a set of tests is believed: what the candidates other than its author make of it. */
function creditOf(row: Row, belief: ReadonlyMap<string, number>, candidates: readonly string[]): number {
  const others = candidates.filter((id) => id !== row.author && row.passes.has(id))
  const total = others.reduce((sum, id) => sum + (belief.get(id) ?? 0), 0)
  if (total === 0) return 0
  return others.reduce((sum, id) => sum + (belief.get(id) ?? 0) * (row.passes.get(id) ?? 0), 0) / total
}

/** A half where nobody else wrote a test: nothing speaks for or against. */
function scoreOf(id: string, rows: readonly Row[], credit: readonly number[]): number {
  let all = 0
  let passed = 0
  for (const [index, row] of rows.entries()) {
    const share = row.passes.get(id)
    if (row.author === id || share === undefined) continue
    const weight = row.weight * (credit[index] ?? 0) ** 2
    all += weight
    passed += weight * share
  }
  return all === 0 ? 0.5 : passed / all
}
