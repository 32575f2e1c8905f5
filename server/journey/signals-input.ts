// Gathers what signals are measured from: trees, results, history and spending of a trial.
import { type CheckResult, type CheckSpec, Refusal } from '@seatrial/protocol'
import type { Ecosystem } from '../checks/advisories/osv.ts'
import { findText } from '../checks/find-text.ts'
import { type SignalInput, signalInput } from '../checks/signals/signal-input.ts'
import { usageOf } from '../store/views.ts'
import { git, records } from '../workspace/git.ts'
import type { Rooms } from './rooms.ts'
import type { Stage } from './stage.ts'

const historyDays = 180
const mostHistoryFiles = 400

export async function signalsInput(
  { rooms, world, row }: Stage,
  results: {
    specs: CheckSpec[]
    base: CheckResult[]
    head: CheckResult[]
    coverage: Record<string, string> | null
    addedOnBase: SignalInput['addedOnBase']
  },
): Promise<SignalInput> {
  const { base } = world.task
  const { candidate } = row
  if (!base || !candidate) throw new Error(`Trial ${row.id} has no candidate to measure`)
  const projectId = world.project.id
  const diff = await rooms.workspaces.diff(projectId, base.tree, candidate.tree)
  const spent = (await usageOf(rooms.store.db, [row.id])).get(row.id)
  const tokens = spent ? spent.inputTokens + spent.outputTokens + spent.cacheReadTokens + spent.cacheWriteTokens : 0
  const { budget } = world.task
  return signalInput(
    {
      tree: candidate.tree,
      base: results.base,
      head: results.head,
      diff,
      readBase: (path) => readText(rooms, projectId, base.tree, path),
      readHead: (path) => readText(rooms, projectId, candidate.tree, path),
      listFiles: (side) => rooms.workspaces.listFiles(projectId, side === 'base' ? base.tree : candidate.tree),
      prompt: world.task.prompt,
    },
    {
      settings: world.settings,
      coverage: results.coverage,
      addedOnBase: results.addedOnBase,
      ...(await readAdvisories(rooms)),
      findText: (side, words) =>
        findText(
          (args) => git(args, { gitDir: rooms.workspaces.storeDir(projectId), codes: [1] }),
          side === 'base' ? base.tree : candidate.tree,
          words,
        ),
      acceptance: world.task.checks.map((check) => check.name),
      history: await readHistory(
        rooms,
        projectId,
        base.head,
        diff.files.map((file) => file.oldPath ?? file.path),
      ),
      cost: {
        micros: spent ? spent.micros : 0,
        tokens,
        limitMicros: budget.micros ?? world.settings.budget.taskMicros,
        limitTokens: budget.tokens ?? world.settings.budget.trialTokens,
      },
      time: {
        ms: Date.now() - (row.startedAt ?? row.createdAt).getTime(),
        limitMs: (budget.minutes ?? world.settings.limits.minutes) * 60_000,
      },
    },
  )
}

/** How to look packages up, or why that cannot be done. */
async function readAdvisories(rooms: Rooms): Promise<Partial<SignalInput>> {
  try {
    const known = await rooms.advisories()
    if (!known) return {}
    return {
      async readAdvisories(asked) {
        const { ecosystem, names } = JSON.parse(asked) as { ecosystem: Ecosystem; names: string[] }
        return JSON.stringify({ advisories: await known.about(ecosystem, names), newest: known.newest })
      },
    }
  } catch (error) {
    if (error instanceof Refusal) return { advisoriesMissing: error.message.replace(/\.$/, '') }
    throw error
  }
}

async function readText(rooms: Rooms, projectId: string, tree: string, path: string): Promise<string | null> {
  const bytes = await rooms.workspaces.readFile(projectId, tree, path)
  return bytes && !bytes.subarray(0, 8000).includes(0) ? new TextDecoder().decode(bytes) : null
}

/** Commits per changed path lately, from the house's own copy of the history; null when it is not there. */
async function readHistory(
  rooms: Rooms,
  projectId: string,
  head: string,
  paths: string[],
): Promise<SignalInput['history']> {
  if (paths.length === 0 || paths.length > mostHistoryFiles) return null
  const log = await git(
    ['log', '--format=', '--name-only', '-z', `--since=${historyDays} days ago`, head, '--', ...paths],
    { gitDir: rooms.workspaces.storeDir(projectId), codes: [128] },
  )
  if (log.code !== 0) return null
  const commits: Record<string, number> = {}
  for (const path of records(log.out)) if (path) commits[path] = (commits[path] ?? 0) + 1
  return { sinceDays: historyDays, commits }
}
