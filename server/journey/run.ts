// Stage two: the agent works. Every step that changed the tree becomes a checkpoint outside the sandbox.
import { type Checkpoint, type EventBody, newId, parseContender, type TrialFailure } from '@seatrial/protocol'
import { and, desc, eq } from 'drizzle-orm'
import type { AgentOutcome } from '../agents/agent.ts'
import { catalog } from '../agents/catalog.ts'
import type { Finish } from '../queue/queue.ts'
import { append, transact } from '../store/log.ts'
import { moveTrial } from '../store/move.ts'
import { checkpoint, trial } from '../store/tables.ts'
import type { Snapshot, Workspace } from '../workspace/workspace.ts'
import { stillHeld } from './lease.ts'
import { openMailbox } from './messages.ts'
import { composePrompt } from './prompt.ts'
import type { Rooms } from './rooms.ts'
import { fail, type Stage } from './stage.ts'
import { watchForStuck } from './stuck.ts'
import { insidePorts, openTrialSandbox, setupRunner } from './world.ts'

export async function run(stage: Stage): Promise<Finish> {
  const { rooms, row, lease, speaker, takenOver } = stage
  const workspace = await openWorkspace(stage)
  const outcome = row.given ? given : await work(stage, workspace)
  if (lease.signal.aborted && lease.why() !== 'timeout') return async () => {}

  const last = await workspace.checkpoint(outcome.summary?.split('\n')[0]?.slice(0, 120) || 'Finished')
  if (last) await keepCheckpoint(stage, last, takenOver ? 'after take-over' : 'finished')
  await tellLeftOut(stage, workspace)
  const commit = last?.commit ?? (await newestCommit(rooms, row.id)) ?? row.startCommit
  const base = stage.world.task.base
  const candidate = commit && base ? await rooms.workspaces.candidate(stage.world.project.id, base, commit) : null
  const failure = failureOf(stage, outcome, candidate !== null && candidate.tree !== base?.tree)
  if (failure || !candidate) return fail(rooms, row, lease, failure ?? empty(outcome))
  await speaker.say({ type: 'candidate.offered', candidate })
  await speaker.flush()
  return async (tx) => {
    await tx.update(trial).set({ candidate, summary: outcome.summary }).where(eq(trial.id, row.id))
    if (await moveTrial(tx, row.id, ['running'], 'checking', { fence: lease.fence })) {
      await rooms.queue.send(tx, 'stage', { trialId: row.id, stage: 'checking' })
    }
  }
}

/** So many sentences about one trial; a flood of odd files is told by its first ones. */
const mostLeftOut = 20

/** What of the agent's work is no part of the candidate: said, because nobody would miss it in a diff. */
async function tellLeftOut({ speaker }: Stage, workspace: Workspace): Promise<void> {
  const all = workspace.leftOut()
  const more = all.length > mostLeftOut ? [`Left out ${all.length - mostLeftOut} more.`] : []
  for (const sentence of [...all.slice(0, mostLeftOut), ...more])
    await speaker.say({ type: 'workspace.progress', sentence })
}

const given: AgentOutcome = { kind: 'finished', sentence: 'The candidate was given.', summary: null, sessionId: null }

/**
 * The trial's workspace where it stands at its last checkpoint or beyond (the agent's own session knows what it did
 * since); put back there when another machine got further, and made again when it is gone. A checkpoint that was taken and
 * never written down counts as work since: the next one holds it.
 */
async function openWorkspace({ rooms, world, row, speaker }: Stage): Promise<Workspace> {
  if (!world.task.base) throw new Error(`Task ${world.task.id} has no base`)
  const commit = await newestCommit(rooms, row.id)
  const open = await rooms.workspaces.reopen(row.id)
  if (open) {
    const from = commit ?? row.startCommit ?? world.task.base.commit
    if (await rooms.workspaces.follows(world.project.id, open.lastCommit, from)) await open.standOn(from)
    else await open.restore(from)
    return open
  }
  const say = (body: EventBody): void => void speaker.say(body)
  const layer = await rooms.workspaces.baseLayer(
    world.project,
    world.task.base,
    setupRunner(rooms, world, `${row.id}-setup`, say),
    (sentence) => say({ type: 'workspace.progress', sentence }),
  )
  return rooms.workspaces.create(row.id, layer, commit ?? row.startCommit ?? undefined)
}

async function newestCommit(rooms: Rooms, trialId: string): Promise<string | null> {
  const [row] = await rooms.store.db
    .select({ commit: checkpoint.commit })
    .from(checkpoint)
    .where(eq(checkpoint.trialId, trialId))
    .orderBy(desc(checkpoint.number))
    .limit(1)
  return row?.commit ?? null
}

