// Selection against an oracle, on seeded pools of candidates whose code and tests really run.
import { isDeepStrictEqual } from 'node:util'
import type { CheckResult, Signal, TestCase } from '@seatrial/protocol'
import { afterAll, describe, expect, it } from 'vitest'
import { measureHere } from '../../checks/signals/measure-here.ts'
import { type Files, testTrees } from '../../checks/test-trees.ts'
import type { CandidateInput } from '../candidate-input.ts'
import { reviewCandidate } from '../review-candidate.ts'
import { selectCandidate } from '../select-candidate.ts'
import { type Problem, problems } from './problems.ts'

const trees = testTrees()
afterAll(() => trees[Symbol.dispose]())

interface Variant {
  solve: (...args: never[]) => unknown
  good: boolean
  input: Omit<CandidateInput, 'trialId' | 'addedTests' | 'costMicros'>
}
interface Entry {
  candidate: CandidateInput
  good: boolean
  variant: Variant
  tests: { args: unknown[]; expected: unknown }[]
}

/** mulberry32: the same pools at every run. */
function random(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let t = Math.imul(state ^ (state >>> 15), 1 | state)
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296
  }
}

const call = (solve: Variant['solve'], args: unknown[]): unknown => {
  try {
    return solve(...(structuredClone(args) as never[]))
  } catch (error) {
    return String(error)
  }
}

function casesOf(problem: Problem, solve: Variant['solve']): TestCase[] {
  return problem.green.map((args) => {
    const passed = isDeepStrictEqual(call(solve, args), call(problem.right[0] as Variant['solve'], args))
    return {
      name: JSON.stringify(args),
      file: 'test.js',
      status: passed ? 'passed' : 'failed',
      durationMs: 1,
      message: null,
    }
  })
}
const resultOf = (cases: TestCase[]): CheckResult => {
  const outcome = cases.every((one) => one.status === 'passed') ? 'passed' : 'failed'
  return {
    name: 'test',
    kind: 'test',
    command: 'test',
    tree: '',
    outcome,
    exitCode: outcome === 'passed' ? 0 : 1,
    durationMs: 5,
    cases,
    diagnostics: null,
    log: '',
    flaky: [],
  }
}

async function makeVariants(problem: Problem): Promise<Variant[]> {
  const file = (solve: unknown): Files => ({
    [`${problem.name}.js`]: `export const ${problem.name} = ${String(solve)}\n`,
  })
  const oracle = problem.right[0] as Variant['solve']
  return Promise.all(
    [...problem.right, ...problem.wrong].map(async (solve) => {
      const head = [resultOf(casesOf(problem, solve))]
      const base = [resultOf(casesOf(problem, problem.base))]
      const input = await trees.input(file(problem.base), file(solve), { prompt: problem.prompt, base, head })
      const signals: Signal[] = await measureHere(input)
      const panel = reviewCandidate({ trialId: '', tree: input.tree, signals, today: '2026-11-23' })
      const good = [...problem.green, ...problem.asked].every((args) =>
        isDeepStrictEqual(call(solve, args), call(oracle, args)),
      )
      return { solve, good, input: { tree: input.tree, diff: input.diff, signals, panel } }
    }),
  )
}

/** An agent's own tests always pass on its own code: where it is wrong, it asserts its own answer or drops the test. */
function drawPool(problem: Problem, variants: Variant[], next: () => number): Entry[] {
  const pick = <T>(all: readonly T[]): T => all[Math.floor(next() * all.length)] as T
  const oracle = problem.right[0] as Variant['solve']
  const skill = 0.15 + 0.7 * next()
  return Array.from({ length: 3 + Math.floor(next() * 5) }, (_, index) => {
    const isGood = next() < skill
    const variant = pick(variants.filter((one) => one.good === isGood)) ?? pick(variants)
    const asked = problem.asked.filter(() => next() < 0.4)
    const tests = asked.flatMap((args) => {
      const own = call(variant.solve, args)
      const right = isDeepStrictEqual(own, call(oracle, args))
      return right || next() < 0.35 ? [{ args, expected: own }] : []
    })
    const candidate = {
      ...variant.input,
      trialId: `r-${index}`,
      addedTests: tests.map((one) => JSON.stringify(one.args)),
      costMicros: Math.floor(next() * 1e6),
    }
    return { candidate, good: variant.good, variant, tests }
  })
}

async function choose(problem: Problem, pool: Entry[]) {
  return selectCandidate({
    candidates: pool.map((one) => one.candidate),
    runTestsOf: async (row, column) => {
      const tests = pool.find((one) => one.candidate.trialId === row)?.tests ?? []
      const solve =
        column === 'base' ? problem.base : pool.find((one) => one.candidate.trialId === column)?.variant.solve
      const passed = tests.filter((one) =>
        isDeepStrictEqual(call(solve as Variant['solve'], one.args), one.expected),
      ).length
      return { passed, total: tests.length }
    },
  })
}

describe('selection on seeded pools', async () => {
  const variants = new Map(await Promise.all(problems.map(async (one) => [one, await makeVariants(one)] as const)))

  it('has right and wrong variants as labelled', () => {
    for (const [problem, all] of variants) {
      expect(
        all.map((one) => one.good),
        problem.name,
      ).toEqual([...problem.right.map(() => true), ...problem.wrong.map(() => false)])
    }
  })

  it('recovers at least three quarters of what an oracle would', async () => {
    const next = random(20261123)
    let pools = 0
    let chosen = 0
    let chance = 0
    for (let round = 0; round < 400; round++) {
      const problem = problems[round % problems.length] as Problem
      const pool = drawPool(problem, variants.get(problem) ?? [], next)
      if (!pool.some((one) => one.good)) continue
      const { winner } = await choose(problem, pool)
      pools++
      chance += pool.filter((one) => one.good).length / pool.length
      if (pool.find((one) => one.candidate.trialId === winner)?.good) chosen++
    }
    const headroom = (chosen - chance) / (pools - chance)
    console.log(
      `selection: ${chosen} of ${pools} pools (${((100 * chosen) / pools).toFixed(1)}%), at random ${((100 * chance) / pools).toFixed(1)}%, headroom ${(100 * headroom).toFixed(1)}%`,
    )
    expect(pools).toBeGreaterThan(250)
    expect(chosen / pools).toBeGreaterThanOrEqual(0.75)
    expect(headroom).toBeGreaterThanOrEqual(0.6)
  })

  it('says none when no candidate is good', async () => {
    const next = random(7)
    let pools = 0
    let none = 0
    for (let round = 0; round < 200; round++) {
      const problem = problems[round % problems.length] as Problem
      const breaking = (variants.get(problem) ?? []).filter((one) => !one.good)
      const pool = drawPool(problem, breaking, next).map((one) => spoil(one, next))
      const { winner, sentence } = await choose(problem, pool)
      pools++
      if (winner === null) none++
      expect(sentence.length).toBeGreaterThan(10)
    }
    expect(none).toBe(pools)
  })
})
/** Gives a candidate one of the faults that a gate must catch. */
function spoil(entry: Entry, next: () => number): Entry {
  const kinds = ['build', 'types', 'tests', 'tests-deleted', 'tests-weakened', 'secrets', 'acceptance'] as const
  const kind = kinds[Math.floor(next() * kinds.length)]
  const signals = entry.candidate.signals.map((one) =>
    one.kind === kind
      ? {
          ...one,
          state: 'measured' as const,
          verdict: 'bad' as const,
          severity: 'critical' as const,
          sentence: `Planted ${kind}`,
        }
      : one,
  )
  return { ...entry, candidate: { ...entry.candidate, signals } }
}
