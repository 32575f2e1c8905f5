// Signals straight from check results: build, tests, flaky tests, types, lint, acceptance.
import type { CheckResult, Diagnostic } from '@seatrial/protocol'
import { compareChecks } from '../compare-checks.ts'
import { count, listNames } from '../names.ts'
import { bad, type Draft, failedToMeasure, good, neutral, notMeasured, place } from './draft.ts'
import { addedLines, type Facts } from './facts.ts'

const red = (result: CheckResult): boolean => result.outcome !== 'passed'
const pairsOf = (facts: Facts, kind: CheckResult['kind']) =>
  facts.head
    .filter((head) => head.kind === kind)
    .map((head) => ({ head, base: facts.base.find((one) => one.kind === kind && one.name === head.name) ?? null }))

/** A result of another tree says nothing about this one. */
function staleOf(facts: Facts, kind: CheckResult['kind']): Draft | null {
  const stale = facts.head.filter((result) => result.kind === kind && result.tree !== facts.tree)
  if (stale.length === 0) return null
  return notMeasured(`${listNames(stale.map((one) => one.name))} ran on another tree; the result is stale`)
}

export async function measureBuild(facts: Facts): Promise<Draft> {
  const pairs = pairsOf(facts, 'build')
  if (pairs.length === 0) return notMeasured('The project has no build check')
  const broken = pairs.filter(({ head, base }) => red(head) && !(base && red(base)))
  const numbers = { base: facts.base.filter((one) => one.kind === 'build' && red(one)).length, head: broken.length }
  if (broken.length > 0) {
    const { head } = broken[0] as (typeof broken)[0]
    const places = (head.diagnostics ?? []).map((one) => place(one.path, one.line, one.message))
    return bad('critical', `${listNames(broken.map((one) => one.head.name))} does not build`, { ...numbers, places })
  }
  const still = pairs.filter(({ head }) => red(head))
  if (still.length > 0)
    return neutral(`${listNames(still.map((one) => one.head.name))} fails as it does on the base`, numbers)
  return good(`${listNames(pairs.map((one) => one.head.name))} builds`, numbers)
}

export async function measureTests(facts: Facts): Promise<Draft> {
  const pairs = pairsOf(facts, 'test')
  if (pairs.length === 0) return notMeasured('The project has no test check')
  const stale = staleOf(facts, 'test')
  if (stale) return stale
  const dead = pairs.filter(({ head, base }) => head.outcome === 'error' && (!base || base.outcome === 'error'))
  if (dead.length > 0) return failedToMeasure(`${listNames(dead.map((one) => one.head.name))} could not be started`)
  const { broke, fixed, added, stillFailing, addedFailing, skipped } = compareChecks(facts.base, facts.head)
  const failing = (results: CheckResult[]): number =>
    results.flatMap((one) => one.cases ?? []).filter((one) => one.status === 'failed').length
  const lists = { broke, fixed, added, stillFailing, addedFailing, skipped }
  const cases = facts.head.flatMap((one) => one.cases ?? [])
  const redCases = cases.filter((one) => one.status === 'failed' && one.file)
  const places = redCases.map((one) => place(one.file ?? '', null, one.name))
  const more = { lists, places, base: failing(facts.base), head: failing(facts.head) }
  if (broke.length > 0) {
    return bad(
      'critical',
      `${count(broke.length, 'test')} that passed before now ${broke.length === 1 ? 'fails' : 'fail'}: ${listNames(broke)}`,
      more,
    )
  }
  const timedOut = pairs.filter(({ head }) => head.outcome === 'timeout')
  if (timedOut.length > 0)
    return bad('critical', `${listNames(timedOut.map((one) => one.head.name))} never ended`, more)
  if (addedFailing.length > 0)
    return bad('major', `${count(addedFailing.length, 'new test')} fail: ${listNames(addedFailing)}`, more)
  const newRed = pairs.filter(({ head, base }) => !base && red(head))
  if (newRed.length > 0) return bad('major', `${listNames(newRed.map((one) => one.head.name))} fails`, more)
  if (fixed.length > 0)
    return good(
      `${count(fixed.length, 'test')} that failed before now ${fixed.length === 1 ? 'passes' : 'pass'}: ${listNames(fixed)}`,
      more,
    )
  if (stillFailing.length > 0)
    return neutral(
      `${count(stillFailing.length, 'test')} still ${stillFailing.length === 1 ? 'fails' : 'fail'} as on the base`,
      more,
    )
  const green = cases.filter((one) => one.status === 'passed').length
  return good(
    green > 0
      ? `All ${count(green, 'test')} pass, none broke`
      : `${listNames(pairs.map((one) => one.head.name))} passes`,
    more,
  )
}

export async function measureFlaky(facts: Facts): Promise<Draft> {
  const tests = facts.head.filter((one) => one.kind === 'test')
  if (tests.length === 0) return notMeasured('No tests ran, so none could change their mind')
  const before = new Set(facts.base.flatMap((one) => one.flaky))
  const now = tests.flatMap((one) => one.flaky)
  const fresh = now.filter((name) => !before.has(name))
  const lists = { flaky: now, new: fresh }
  const numbers = { base: before.size, head: now.length }
  if (fresh.length > 0) {
    return bad(
      'major',
      `${count(fresh.length, 'test')} changed ${fresh.length === 1 ? 'its' : 'their'} mind on the same tree: ${listNames(fresh)}`,
      { lists, ...numbers },
    )
  }
  if (now.length > 0) return neutral(`${count(now.length, 'test')} flaky as on the base`, { lists, ...numbers })
  return good('No test changed its mind', numbers)
}

