// Check results and signals: evidence, always bound to a tree hash.
import { z } from 'zod'
import { CheckKind } from './project.ts'

export const TestCase = z.object({
  /** Full name, suite path included; unique within one result where the runner allows it. */
  name: z.string(),
  file: z.string().nullable(),
  status: z.enum(['passed', 'failed', 'skipped']),
  durationMs: z.number().nullable(),
  message: z.string().nullable(),
})
export type TestCase = z.infer<typeof TestCase>

/** A compiler's or linter's finding. */
export const Diagnostic = z.object({
  path: z.string(),
  line: z.number().int(),
  code: z.string(),
  message: z.string(),
})
export type Diagnostic = z.infer<typeof Diagnostic>

/** One run of one check on one tree. */
export const CheckResult = z.object({
  name: z.string(),
  kind: CheckKind,
  command: z.string(),
  /** Tree the workspace had when the command ran; any later edit makes the result stale. */
  tree: z.string(),
  outcome: z.enum(['passed', 'failed', 'timeout', 'error']),
  exitCode: z.number().int().nullable(),
  durationMs: z.number(),
  /** Null where the runner gave no names. */
  cases: z.array(TestCase).nullable(),
  diagnostics: z.array(Diagnostic).nullable(),
  /** Last 64 KiB of output, terminal escapes removed. */
  log: z.string(),
  /** Case names that changed their mind when run again on the same tree. */
  flaky: z.array(z.string()),
})
export type CheckResult = z.infer<typeof CheckResult>

/** The kinds of signal; a reviewer's input is a subset of these. */
export const SignalKind = z.enum([
  'build',
  'tests',
  'tests-added',
  'tests-deleted',
  'tests-weakened',
  'tests-flaky',
  'types',
  'lint',
  'coverage',
  'api',
  'secrets',
  'risky',
  'vulnerabilities',
  'licences',
  'install-scripts',
  'imports',
  'cycles',
  'duplication',
  'complexity',
  'blast-radius',
  'sensitive-paths',
  'scope',
  'lockfile',
  'docs',
  'cost',
  'time',
  'acceptance',
])
export type SignalKind = z.infer<typeof SignalKind>

/** One measured fact. `not_measured` is never a pass. */
export const Signal = z.object({
  /** Unique within a trial, e.g. `tests`, `secrets:1`; reviewers cite it. */
  id: z.string(),
  kind: SignalKind,
  state: z.enum(['measured', 'not_measured', 'error']),
  /** `bad` speaks against shipping, `good` for it; null when not measured. */
  verdict: z.enum(['good', 'neutral', 'bad']).nullable(),
  severity: z.enum(['info', 'minor', 'major', 'critical']),
  /** One sentence of what was measured, or why not. */
  sentence: z.string(),
  tree: z.string(),
  tool: z.string(),
  base: z.number().nullable(),
  head: z.number().nullable(),
  /** Where, with 1-based lines in the candidate (or the base for deletions). */
  places: z.array(z.object({ path: z.string(), line: z.number().int().nullable(), text: z.string() })),
  /** Lists of names, e.g. `{ broke: [...], fixed: [...], added: [...], stillFailing: [...] }`. */
  lists: z.record(z.string(), z.array(z.string())),
})
export type Signal = z.infer<typeof Signal>

/** All evidence of one trial. `stale` is computed: does `tree` equal the candidate's tree? */
export const Evidence = z.object({
  tree: z.string(),
  stale: z.boolean(),
  base: z.array(CheckResult),
  candidate: z.array(CheckResult),
  signals: z.array(Signal),
})
export type Evidence = z.infer<typeof Evidence>
