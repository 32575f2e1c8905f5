// Runs check commands on one tree and turns what they leave behind into results bound to that tree.
import { posix } from 'node:path'
import type { CheckResult, CheckSpec, TestCase } from '@seatrial/protocol'
import { plainText } from '@seatrial/protocol/plain-text'
import { fromRoot, readDiagnostics } from './diagnostics/read-diagnostics.ts'
import { tailOf } from './log-tail.ts'
import { listNames } from './names.ts'
import { readCases } from './reports/read-cases.ts'

/** How a command ended. `output` is stdout and stderr as they came, possibly long. */
export interface CommandEnd {
  exitCode: number | null
  timedOut: boolean
  output: string
  durationMs: number
}

/** Runs a shell command inside the trial's sandbox; `cwd` is relative to the tree's root. Never throws for a red command. */
export type RunCommand = (
  command: string,
  options: { cwd: string; timeoutMs: number; env?: Record<string, string> },
) => Promise<CommandEnd>

export interface RunChecksInput {
  specs: readonly CheckSpec[]
  /** Hash of the tree the workspace holds now. */
  tree: string
  /** Where the tree appears to the commands, so that absolute paths in reports become relative; null when unknown. */
  root?: string | null
  run: RunCommand
  /** Text of a file in the workspace, ignored ones included, relative to the root; null when absent. */
  readFile(path: string): Promise<string | null>
  say(sentence: string): void
  signal?: AbortSignal
}

// What makes runners print one line per test and never wait for a key.
const checkEnv = { CI: 'true', NO_COLOR: '1', PYTEST_ADDOPTS: '-rA' }
/** Exit codes by which a shell says that it could not start the command at all. */
const notStarted = new Set([126, 127])

/** One result per spec, in order. A red test check is run once more on the same tree, so that flaky cases are known. */
export async function runChecks(input: RunChecksInput): Promise<CheckResult[]> {
  const results: CheckResult[] = []
  for (const spec of input.specs) {
    input.signal?.throwIfAborted()
    const first = await runCheck(spec, input)
    const again = first.kind === 'test' && first.outcome === 'failed' && !input.signal?.aborted
    const result = again ? mergeRuns(first, await runCheck(spec, input)) : first
    input.say(sentenceOf(result))
    results.push(result)
  }
  return results
}

async function runCheck(spec: CheckSpec, { run, readFile, tree, root = null }: RunChecksInput): Promise<CheckResult> {
  const reportPath = spec.report?.path ?? null
  // A report left by an earlier run, or committed by the candidate, must not pass for this run's.
  if (reportPath !== null) await run(`rm -f -- ${shellQuote(reportPath)}`, { cwd: spec.cwd, timeoutMs: 30_000 })
  const end = await run(spec.command, { cwd: spec.cwd, timeoutMs: spec.timeoutSeconds * 1000, env: checkEnv })
  const output = plainText(end.output)
  const report = reportPath === null ? null : await readFile(posix.join(spec.cwd, reportPath))
  const named = spec.kind === 'test' ? readCases({ format: spec.report?.format ?? null, report, output }) : null
  const cases = named?.map((one) => ({ ...one, file: one.file && fromRoot(one.file, spec.cwd, root) })) ?? null
  const diagnostics = spec.kind === 'test' ? null : readDiagnostics(output, spec.cwd, root)
  return {
    name: spec.name,
    kind: spec.kind,
    command: spec.command,
    tree,
    outcome: outcomeOf(end, cases),
    exitCode: end.exitCode,
    durationMs: end.durationMs,
    cases,
    diagnostics,
    log: tailOf(output),
    flaky: [],
  }
}

function outcomeOf(end: CommandEnd, cases: TestCase[] | null): CheckResult['outcome'] {
  if (end.timedOut) return 'timeout'
  if (end.exitCode === null || notStarted.has(end.exitCode)) return 'error'
  // A command that hides its exit code (`|| true`) does not hide its red cases.
  return end.exitCode === 0 && !cases?.some((one) => one.status === 'failed') ? 'passed' : 'failed'
}

/** The second run decides; cases that changed their mind between the two are flaky. */
export function mergeRuns(first: CheckResult, second: CheckResult): CheckResult {
  const durationMs = first.durationMs + second.durationMs
  if (first.cases && second.cases) {
    const before = new Map(first.cases.map((one) => [caseKey(one), one.status]))
    const flaky = second.cases.filter((one) => {
      const was = before.get(caseKey(one))
      return was !== undefined && was !== one.status && was !== 'skipped' && one.status !== 'skipped'
    })
    return { ...second, durationMs, flaky: flaky.map((one) => one.name) }
  }
  return { ...second, durationMs, flaky: first.outcome === second.outcome ? [] : [second.name] }
}

/** What tells two cases of one check apart. */
export function caseKey(one: TestCase): string {
  return `${one.file ?? ''}\u0000${one.name}`
}

function sentenceOf(result: CheckResult): string {
  const failed = result.cases?.filter((one) => one.status === 'failed').map((one) => one.name) ?? []
  const red = failed.length > 0 ? `: ${listNames(failed)}` : ''
  const flaky = result.flaky.length > 0 ? `; flaky: ${listNames(result.flaky)}` : ''
  return `${result.name} ${result.outcome} after ${(result.durationMs / 1000).toFixed(1)} s${red}${flaky}`
}

function shellQuote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
