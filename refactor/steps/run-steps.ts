// Runs steps one after the other and tells what happens as it happens; stops at the first that is refused.
import { execFileSync } from 'node:child_process'
import { Refusal } from '@seatrial/protocol'
import { moveFile } from '../move/move-file.ts'
import { renameSymbol } from '../rename/rename-symbol.ts'
import type { WriteReport } from '../report.ts'
import { rewrite } from '../rewrite.ts'
import { type CleanCopy, cleanCopy } from '../verify/clean-copy.ts'
import { type Verification, verify } from '../verify/verify.ts'
import { describe, type Step } from './step.ts'

export type Happened =
  | { type: 'started'; index: number; step: Step }
  | { type: 'written'; index: number; report: WriteReport }
  | { type: 'verified'; index: number; verification: Verification }
  | { type: 'refused'; index: number; sentence: string }

export type Outcome = {
  reports: WriteReport[]
  verification: Verification | null
  refused: string | null
  cancelled: boolean
}

type Write = (root: string, step: Step) => Promise<WriteReport>
const writes: Partial<Record<Step['do'], Write>> = {
  rename: (root, step) => renameSymbol({ root, ...(step as Extract<Step, { do: 'rename' }>) }),
  move: (root, step) => moveFile({ root, ...(step as Extract<Step, { do: 'move' }>) }),
  rewrite: (root, step) => rewrite({ root, ...(step as Extract<Step, { do: 'rewrite' }>) }),
}

/** The steps as they will run: whatever writes is followed by one verification at the end. */
export const complete = (steps: Step[]): Step[] => [...steps.filter((step) => step.do !== 'verify'), { do: 'verify' }]

export async function runSteps(
  root: string,
  steps: Step[],
  tell: (what: Happened) => Promise<void>,
  signal: AbortSignal,
): Promise<Outcome> {
  const outcome: Outcome = { reports: [], verification: null, refused: null, cancelled: false }
  const base = baseOf(root)
  try {
    for (const [index, step] of steps.entries()) {
      if (signal.aborted) return { ...outcome, cancelled: true }
      await tell({ type: 'started', index, step })
      const write = writes[step.do]
      if (write) {
        const report = await write(root, step)
        outcome.reports.push(report)
        await tell({ type: 'written', index, report })
      } else {
        const { files, moved } = touched(outcome.reports)
        outcome.verification = await verify({
          root,
          base,
          moved,
          signal,
          ...(outcome.reports.length > 0 ? { files } : {}),
        })
        await tell({ type: 'verified', index, verification: outcome.verification })
      }
    }
    return outcome
  } catch (error) {
    if (signal.aborted) return { ...outcome, cancelled: true }
    if (!(error instanceof Refusal)) throw error
    const index = outcome.reports.length
    const done = index > 0 ? ` The ${index === 1 ? 'step' : `${index} steps`} before it stand.` : ''
    outcome.refused = `${describe(steps[index]!)}: ${error.message}${done}`
    await tell({ type: 'refused', index, sentence: error.message })
    return outcome
  } finally {
    if (typeof base !== 'string') base.close()
  }
}

/** What to compare with at the end: HEAD, which costs nothing unless it is needed, or a copy of a tree with changes. */
function baseOf(root: string): string | CleanCopy {
  try {
    const args = ['-c', 'core.fsmonitor=false', 'status', '--porcelain', '--untracked-files=normal']
    execFileSync('git', ['rev-parse', '--verify', '-q', 'HEAD'], { cwd: root, stdio: 'pipe' })
    if (execFileSync('git', args, { cwd: root, stdio: 'pipe' }).length === 0) return 'HEAD'
  } catch {}
  return cleanCopy(root)
}

/** Where the files that were written are by now, and the way each moved one took over all steps. */
export function touched(reports: WriteReport[]): { files: string[]; moved: Map<string, string> } {
  let files = new Set<string>()
  const moved = new Map<string, string>()
  for (const report of reports) {
    const way = new Map(report.files.flatMap((one) => (one.movedTo ? [[one.file, one.movedTo] as const] : [])))
    for (const [origin, now] of moved) moved.set(origin, way.get(now) ?? now)
    for (const [from, to] of way) if (![...moved.values()].includes(to)) moved.set(from, to)
    files = new Set([...files, ...report.files.map((one) => one.file)].map((file) => way.get(file) ?? file))
  }
  return { files: [...files], moved }
}
