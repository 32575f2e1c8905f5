// What changed between the check results of base and candidate, as lists of test names.
import type { CheckResult, TestCase } from '@seatrial/protocol'
import { caseKey } from './run-checks.ts'

export interface CheckComparison {
  /** Green on the base, red on the candidate; a whole check stands for its cases where the runner gave no names. */
  broke: string[]
  fixed: string[]
  added: string[]
  stillFailing: string[]
  /** On the base, no longer on the candidate under any file. */
  deleted: string[]
  /** Ran on the base, skipped on the candidate. */
  skipped: string[]
  /** New on the candidate and red there. */
  addedFailing: string[]
  /** Changed their mind on the same tree. */
  flaky: string[]
}

const empty = (): CheckComparison => ({
  broke: [],
  fixed: [],
  added: [],
  stillFailing: [],
  deleted: [],
  skipped: [],
  addedFailing: [],
  flaky: [],
})

/** Compares the test checks of two trees by name. A case that moved to another file is the same case. */
export function compareChecks(base: readonly CheckResult[], head: readonly CheckResult[]): CheckComparison {
  const lists = empty()
  for (const after of head.filter((result) => result.kind === 'test')) {
    const before = base.find((result) => result.name === after.name && result.kind === 'test')
    lists.flaky.push(...after.flaky)
    const names = before?.cases && after.cases ? compareCases(before, after) : compareWhole(before, after)
    for (const key of Object.keys(names) as (keyof CheckComparison)[]) lists[key].push(...names[key])
  }
  return lists
}

function compareCases(before: CheckResult, after: CheckResult): CheckComparison {
  const lists = empty()
  const flaky = new Set([...before.flaky, ...after.flaky])
  const pairs = pairCases(before.cases ?? [], after.cases ?? [])
  for (const [was, is] of pairs) {
    const name = (is ?? was)?.name ?? ''
    if (was === null && is) {
      lists.added.push(name)
      if (is.status === 'failed') lists.addedFailing.push(name)
    } else if (was && is === null) {
      if (was.status !== 'skipped') lists.deleted.push(name)
    } else if (was && is) {
      if (was.status !== 'skipped' && is.status === 'skipped') lists.skipped.push(name)
      if (is.status === 'failed' && was.status === 'failed') lists.stillFailing.push(name)
      if (is.status === 'failed' && was.status === 'passed' && !flaky.has(name)) lists.broke.push(name)
      if (is.status === 'passed' && was.status === 'failed' && !flaky.has(name)) lists.fixed.push(name)
    }
  }
  // A runner that never finished, or died before it could report, broke what it no longer shows.
  const silent = after.outcome !== 'passed' && after.cases?.every((one) => one.status !== 'failed')
  if (silent && before.outcome === 'passed') lists.broke.push(`${after.name} (${after.outcome})`)
  return lists
}

function compareWhole(before: CheckResult | undefined, after: CheckResult): CheckComparison {
  const lists = empty()
  const green = (result: CheckResult): boolean => result.outcome === 'passed'
  const known = after.cases ?? []
  if (!before) {
    lists.added.push(...(known.length > 0 ? known.map((one) => one.name) : [after.name]))
    lists.addedFailing.push(...known.filter((one) => one.status === 'failed').map((one) => one.name))
    return lists
  }
  if (after.flaky.includes(after.name) || before.flaky.includes(before.name)) return lists
  if (green(before) && !green(after)) lists.broke.push(after.name)
  if (!green(before) && green(after)) lists.fixed.push(after.name)
  if (!green(before) && !green(after)) lists.stillFailing.push(after.name)
  return lists
}

/** Pairs by file and name first, then leftovers by name alone. */
function pairCases(before: TestCase[], after: TestCase[]): [TestCase | null, TestCase | null][] {
  const pairs: [TestCase | null, TestCase | null][] = []
  const waiting = new Map<string, TestCase[]>()
  for (const one of before) waiting.set(caseKey(one), [...(waiting.get(caseKey(one)) ?? []), one])
  const unmatched: TestCase[] = []
  for (const one of after) {
    const was = waiting.get(caseKey(one))?.shift()
    if (was) pairs.push([was, one])
    else unmatched.push(one)
  }
  const byName = new Map<string, TestCase[]>()
  for (const one of [...waiting.values()].flat()) byName.set(one.name, [...(byName.get(one.name) ?? []), one])
  for (const one of unmatched) pairs.push([byName.get(one.name)?.shift() ?? null, one])
  for (const one of [...byName.values()].flat()) pairs.push([one, null])
  return pairs
}