async function work(stage: Stage, workspace: Workspace): Promise<AgentOutcome> {
  const { rooms, world, row, lease, speaker } = stage
  const contender = parseContender(row.contender)
  const entry = catalog.find((each) => each.id === contender.agent)
  const endpoint = await rooms.endpointOf(contender)
  const say = (body: EventBody): Promise<void> => speaker.say(body)
  const sees = (entry?.seesImages ?? false) && (endpoint?.seesImages ?? false)
  const pictures = sees || entry?.wire === 'none' ? '' : await describePictures(stage)
  const before = await checkpointLabels(rooms, row.id)
  const opened = await openTrialSandbox(rooms, world, workspace, {
    name: row.id,
    readOnly: await rooms.agents.agentMounts(contender.agent),
    say: (body) => void say(body),
    trialId: row.id,
  })
  const token = endpoint ? rooms.gateway.mint({ trialId: row.id, taskId: row.taskId, model: endpoint }) : null
  // At once, not when the agent has ended: until then it would go on spending.
  const endSpending = (): void => rooms.gateway.revoke(row.id, token)
  lease.signal.addEventListener('abort', endSpending, { once: true })
  const stuck = watchForStuck(rooms, stage)
  const deadline = setTimeout(() => lease.letGo('timeout'), remainingMs(stage))
  try {
    const mailbox = await openMailbox(rooms, row, lease.fence)
    return await rooms.agents.runAgent({
      contender,
      sandbox: stuck.watched(opened.sandbox),
      cwd: world.project.path,
      home: workspace.home,
      prompt: composePrompt({
        cwd: world.project.path,
        prompt: `${world.task.prompt}${pictures}`,
        instruction: row.instruction,
        before,
        untrusted: world.task.untrusted,
        bare: entry?.wire === 'none',
      }),
      images: sees ? world.task.images : [],
      sessionId: row.agentSession,
      gateway:
        endpoint && token !== null
          ? {
              baseUrl: `http://127.0.0.1:${insidePorts(workspace.portBase).gateway}`,
              token,
              model: endpoint.model,
              contextTokens: endpoint.contextTokens,
              seesImages: endpoint.seesImages,
            }
          : null,
      // The room of agents adds the house's own.
      mcpServers: [],
      onEvent: (body) => {
        stuck.saw(body)
        return say(body)
      },
      onStep: async (title) => {
        const snapshot = await opened.sandbox.frozen(() => workspace.checkpoint(title))
        stuck.step(snapshot !== null)
        if (snapshot) await keepCheckpoint(stage, snapshot, title)
      },
      onSession: async (sessionId) => {
        await rooms.store.db
          .update(trial)
          .set({ agentSession: sessionId })
          .where(and(eq(trial.id, row.id), eq(trial.fence, lease.fence)))
      },
      nextMessage: mailbox.next,
      signal: lease.signal,
    })
  } finally {
    clearTimeout(deadline)
    stuck.close()
    await opened.close()
    endSpending()
  }
}

/** What the task's pictures show, in words; a trial does not fail because a picture could not be read. */
async function describePictures({ rooms, world, row }: Stage): Promise<string> {
  const { images } = world.task
  if (images.length === 0) return ''
  const pictures = images.map(({ name, data }) => ({ name, bytes: Buffer.from(data, 'base64') }))
  return rooms.describePictures(pictures).then(
    (words) => `\n\n${words}`,
    (error: Error) => {
      rooms.report(error, `describing pictures for ${row.id}`)
      return `\n\n(${images.length} attached pictures could not be described.)`
    },
  )
}

/** A timer set for longer fires at once. */
const longestTimerMs = 2 ** 31 - 1

/** The deadline counts from the trial's first start, so that a take-over does not renew it. */
function remainingMs({ world, row }: Stage): number {
  const minutes = world.task.budget.minutes ?? world.settings.limits.minutes
  const leftMs = (row.startedAt ?? new Date()).getTime() + minutes * 60_000 - Date.now()
  return Math.min(Math.max(0, leftMs), longestTimerMs)
}

async function checkpointLabels(rooms: Rooms, trialId: string): Promise<string[]> {
  const rows = await rooms.store.db
    .select({ label: checkpoint.label })
    .from(checkpoint)
    .where(eq(checkpoint.trialId, trialId))
    .orderBy(checkpoint.number)
  return rows.map((row) => row.label)
}

/** Writes a checkpoint's row and event, numbered on from what is there; refused when the lease is lost. */
async function keepCheckpoint({ rooms, row, lease }: Stage, snapshot: Snapshot, label: string): Promise<void> {
  await transact(rooms.store.db, async (tx) => {
    if (!(await stillHeld(tx, row.id, lease.fence))) return lease.letGo('lost')
    const [last] = await tx
      .select({ number: checkpoint.number })
      .from(checkpoint)
      .where(eq(checkpoint.trialId, row.id))
      .orderBy(desc(checkpoint.number))
      .limit(1)
    const kept: Checkpoint = {
      id: newId('checkpoint'),
      trialId: row.id,
      number: (last?.number ?? 0) + 1,
      commit: snapshot.commit,
      tree: snapshot.tree,
      label: label.slice(0, 200),
      files: snapshot.files,
      at: new Date().toISOString(),
    }
    await tx.insert(checkpoint).values({ ...kept, at: new Date(kept.at) })
    await append(tx, row.id ? { taskId: row.taskId, trialId: row.id } : {}, [
      { type: 'checkpoint.made', checkpoint: kept },
    ])
  })
}

/** The agent's own words say best why nothing changed; they stay quoted as its words. */
const empty = ({ summary }: AgentOutcome): TrialFailure => {
  const words = summary?.replace(/\s+/g, ' ').trim().slice(0, 300)
  return { kind: 'empty', sentence: `The agent ended without changing a file${words ? `, saying: “${words}”` : ''}.` }
}

const failures: Record<AgentOutcome['kind'], TrialFailure['kind'] | null> = {
  finished: null,
  cancelled: null,
  crashed: 'agent',
  hung: 'agent',
  not_ready: 'infrastructure',
  refused: 'agent',
}

function failureOf(stage: Stage, outcome: AgentOutcome, changed: boolean): TrialFailure | null {
  const kept = changed ? ' Its last checkpoint is kept; `seatrial rollback` makes it a candidate.' : ''
  const spent = stage.rooms.budgets.spent(stage.row.id)
  if (spent) return { kind: 'budget', sentence: `${spent}${kept}` }
  if (stage.lease.why() === 'timeout') {
    return { kind: 'timeout', sentence: `The time limit was reached before the agent ended.${kept}` }
  }
  const kind = failures[outcome.kind]
  if (kind) return { kind, sentence: `${outcome.sentence}${kept}` }
  return changed || stage.row.given ? null : empty(outcome)
}
