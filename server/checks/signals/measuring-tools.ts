// What measures each kind of signal, in the order they are measured. Apart from the measurements, whose parsers the house
// itself does not load.
import type { Signal, SignalKind } from '@seatrial/protocol'
import { failedToMeasure } from './draft.ts'

export const measuringTools: Record<SignalKind, string> = {
  build: 'check',
  tests: 'check',
  'tests-added': 'test outline',
  'tests-deleted': 'test outline',
  'tests-weakened': 'test outline',
  'tests-flaky': 'check',
  types: 'check',
  lint: 'check',
  coverage: 'istanbul',
  api: 'oxc-parser',
  secrets: 'secretlint',
  risky: 'ast-grep',
  vulnerabilities: 'osv',
  licences: 'spdx-satisfies',
  'install-scripts': 'manifest',
  imports: 'oxc-parser',
  cycles: 'oxc-parser',
  duplication: 'token hash',
  complexity: 'oxc-parser',
  'blast-radius': 'diff',
  'sensitive-paths': 'diff',
  scope: 'diff',
  lockfile: 'manifest',
  docs: 'diff',
  cost: 'gateway',
  time: 'clock',
  acceptance: 'check',
}

export const measuredKinds = Object.keys(measuringTools) as SignalKind[]

/** The signal of a kind whose measurement did not survive. */
export const lostSignal = (kind: SignalKind, tree: string, sentence: string): Signal => ({
  id: kind,
  kind,
  tree,
  tool: measuringTools[kind],
  ...failedToMeasure(sentence),
})
