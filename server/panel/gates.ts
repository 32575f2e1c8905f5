// What a candidate must pass before it is compared with others: one function per gate, in order.
import type { Signal, SignalKind } from '@seatrial/protocol'
import type { CandidateInput } from './candidate-input.ts'

/** Null when the candidate may stay, else the sentence that says why it is out. */
export type Gate = (candidate: CandidateInput, all: readonly CandidateInput[]) => string | null

const find = (candidate: CandidateInput, kind: SignalKind): Signal | undefined =>
  candidate.signals.find((one) => one.kind === kind && one.tree === candidate.tree)

/** Out when the signal is bad, from a severity up. */
const notBad =
  (kind: SignalKind, severities: readonly Signal['severity'][] = ['major', 'critical']): Gate =>
  (candidate) => {
    const signal = find(candidate, kind)
    const out = signal?.state === 'measured' && signal.verdict === 'bad' && severities.includes(signal.severity)
    return out ? `${signal.sentence}.` : null
  }

/** Tests that say nothing here, though they speak for another candidate or ought to have run, are no pass. */
const testsSpeak: Gate = (candidate, all) => {
  const tests = find(candidate, 'tests')
  if (tests?.state === 'measured') return null
  if (tests?.state === 'error') return `${tests.sentence}.`
  const others = all.some((one) => find(one, 'tests')?.state === 'measured')
  return others ? 'Its tests were not measured, those of other candidates were.' : null
}

const notEmpty: Gate = (candidate) => (candidate.diff.files.length === 0 ? 'It changes nothing.' : null)

/** More reviewers skip than ship. */
const panelShips: Gate = ({ panel }) => {
  if (!panel) return null
  if (panel.vetoes.length > 0) return panel.vetoes[0] ?? null
  if (panel.skip === 0 || panel.skip < panel.ship) return null
  const why = panel.reviews.find((one) => one.vote === 'skip')?.text.split(/(?<=\])\. /)[0]
  return `The panel says skip, ${panel.skip} to ${panel.ship}: ${why ?? ''}`
}

export const gates: readonly Gate[] = [
  notEmpty,
  notBad('build'),
  notBad('types'),
  notBad('imports', ['critical']),
  testsSpeak,
  notBad('tests'),
  notBad('tests-deleted'),
  notBad('tests-weakened'),
  notBad('acceptance'),
  notBad('secrets'),
  panelShips,
]
