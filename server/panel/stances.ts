// The four stances as data: which signals each may see, and how much each signal moves its vote.
import type { Signal, SignalKind, Stance } from '@seatrial/protocol'

/** Change of the log-odds of shipping. */
export interface Weights {
  good: number
  minor: number
  major: number
  critical: number
  /** Not measured, or failed to be measured: never a pass. */
  unknown: number
}

export interface StanceRules {
  /** What this reviewer looks after, in the words of its change-of-mind line. */
  cares: string
  /** Log-odds before any signal is seen. */
  start: number
  /** Without at least one of these measured, it abstains. */
  needs: SignalKind[]
  weights: Partial<Record<SignalKind, Weights>>
}

const weigh = (good: number, minor: number, major: number, critical: number, unknown = 0): Weights => ({
  good,
  minor,
  major,
  critical,
  unknown,
})

/** Start weights, chosen by hand; `docs/panel.md` prints them. Inputs are disjoint, so that votes are less correlated. */
export const stances: Record<Stance, StanceRules> = {
  builder: {
    cares: 'it builds, and what worked still works',
    start: 0,
    needs: ['build', 'tests', 'types'],
    weights: {
      build: weigh(0.4, -2, -4, -6),
      tests: weigh(1.2, -2, -4, -6, -0.8),
      'tests-added': weigh(0.5, -0.8, -2, -3),
      types: weigh(0.6, -2, -3, -5, -0.1),
      lint: weigh(0.2, -0.6, -1.5, -3),
      api: weigh(0.3, -0.7, -4, -5),
      imports: weigh(0.3, -1, -4, -5),
    },
  },
  skeptic: {
    cares: 'nothing was hidden, weakened or let in',
    start: 0.2,
    needs: ['secrets', 'risky', 'tests-deleted', 'blast-radius'],
    weights: {
      secrets: weigh(0.2, -1, -4, -6, -0.5),
      risky: weigh(0.2, -0.5, -4, -5, -0.3),
      vulnerabilities: weigh(0.2, -0.5, -4, -5),
      'install-scripts': weigh(0.1, -0.5, -4, -5),
      'tests-deleted': weigh(0.2, -1, -4, -5, -0.2),
      'tests-weakened': weigh(0.2, -1, -4, -5, -0.2),
      'tests-flaky': weigh(0.2, -1, -3.5, -4),
      coverage: weigh(0.4, -0.5, -3.5, -4),
      'blast-radius': weigh(0.3, -0.8, -3.5, -4),
      'sensitive-paths': weigh(0.1, -1, -3.5, -5),
      scope: weigh(0.3, -0.8, -4, -6),
      lockfile: weigh(0.1, -0.8, -4, -5),
    },
  },
  futurist: {
    cares: 'it can be lived with for years',
    start: 0.2,
    needs: ['complexity', 'duplication', 'cycles'],
    weights: {
      complexity: weigh(0.3, -0.8, -3.5, -5),
      duplication: weigh(0.3, -0.8, -3.5, -5),
      cycles: weigh(0.3, -1, -3.5, -5),
      licences: weigh(0.2, -0.8, -4, -6, -0.1),
      docs: weigh(0.3, -0.6, -2.5, -4),
    },
  },
  product: {
    cares: 'it does what was asked for, at a price worth paying',
    start: 0,
    needs: ['acceptance', 'cost', 'time'],
    weights: {
      acceptance: weigh(1.5, -2, -4, -6, -0.1),
      cost: weigh(0.5, -1, -3.5, -4),
      time: weigh(0.3, -1, -3.5, -4),
    },
  },
}

/** How much one signal moves a stance. */
export function weightOf(signal: Signal, weights: Weights): number {
  if (signal.state !== 'measured') return weights.unknown
  if (signal.verdict === 'good') return weights.good
  if (signal.verdict !== 'bad') return 0
  return signal.severity === 'info' ? weights.minor : weights[signal.severity]
}

/** Signals that forbid shipping whatever the votes say, from this severity up. */
export const vetoes: Partial<Record<SignalKind, Signal['severity']>> = {
  build: 'critical',
  tests: 'critical',
  types: 'critical',
  imports: 'critical',
  secrets: 'critical',
  vulnerabilities: 'critical',
  scope: 'critical',
  acceptance: 'critical',
}
export const severities: readonly Signal['severity'][] = ['info', 'minor', 'major', 'critical']

/** Votes at or above `ship` ship, at or below `skip` skip, between them abstain. */
export const bars = { ship: 0.6, skip: 0.4 }

/** Prior correlations of two reviewers' errors, by the kinds of their engines. */
export const correlations = { rules: 0.2, rulesAndModel: 0.2, otherFamily: 0.45, sameModel: 0.8 }

/** Log-odds to probability and back. */
export const sigmoid = (x: number): number => 1 / (1 + Math.exp(-x))
export const logit = (p: number): number => {
  const inside = Math.min(0.999, Math.max(0.001, p))
  return Math.log(inside / (1 - inside))
}
