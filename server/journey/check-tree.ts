// Runs checks on one tree, in a workspace and sandbox of their own.
import type { CheckResult, CheckSpec, EventBody } from '@seatrial/protocol'
import { runChecks } from '../checks/run-checks.ts'
import type { Workspace } from '../workspace/workspace.ts'
import type { Rooms } from './rooms.ts'
import { readInside } from './run-inside.ts'
import { openTrialSandbox, setupRunner, type World } from './world.ts'

export interface CheckContext {
  rooms: Rooms
  world: World
  /** Trial the events belong to. */
  trialId: string
  signal: AbortSignal
  say(body: EventBody): Promise<void>
}

/** A fresh view of the base layer under a name, at a snapshot if one is given; what a crash left there goes first. */
export async function viewOf(context: CheckContext, name: string, commit: string | undefined): Promise<Workspace> {
  const { rooms, world } = context
  if (!world.task.base) throw new Error(`Task ${world.task.id} has no base`)
  const left = await rooms.workspaces.reopen(name)
  await left?.destroy()
  const say = (body: EventBody): void => void context.say(body)
  const layer = await rooms.workspaces.baseLayer(
    world.project,
    world.task.base,
    setupRunner(rooms, world, `${name}-setup`, say),
    (sentence) => say({ type: 'workspace.progress', sentence }),
  )
  return rooms.workspaces.create(name, layer, commit)
}

/** Text of a file as the tree's own processes see it, ignored ones included; null when absent. */
export type ReadInside = (path: string) => Promise<string | null>

/** One result per check, in order; each is told when it starts and ends. `look` is called before and after. */
export async function checkTree(
  context: CheckContext,
  workspace: Workspace,
  tree: string,
  on: 'base' | 'candidate',
  specs: CheckSpec[],
  look: (read: ReadInside) => Promise<void> = async () => {},
): Promise<CheckResult[]> {
  if (specs.length === 0) return []
  const { rooms, world, signal } = context
  const opened = await openTrialSandbox(rooms, world, workspace, {
    name: workspace.trialId,
    readOnly: [],
    say: (body) => void context.say(body),
    trialId: context.trialId,
  })
  try {
    const read: ReadInside = (path) => readInside(opened.sandbox, path)
    await look(read)
    const results: CheckResult[] = []
    for (const spec of specs) {
      await context.say({ type: 'check.started', name: spec.name, on })
      let sentence = ''
      const [result] = await runChecks({
        specs: [spec],
        tree,
        root: world.project.path,
        run: (command, options) => opened.run(command, { ...options, signal }),
        readFile: read,
        say: (words) => {
          sentence = words
        },
        signal,
      })
      if (!result) continue
      results.push(result)
      const { name, outcome, durationMs } = result
      await context.say({ type: 'check.finished', name, on, outcome, durationMs, sentence })
    }
    await look(read)
    return results
  } finally {
    await opened.close()
  }
}
