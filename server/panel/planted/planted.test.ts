// The panel must be right: each planted bad candidate is skipped by the right reviewer with the right citation, its twin is not.
import type { CheckResult, PanelReport, Signal } from '@seatrial/protocol'
import { afterAll, describe, expect, it } from 'vitest'
import { measureHere } from '../../checks/signals/measure-here.ts'
import { testTrees } from '../../checks/test-trees.ts'
import { reviewCandidate } from '../review-candidate.ts'
import { countWords } from '../write-review.ts'
import { type Planted, planted, type Side } from './candidates.ts'
import { shop } from './shop.ts'

const trees = testTrees()
afterAll(() => trees[Symbol.dispose]())
const baseRuns = new Map<string, Promise<CheckResult[]>>()

async function judge(one: Planted, side: Side): Promise<{ report: PanelReport; signals: Signal[] }> {
  const base = one.base ?? shop
  let more = side.more ?? {}
  if (side.run) {
    // The base is sound: its checks are those of the twin.
    const specs = one.clean.run ?? side.run
    const key = JSON.stringify([base, specs])
    const known = baseRuns.get(key) ?? trees.run(base, specs)
    baseRuns.set(key, known)
    more = { ...more, base: await known, head: await trees.run({ ...base, ...side.files }, side.run) }
  }
  const input = await trees.input(base, side.files, { prompt: one.prompt, ...more })
  const signals = await measureHere(input)
  return { signals, report: reviewCandidate({ trialId: 'r-1', tree: input.tree, signals, today: '2026-11-23' }) }
}

describe.each([...new Set(planted.map((one) => one.kind))])('planted: %s', (kind) => {
  it.each(planted.filter((one) => one.kind === kind).map((one) => [one.name, one] as const))('%s', async (_, one) => {
    const bad = await judge(one, one.bad)
    const signal = bad.signals.find((each) => each.kind === one.kind)
    expect(signal, signal?.sentence).toMatchObject({ state: 'measured', verdict: 'bad' })
    const review = bad.report.reviews.find((each) => each.stance === one.stance)
    expect(review?.vote, review?.text).toBe('skip')
    expect(review?.cites).toContain(one.kind)
    expect(review?.text).toContain(`[${one.kind}]`)

    const clean = await judge(one, one.clean)
    const spared = clean.report.reviews.find((each) => each.stance === one.stance)
    expect(spared?.vote, spared?.text).not.toBe('skip')
    expect(clean.signals.find((each) => each.kind === one.kind)?.verdict).not.toBe('bad')
    for (const { reviews } of [bad.report, clean.report])
      for (const each of reviews) wellWritten(each.text, each.cites, each.findings.length)
  })
})

/** At most 60 words, and every sentence ends in a signal that is in the list of citations. */
function wellWritten(text: string, cites: readonly string[], findings: number): void {
  expect(countWords(text)).toBeLessThanOrEqual(60)
  const sentences = text.split(/(?<=\]\.) /)
  for (const sentence of sentences) expect(cites).toContain(/\[([\w:-]+)\]\.$/.exec(sentence)?.[1])
  expect(sentences).toHaveLength(cites.length)
  expect(findings).toBeLessThanOrEqual(6)
}

it('covers at least twelve kinds, several of each', () => {
  const kinds = Map.groupBy(planted, (one) => one.kind)
  expect(kinds.size).toBeGreaterThanOrEqual(12)
  for (const [kind, all] of kinds) expect(all.length, kind).toBeGreaterThanOrEqual(3)
})
