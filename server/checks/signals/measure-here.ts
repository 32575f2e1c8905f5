// All signals of one candidate: a table of measurements, each of which is measured, not measured, or an error.
import type { Signal, SignalKind } from '@seatrial/protocol'
import { measureApi } from './api.ts'
import { measureAcceptance, measureBuild, measureFlaky, measureLint, measureTests, measureTypes } from './checks.ts'
import { measureCoverage } from './coverage.ts'
import { measureInstallScripts, measureLicences, measureLockfile } from './dependencies.ts'
import { type Draft, failedToMeasure } from './draft.ts'
import { type Facts, gatherFacts } from './facts.ts'
import { measureCycles, measureImports } from './imports.ts'
import { measureBlastRadius, measureScope, measureSensitive } from './reach.ts'
import { measureRisky } from './risky.ts'
import { measureSecrets } from './secrets.ts'
import type { SignalInput } from './signal-input.ts'
import { measureCost, measureTime } from './spent.ts'
import { measureTestsAdded, measureTestsDeleted, measureTestsWeakened } from './tests-changed.ts'
import { measureComplexityChange, measureDocs, measureDuplication } from './upkeep.ts'
import { measureVulnerabilities } from './vulnerabilities.ts'

interface Measurement {
  tool: string
  measure(facts: Facts): Promise<Draft>
}

const measurements: Record<SignalKind, Measurement> = {
  build: { tool: 'check', measure: measureBuild },
  tests: { tool: 'check', measure: measureTests },
  'tests-added': { tool: 'test outline', measure: measureTestsAdded },
  'tests-deleted': { tool: 'test outline', measure: measureTestsDeleted },
  'tests-weakened': { tool: 'test outline', measure: measureTestsWeakened },
  'tests-flaky': { tool: 'check', measure: measureFlaky },
  types: { tool: 'check', measure: measureTypes },
  lint: { tool: 'check', measure: measureLint },
  coverage: { tool: 'istanbul', measure: measureCoverage },
  api: { tool: 'oxc-parser', measure: measureApi },
  secrets: { tool: 'secretlint', measure: measureSecrets },
  risky: { tool: 'ast-grep', measure: measureRisky },
  vulnerabilities: { tool: 'osv', measure: measureVulnerabilities },
  licences: { tool: 'spdx-satisfies', measure: measureLicences },
  'install-scripts': { tool: 'manifest', measure: measureInstallScripts },
  imports: { tool: 'oxc-parser', measure: measureImports },
  cycles: { tool: 'oxc-parser', measure: measureCycles },
  duplication: { tool: 'token hash', measure: measureDuplication },
  complexity: { tool: 'oxc-parser', measure: measureComplexityChange },
  'blast-radius': { tool: 'diff', measure: measureBlastRadius },
  'sensitive-paths': { tool: 'diff', measure: measureSensitive },
  scope: { tool: 'diff', measure: measureScope },
  lockfile: { tool: 'manifest', measure: measureLockfile },
  docs: { tool: 'diff', measure: measureDocs },
  cost: { tool: 'gateway', measure: measureCost },
  time: { tool: 'clock', measure: measureTime },
  acceptance: { tool: 'check', measure: measureAcceptance },
}

/** The kinds in the order they are measured. */
export const measuredKinds = Object.keys(measurements) as SignalKind[]

/** One kind's signal, its id the kind's name. */
export async function measureKind(kind: SignalKind, facts: Facts): Promise<Signal> {
  const { tool, measure } = measurements[kind]
  let draft: Draft
  try {
    draft = await measure(facts)
  } catch (error) {
    // One measurement that trips over a strange tree must not take the others with it.
    draft = failedToMeasure(`The measurement failed: ${(error as Error).message.slice(0, 200)}`)
  }
  return { id: kind, kind, tree: facts.tree, tool, ...draft }
}

/** The signal of a kind whose measurement did not survive. */
export const lostSignal = (kind: SignalKind, tree: string, sentence: string): Signal => ({
  id: kind,
  kind,
  tree,
  tool: measurements[kind].tool,
  ...failedToMeasure(sentence),
})

/** All signals, in the calling process. Parsers are native code: use `measureSignals` for trees that may be hostile. */
export async function measureHere(input: SignalInput): Promise<Signal[]> {
  const facts = gatherFacts(input)
  const signals: Signal[] = []
  for (const kind of measuredKinds) signals.push(await measureKind(kind, facts))
  return signals
}
