// Labels, sentences and figures in words. Unknown is said, never shown as a number.
import type { ComparisonKind, Estimate, PanelShare, Rate, VerdictLabel } from '@seatrial/protocol'
import { formula } from './formula.ts'

export interface Names {
  a: string
  b: string
}

const spoken: Record<VerdictLabel, (names: Names) => string> = {
  'ship-a': ({ a }) => `SHIP ${a}`,
  'ship-b': ({ b }) => `SHIP ${b}`,
  'lean-a': ({ a }) => `LEAN ${a}`,
  'lean-b': ({ b }) => `LEAN ${b}`,
  'too-close': () => 'TOO CLOSE',
  'too-early': () => 'TOO EARLY',
  'ship-neither': () => 'SHIP NEITHER',
}

export const labelWords = (label: VerdictLabel, names: Names): string => spoken[label](names)

export const percent = (value: number): string => `${Math.round(value * 100)}%`
export const dollars = (micros: number | null): string =>
  micros === null ? 'unknown' : micros === 0 ? '$0' : `$${(micros / 1e6).toFixed(micros < 10_000 ? 4 : 2)}`
export const plural = (n: number, noun: string): string => `${n} ${noun}${n === 1 ? '' : 's'}`
const figure = (value: number): string => (value >= 10 ? value.toFixed(0) : value.toFixed(1))

export const rateWords = (rate: Rate | null): string =>
  rate === null ? '–' : `${percent(rate.mean)} (${percent(rate.lower)} to ${percent(rate.upper)})`

/** e.g. `3 of 4 ship (~2.5 independent)`. */
export function shareWords(panel: PanelShare): string {
  const voted = panel.ship + panel.skip
  if (voted === 0) return 'nobody voted'
  return `${panel.ship} of ${voted} ship (~${panel.effectiveVotes.toFixed(1)} independent)`
}

const taskSentences: Record<VerdictLabel, (names: Names, estimate: Estimate) => string> = {
  'ship-a': ({ a, b }) =>
    `Ship with ${a}: on the tasks both tried, its work was kept so much more often than that of ${b} that chance would seldom do it, however often one looks.`,
  'ship-b': ({ a, b }) =>
    `Ship with ${b}: on the tasks both tried, its work was kept so much more often than that of ${a} that chance would seldom do it, however often one looks.`,
  'lean-a': ({ a, b }, { provisional }) =>
    `${a} looks better than ${b}, ${provisional ? 'by gates and not yet by people' : 'but not surely'}.`,
  'lean-b': ({ a, b }, { provisional }) =>
    `${b} looks better than ${a}, ${provisional ? 'by gates and not yet by people' : 'but not surely'}.`,
  'too-close': ({ a, b }, { cheaper }) =>
    `${a} and ${b} cannot be told apart by what they were asked so far${cheaper ? `; ${cheaper === 'a' ? a : b} is the cheaper one` : ''}.`,
  'too-early': ({ a, b }, { tasks }) =>
    tasks === 0
      ? `${a} and ${b} have not been tried on one task together, so there is nothing to say yet.`
      : `${a} and ${b} share ${plural(tasks, 'task')}: that decides nothing yet.`,
  'ship-neither': ({ a, b }) =>
    `Neither ${a} nor ${b} should be shipped with: what they offer breaks gates or is turned down more often than not.`,
}

const candidateSentences: Record<VerdictLabel, (names: Names) => string> = {
  'ship-a': ({ a }) => `A person took the candidate of ${a}.`,
  'ship-b': ({ b }) => `A person took the candidate of ${b}.`,
  'lean-a': ({ a }) => `The candidate of ${a} is the better one by gates and tests; a person has not decided.`,
  'lean-b': ({ b }) => `The candidate of ${b} is the better one by gates and tests; a person has not decided.`,
  'too-close': ({ a, b }) => `The candidates of ${a} and ${b} pass the same gates, and another is recommended.`,
  'too-early': () => 'The candidates are not judged yet.',
  'ship-neither': () => 'Neither candidate should be shipped.',
}

export function sentenceOf(kind: ComparisonKind, names: Names, estimate: Estimate): string {
  if (kind === 'candidates') return candidateSentences[estimate.label](names)
  if (kind === 'contenders') return taskSentences[estimate.label](names, estimate)
  const share = ({ ship, skip }: PanelShare): string => `${ship} of ${ship + skip}`
  return `No shared task yet, so this is an opinion on cited facts, not evidence: the rule panel would ship ${names.a} by ${share(estimate.panelA)} and ${names.b} by ${share(estimate.panelB)} of its votes.`
}

/** The line under the verdict. */
export function evidenceOf(kind: ComparisonKind, estimate: Estimate, facts: { a: number; b: number }): string {
  if (kind === 'dossiers')
    return `0 shared tasks; ${facts.a} and ${facts.b} cited facts; opinion of four rule-based readers, worth ~${Math.max(estimate.panelA.effectiveVotes, estimate.panelB.effectiveVotes).toFixed(1)} independent votes.`
  if (kind === 'candidates') return 'One task, two candidates: judged by gates, tests of each on the other, and people.'
  const { wins, losses, ties, tasks, eValue, provisional } = estimate
  return `${wins}-${losses}${ties ? ` and ${plural(ties, 'tie')}` : ''} on ${plural(tasks, 'shared task')}, e = ${figure(eValue)} (${formula.shipE} ships)${provisional ? '; provisional: counted by gates, fewer than ' + formula.leastTasks + ' tasks are labelled by people' : ''}.`
}
