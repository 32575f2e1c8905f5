// Selection among the candidates of a task: gates, tests x patches, agreement of edits, reach, cost; or none.
import type { Diff, Selection, TestMatrix } from '@seatrial/protocol'
import type { CandidateInput } from './candidate-input.ts'
import { agreement, editAtoms } from './edit-atoms.ts'
import { gates } from './gates.ts'
import { type MatrixScore, type RunTestsOf, runMatrix, scoreMatrix } from './run-matrix.ts'

export interface SelectInput {
  candidates: readonly CandidateInput[]
  runTestsOf: RunTestsOf
  signal?: AbortSignal
}

interface Ranked {
  candidate: CandidateInput
  matrix: MatrixScore | null
  agreement: number
  reach: number
}

/** Recommends one candidate or none, with every step told. Nothing is merged by it. */
export async function selectCandidate({ candidates, runTestsOf, signal }: SelectInput): Promise<Selection> {
  if (candidates.length === 0)
    return { winner: null, sentence: 'There is no candidate to select from.', ranking: [], matrix: null }
  const outs = new Map(
    candidates.map((one) => [
      one.trialId,
      gates.map((gate) => gate(one, candidates)).find((why) => why !== null) ?? null,
    ]),
  )
  const standing = candidates.filter((one) => outs.get(one.trialId) === null)
  const matrix = await matrixOf(standing, runTestsOf, signal)
  const scores = matrix
    ? scoreMatrix(
        matrix,
        standing.map((one) => one.trialId),
      )
    : []
  const agreements = agreement(standing.map((one) => editAtoms(one.diff)))
  const ranked = standing.map(
    (candidate, index): Ranked => ({
      candidate,
      matrix: scores.find((one) => one.trialId === candidate.trialId) ?? null,
      agreement: agreements[index] ?? 0,
      reach: reachOf(candidate.diff),
    }),
  )
  for (const one of ranked) if (outvoted(one)) outs.set(one.candidate.trialId, whyOutvoted(one))
  const left = ranked.filter((one) => outs.get(one.candidate.trialId) === null).toSorted(compareRanked)
  const winner = left[0] ?? null
  const order = [...left, ...ranked.filter((one) => !left.includes(one))]
  const rest = candidates.filter((one) => !standing.includes(one))
  return {
    winner: winner?.candidate.trialId ?? null,
    sentence: winner ? sentenceFor(winner, left, candidates.length) : sentenceForNone(outs, candidates.length),
    ranking: [
      ...order.map((one) => ({
        trialId: one.candidate.trialId,
        score: scoreOf(one),
        out: outs.get(one.candidate.trialId) ?? null,
        reasons: reasonsFor(one),
      })),
      ...rest.map((one) => ({ trialId: one.trialId, score: 0, out: outs.get(one.trialId) ?? null, reasons: [] })),
    ],
    matrix,
  }
}

/** A matrix of one candidate still shows whether its tests fail on the base. */
async function matrixOf(
  standing: readonly CandidateInput[],
  runTestsOf: RunTestsOf,
  signal?: AbortSignal,
): Promise<TestMatrix | null> {
  const rows = standing.map((one) => ({ trialId: one.trialId, tests: one.addedTests }))
  if (rows.every((row) => row.tests.length === 0)) return null
  const columns = standing.map((one) => one.trialId)
  return runMatrix({ rows, columns, runTestsOf, ...(signal ? { signal } : {}) })
}

/** It fails most of what the other candidates' tests ask for, as far as those can be believed. */
const outvoted = ({ matrix }: Ranked): boolean => matrix !== null && matrix.sets > 1 && matrix.score < 0.5
const whyOutvoted = ({ matrix }: Ranked): string =>
  `It passes ${matrix?.passed} of ${matrix?.sets} sets of tests that other candidates added.`

/** Changed lines and files, lockfiles and generated files aside. */
function reachOf(diff: Diff): number {
  const files = diff.files.filter((file) => !file.collapsed)
  return files.length * 10 + files.reduce((sum, file) => sum + file.added + file.removed, 0)
}

// Shades this close are no difference.
const near = (value: number, step: number): number => Math.round(value / step)

/** What decides, in order; higher is better. */
const steps: { why: string; value(one: Ranked): number }[] = [
  { why: "it passes more of the other candidates' tests", value: ({ matrix }) => near(matrix?.score ?? 0.5, 0.05) },
  { why: 'more candidates behave as it does', value: ({ matrix }) => matrix?.cluster ?? 0 },
  { why: 'its edits agree more with the others', value: (one) => near(one.agreement, 0.1) },
  { why: 'it reaches less far', value: (one) => -one.reach },
  { why: 'it cost less', value: ({ candidate }) => -(candidate.costMicros ?? Number.MAX_SAFE_INTEGER) },
]

function compareRanked(a: Ranked, b: Ranked): number {
  for (const { value } of steps) if (value(a) !== value(b)) return value(b) - value(a)
  return a.candidate.trialId.localeCompare(b.candidate.trialId)
}

const scoreOf = (one: Ranked): number => Math.round(((one.matrix?.score ?? 0) + one.agreement) * 1000) / 1000

function reasonsFor({ matrix, agreement: shared, reach, candidate }: Ranked): string[] {
  const reasons: string[] = []
  if (matrix && matrix.sets > 0) {
    reasons.push(`Passes ${matrix.passed} of ${matrix.sets} sets of tests that others added and that fail on the base.`)
  }
  reasons.push(`${Math.round(shared * 100)}% of its edits agree with the other candidates.`)
  reasons.push(`Reach ${reach} (ten per file, one per line).`)
  if (candidate.costMicros !== null) reasons.push(`Cost $${(candidate.costMicros / 1_000_000).toFixed(4)}.`)
  return reasons
}

function sentenceFor(winner: Ranked, left: readonly Ranked[], total: number): string {
  const name = winner.candidate.trialId
  const second = left[1]
  if (total === 1) return `${name} passes every gate; it is the only candidate.`
  if (!second) return `${name} is the only one of ${total} candidates that passes every gate.`
  const decided =
    steps.find(({ value }) => value(winner) !== value(second))?.why ?? 'it is named first, all else being equal'
  return `${name} leads ${left.length} of ${total} candidates that pass every gate: ${decided}.`
}

function sentenceForNone(outs: ReadonlyMap<string, string | null>, total: number): string {
  const reasons = [...new Set([...outs.values()].filter((why) => why !== null))]
  const first = reasons[0] ?? 'no candidate passes every gate.'
  return total === 1
    ? `None: ${first}`
    : `None of ${total} candidates: ${first}${reasons.length > 1 ? ` (and ${reasons.length - 1} other reasons)` : ''}`
}
