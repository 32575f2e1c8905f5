// A task is taken in: base resolved, rows, events and first jobs written in one transaction. Acknowledged is never lost.
import { type BaseSpec, newId, type Project, parseContender, Refusal, type TaskInput } from '@seatrial/protocol'
import { eq } from 'drizzle-orm'
import type { Db } from '../store/database.ts'
import { append, transact } from '../store/log.ts'
import { task, trial } from '../store/tables.ts'
import type { Rooms } from './rooms.ts'

/** Returns the id of the new task, or of the earlier one with the same idempotency key. */
export async function submit(rooms: Rooms, project: Project, input: TaskInput, by: string | null): Promise<string> {
  const earlier = await withKey(rooms.store.db, input.idempotencyKey)
  if (earlier) return earlier
  const contenders = await chooseContenders(rooms, project, input)
  const base = await rooms.workspaces.resolveBase(project, input.base satisfies BaseSpec)
  const id = newId('task')
  try {
    await transact(rooms.store.db, async (tx) => {
      const title = input.title ?? titleOf(input.prompt)
      await tx.insert(task).values({
        id,
        projectId: project.id,
        state: 'queued',
        title,
        prompt: input.prompt,
        images: input.images,
        base,
        settings: project.settings,
        contenders,
        attempts: input.attempts,
        budget: input.budget,
        checks: input.checks,
        untrusted: input.untrusted,
        idempotencyKey: input.idempotencyKey ?? null,
        createdBy: by,
      })
      await append(tx, { taskId: id }, [{ type: 'task.submitted', title, contenders }])
      for (const contender of contenders) {
        for (let attempt = 1; attempt <= input.attempts; attempt++)
          await openTrial(rooms, tx, { taskId: id, contender, attempt })
      }
    })
  } catch (error) {
    // Two submissions with one key at once: the second finds the first.
    const winner = await withKey(rooms.store.db, input.idempotencyKey)
    if (winner) return winner
    throw error
  }
  return id
}

export interface NewTrial {
  taskId: string
  contender: string
  attempt: number
  parentId?: string
  instruction?: string
  startCommit?: string
  /** The start is the candidate; no agent runs. */
  given?: boolean
}

/** Writes a trial with its event and its first job. */
export async function openTrial(rooms: Rooms, tx: Db, { taskId, ...values }: NewTrial): Promise<string> {
  const id = newId('trial')
  await tx.insert(trial).values({ id, taskId, state: 'queued', ...values })
  await append(tx, { taskId, trialId: id }, [
    { type: 'trial.opened', contender: values.contender, parentId: values.parentId ?? null },
  ])
  await rooms.queue.send(tx, 'stage', { trialId: id, stage: 'preparing' })
  return id
}

async function withKey(db: Db, key: string | undefined): Promise<string | null> {
  if (!key) return null
  const [row] = await db.select({ id: task.id }).from(task).where(eq(task.idempotencyKey, key))
  return row?.id ?? null
}

/** Refuses unknown agents and models before anything is spent. */
async function chooseContenders(rooms: Rooms, project: Project, input: TaskInput): Promise<string[]> {
  const named = input.contenders.length > 0 ? input.contenders : project.settings.contenders
  if (named.length === 0) {
    throw new Refusal(
      'bad_request',
      'The task names no contender; pass one such as `--agent refactor` or `--agent seatrial+MODEL`, or set `contenders` in .seatrial/config.toml.',
    )
  }
  for (const text of named) {
    const contender = parseContender(text)
    const card = await rooms.agents.findAgent(contender.agent)
    if (!card)
      throw new Refusal('not_found', `There is no agent ${contender.agent}; list them with \`seatrial agents\`.`)
    if (!card.ready)
      throw new Refusal('unprocessable', `Agent ${card.id} is not ready: ${card.missing ?? 'not installed'}`)
    const endpoint = await rooms.endpointOf(contender)
    if (card.wire !== 'none' && !endpoint) {
      throw new Refusal('bad_request', `Agent ${card.id} needs a model; name one as \`${card.id}+MODEL\`.`)
    }
  }
  return named
}

const titleOf = (prompt: string): string => {
  const line = prompt.trim().split('\n')[0] ?? ''
  return line.length > 80 ? `${line.slice(0, 79)}…` : line
}
