// All signals of one candidate: a table of measurements, each of which is measured, not measured, or an error.
import type { Signal, SignalKind } from '@seatrial/protocol'
import { measureApi } from './api.ts'
import { measureAcceptance, measureBuild, measureFlaky, measureLint, measureTests, measureTypes } from './checks.ts'
import { measureCoverage } from './coverage.ts'
import { measureInstallScripts, measureLicences, measureLockfile } from './dependencies.ts'
import { type Draft, failedToMeasure } from './draft.ts'
import { type Facts, gatherFacts } from './facts.ts'
import { measureCycles, measureImports } from './imports.ts'
import { measuredKinds, measuringTools } from './measuring-tools.ts'
import { measureBlastRadius, measureScope, measureSensitive } from './reach.ts'
import { measureRisky } from './risky.ts'
import { measureSecrets } from './secrets.ts'
import type { SignalInput } from './signal-input.ts'
import { measureCost, measureTime } from './spent.ts'
import { measureTestsAdded, measureTestsDeleted, measureTestsWeakened } from './tests-changed.ts'
import { measureComplexityChange, measureDocs, measureDuplication } from './upkeep.ts'
import { measureVulnerabilities } from './vulnerabilities.ts'

const measurements: Record<SignalKind, (facts: Facts) => Promise<Draft>> = {
  build: measureBuild,
  tests: measureTests,
  'tests-added': measureTestsAdded,
  'tests-deleted': measureTestsDeleted,
  'tests-weakened': measureTestsWeakened,
  'tests-flaky': measureFlaky,
  types: measureTypes,
  lint: measureLint,
  coverage: measureCoverage,
  api: measureApi,
  secrets: measureSecrets,
  risky: measureRisky,
  vulnerabilities: measureVulnerabilities,
  licences: measureLicences,
  'install-scripts': measureInstallScripts,
  imports: measureImports,
  cycles: measureCycles,
  duplication: measureDuplication,
  complexity: measureComplexityChange,
  'blast-radius': measureBlastRadius,
  'sensitive-paths': measureSensitive,
  scope: measureScope,
  lockfile: measureLockfile,
  docs: measureDocs,
  cost: measureCost,
  time: measureTime,
  acceptance: measureAcceptance,
}

/** One kind's signal, its id the kind's name. */
export async function measureKind(kind: SignalKind, facts: Facts): Promise<Signal> {
  let draft: Draft
  try {
    draft = await measurements[kind](facts)
  } catch (error) {
    // One measurement that trips over a strange tree must not take the others with it.
    draft = failedToMeasure(`The measurement failed: ${(error as Error).message.slice(0, 200)}`)
  }
  return { id: kind, kind, tree: facts.tree, tool: measuringTools[kind], ...draft }
}

/** All signals, in the calling process. Parsers are native code: use `measureSignals` for trees that may be hostile. */
export async function measureHere(input: SignalInput): Promise<Signal[]> {
  const facts = gatherFacts(input)
  const signals: Signal[] = []
  for (const kind of measuredKinds) signals.push(await measureKind(kind, facts))
  return signals
}