export async function measureTypes(facts: Facts): Promise<Draft> {
  const pairs = pairsOf(facts, 'types')
  if (pairs.length === 0) return notMeasured('The project has no type check')
  const stale = staleOf(facts, 'types')
  if (stale) return stale
  const { fresh, gone, numbers } = compareDiagnostics(facts, 'types')
  const places = fresh.map((one) => place(one.path, one.line, `${one.code}: ${one.message}`))
  const lists = { new: fresh.map((one) => `${one.path}:${one.line} ${one.code}`) }
  if (fresh.length > 0) {
    return bad('critical', `${count(fresh.length, 'new type error')}: ${listNames(lists.new)}`, {
      places,
      lists,
      ...numbers,
    })
  }
  const silent = pairs.filter(({ head, base }) => red(head) && !(base && red(base)))
  if (silent.length > 0) return bad('critical', `${listNames(silent.map((one) => one.head.name))} fails`, numbers)
  if (pairs.some(({ head }) => red(head))) {
    return neutral(
      gone > 0 ? `${count(gone, 'type error')} gone, the rest as on the base` : 'Type errors as on the base',
      numbers,
    )
  }
  return good('Type check passes', numbers)
}

export async function measureLint(facts: Facts): Promise<Draft> {
  const pairs = pairsOf(facts, 'lint')
  if (pairs.length === 0) return notMeasured('The project has no lint check')
  const { fresh, numbers } = compareDiagnostics(facts, 'lint')
  const changed = new Map(facts.files.map((file) => [file.path, new Set(addedLines(file).map((one) => one.line))]))
  const mine = fresh.filter((one) => changed.get(one.path)?.has(one.line))
  const places = mine.map((one) => place(one.path, one.line, `${one.code}: ${one.message}`))
  const lists = { new: mine.map((one) => `${one.path}:${one.line} ${one.code}`) }
  if (mine.length > 0) {
    const severity = mine.length >= 5 ? 'major' : 'minor'
    return bad(severity, `${count(mine.length, 'lint finding')} on changed lines: ${listNames(lists.new)}`, {
      places,
      lists,
      ...numbers,
    })
  }
  const silent = pairs.filter(({ head, base }) => red(head) && !(base && red(base)) && !head.diagnostics)
  if (silent.length > 0) return bad('minor', `${listNames(silent.map((one) => one.head.name))} fails`, numbers)
  return good('No lint finding on changed lines', numbers)
}

export async function measureAcceptance(facts: Facts): Promise<Draft> {
  if (facts.acceptance.length === 0) return notMeasured('The task names no acceptance check')
  const results = facts.head.filter((one) => facts.acceptance.includes(one.name))
  const ran = new Set(results.map((one) => one.name))
  const missing = facts.acceptance.filter((name) => !ran.has(name))
  if (missing.length > 0) return notMeasured(`Acceptance check ${listNames(missing)} did not run`)
  const failed = results.filter(red)
  const lists = {
    failed: failed.map((one) => one.name),
    passed: results.filter((one) => !red(one)).map((one) => one.name),
  }
  const numbers = { base: null, head: failed.length }
  if (failed.length > 0)
    return bad('critical', `Acceptance check ${listNames(lists.failed)} fails`, { lists, ...numbers })
  return good(`All ${count(results.length, 'acceptance check')} pass`, { lists, ...numbers })
}

/** Findings that are new, whatever line they moved to; renamed files keep theirs. */
function compareDiagnostics(facts: Facts, kind: CheckResult['kind']) {
  const renamed = new Map(facts.files.flatMap((file) => (file.oldPath ? [[file.oldPath, file.path] as const] : [])))
  const keyOf = (one: Diagnostic): string => `${renamed.get(one.path) ?? one.path}\u0000${one.code}\u0000${one.message}`
  const of = (results: CheckResult[]): Diagnostic[] =>
    results.filter((one) => one.kind === kind).flatMap((one) => one.diagnostics ?? [])
  const known = new Map<string, number>()
  for (const one of of(facts.base)) known.set(keyOf(one), (known.get(keyOf(one)) ?? 0) + 1)
  const before = of(facts.base).length
  const changed = new Map(facts.files.map((file) => [file.path, new Set(addedLines(file).map((one) => one.line))]))
  const isChanged = (one: Diagnostic): number => (changed.get(one.path)?.has(one.line) ? 1 : 0)
  // Findings on untouched lines use up the base's first, so that of two alike the one on a changed line is new.
  const now = of(facts.head).toSorted((a, b) => isChanged(a) - isChanged(b))
  const fresh = now.filter((one) => {
    const left = known.get(keyOf(one)) ?? 0
    known.set(keyOf(one), left - 1)
    return left <= 0
  })
  return { fresh, gone: before - (now.length - fresh.length), numbers: { base: before, head: now.length } }
}
