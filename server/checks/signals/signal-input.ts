// What signals are measured from: values and readers, nothing of the house itself.
import type { CheckResult, Diff, ProjectSettings } from '@seatrial/protocol'

export interface SignalInput {
  /** The candidate's tree; every signal is bound to it. */
  tree: string
  /** Check results of base and candidate. */
  base: CheckResult[]
  head: CheckResult[]
  diff: Diff
  /** Text of a file in the base or the candidate tree; null when absent or binary. */
  readBase(path: string): Promise<string | null>
  readHead(path: string): Promise<string | null>
  /** All paths of a tree. */
  listFiles(side: 'base' | 'head'): Promise<string[]>
  /** Paths of a tree whose text holds any of the words (see `findText`); without it, files are read one by one. */
  findText?(side: 'base' | 'head', words: string[]): Promise<string[]>
  /** Text of a file in the candidate's workspace, ignored ones (`node_modules`) included; null when absent. */
  readWorkspace?(path: string): Promise<string | null>
  /** Advisories about packages: JSON of `{ ecosystem, names }` answered by JSON of `{ advisories, newest }`. */
  readAdvisories?(asked: string): Promise<string | null>
  /** Why there are none to read. */
  advisoriesMissing: string
  /** What the person asked for. */
  prompt: string
  settings: Pick<ProjectSettings, 'sensitive'>
  /** Names of the checks that the task itself brought. */
  acceptance: string[]
  /** Commits that touched a path lately, of `since` days; null when the history was not read. */
  history: { sinceDays: number; commits: Record<string, number> } | null
  /** Coverage files written by this candidate's checks, by path (see `freshCoverage`). */
  coverage: Record<string, string> | null
  /** The candidate's added tests as they ran on the base; null when they did not. */
  addedOnBase: { passed: number; total: number } | null
  cost: { micros: number | null; tokens: number; limitMicros: number | null; limitTokens: number | null } | null
  time: { ms: number; limitMs: number | null } | null
}

/** `SignalInput` with everything optional left out, for callers that have only trees and results. */
export function signalInput(
  needed: Pick<SignalInput, 'tree' | 'base' | 'head' | 'diff' | 'readBase' | 'readHead' | 'listFiles' | 'prompt'>,
  more: Partial<SignalInput> = {},
): SignalInput {
  return {
    settings: { sensitive: [] },
    acceptance: [],
    history: null,
    coverage: null,
    advisoriesMissing: 'This house has no advisories; name a folder or zip of OSV files in [advisories] of house.toml',
    addedOnBase: null,
    cost: null,
    time: null,
    ...more,
    ...needed,
  }
}
