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
  /** Rows that prove something and that it passes whole. */
  passes: string[]
  /** Rows that prove something and that it fails. */
  fails: string[]
  /** Size of its agreement cluster times the rows that the cluster passes. */
  score: number
}

/**
 * Reads a matrix. A row proves something when its tests pass where they were written and fail on the base.
 * Candidates that pass the same rows form a cluster; as in CodeT its score is candidates times rows passed.
 */
export function scoreMatrix(matrix: TestMatrix, candidates: readonly string[]): MatrixScore[] {
  const at = (row: number, column: string) => matrix.cells[row]?.[matrix.columns.indexOf(column)] ?? null
  const proving = matrix.rows.flatMap((row, index) => {
    const passesBase = isGreen(at(index, 'base'))
    return isGreen(at(index, row.trialId)) && !passesBase ? [{ trialId: row.trialId, index }] : []
  })
  const vectors = candidates.map((trialId) => ({
    trialId,
    passes: proving.filter((row) => isGreen(at(row.index, trialId))).map((row) => row.trialId),
    fails: proving.filter((row) => !isGreen(at(row.index, trialId))).map((row) => row.trialId),
  }))
  const keyOf = (passes: string[]): string => passes.toSorted().join()
  const sizes = new Map<string, number>()
  for (const one of vectors) sizes.set(keyOf(one.passes), (sizes.get(keyOf(one.passes)) ?? 0) + 1)
  return vectors.map((one) => ({ ...one, score: (sizes.get(keyOf(one.passes)) ?? 1) * one.passes.length }))
}
