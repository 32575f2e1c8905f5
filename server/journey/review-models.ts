// Asks the models that are to review a candidate: each through the gateway, on an account and in a time of its own.
import { type Contender, parseContender, Refusal, type Review, type Signal, type Stance } from '@seatrial/protocol'
import { eq } from 'drizzle-orm'
import { askModel } from '../panel/ask-model.ts'
import { familyOf } from '../panel/model-family.ts'
import { type ModelReviewInput, modelReview, silent } from '../panel/model-reviewer.ts'
import { trial } from '../store/tables.ts'
import type { Rooms } from './rooms.ts'
import type { Stage } from './stage.ts'

/** Whose account model reviewers spend on: the task's and the day's limits hold, the contender's cost stays its own. */
export const panelSpender = (trialId: string): string => `${trialId}/panel`

/** `finished` is false when the model could not be asked: another worker may have better luck. */
interface Asked {
  review: Review
  finished: boolean
}

/** Reviews by the configured models; those of `earlier` are not asked again. `keep` is told what was said, and all that finished so far. */
export async function askModels(
  stage: Stage,
  signals: readonly Signal[],
  earlier: readonly Review[],
  keep: (said: Review, all: Review[]) => Promise<void>,
): Promise<Review[]> {
  const { rooms, world, row } = stage
  const house = await rooms.panelSettings()
  const names = [...new Set(world.settings.reviewers ?? house.reviewers)].map(parseContender)
  const asked = new Map<string, Asked>()
  for (const name of names) {
    const review = earlier.find((one) => one.stance === name.agent && one.engine === `model:${modelOf(name)}`)
    if (review) asked.set(name.id, { review, finished: true })
  }
  const inOrder = () => names.flatMap(({ id }) => asked.get(id) ?? [])
  const missing = names.filter(({ id }) => !asked.has(id))
  if (missing.length === 0) return inOrder().map(({ review }) => review)

  const input = await inputOf(stage, signals)
  // One model is asked one thing at a time: it may be a single engine on this machine.
  const queues = [...Map.groupBy(missing, ({ model }) => model).values()]
  try {
    await Promise.all(
      queues.map(async (queue) => {
        for (const name of queue) {
          const answer = await reviewBy(stage, name, input, house.minutes)
          asked.set(name.id, answer)
          const all = inOrder().flatMap(({ review, finished }) => (finished ? review : []))
          if (answer.finished) await keep(answer.review, all)
        }
      }),
    )
  } finally {
    rooms.gateway.revoke(panelSpender(row.id))
  }
  return inOrder().map(({ review }) => review)
}

const modelOf = ({ model, adapter }: Contender): string => `${model}${adapter === null ? '' : `@${adapter}`}`

/** Fails softly: what keeps a model from reviewing is said in its place. */
async function reviewBy(
  { rooms, row, lease }: Stage,
  name: Contender,
  input: ModelReviewInput,
  minutes: number,
): Promise<Asked> {
  const reviewer = { stance: name.agent as Stance, model: modelOf(name), family: '' }
  const late = AbortSignal.timeout(minutes * 60_000)
  const signal = AbortSignal.any([lease.signal, late])
  try {
    const endpoint = await rooms.endpointOf(name)
    if (!endpoint) throw new Error(`Reviewer ${name.id} names no model`)
    reviewer.family = familyOf(endpoint)
    const token = rooms.gateway.mint({ trialId: panelSpender(row.id), taskId: row.taskId, model: endpoint })
    const ask = (prompt: string, schema: object) =>
      askModel({ gateway: rooms.gateway, token, model: endpoint.model, signal }, prompt, schema)
    return { review: await modelReview({ ...reviewer, ask }, input), finished: true }
  } catch (error) {
    lease.signal.throwIfAborted()
    if (!late.aborted && !(error instanceof Refusal)) throw error
    const why = late.aborted ? `no answer within ${minutes} minutes.` : (error as Error).message
    return { review: silent(reviewer, `Could not review: ${why}`), finished: false }
  }
}

async function inputOf({ rooms, world, row }: Stage, signals: readonly Signal[]): Promise<ModelReviewInput> {
  const { base } = world.task
  if (!base || !row.candidate) throw new Error(`Trial ${row.id} has no candidate to review`)
  const rows = await rooms.store.db.select({ name: trial.contender }).from(trial).where(eq(trial.taskId, row.taskId))
  const contenders = [...new Set(rows.map(({ name }) => name))].map(parseContender)
  const models = (await Promise.all(contenders.map((one) => modelBehind(rooms, one)))).filter((one) => one !== null)
  return {
    tree: row.candidate.tree,
    diff: await rooms.workspaces.diff(world.project.id, base.tree, row.candidate.tree),
    signals,
    prompt: world.task.prompt,
    contenderFamilies: models.map(familyOf),
    contenderNames: [
      ...contenders.flatMap(({ id, agent }) => [id, agent]),
      ...models.flatMap(({ name, model }) => [name, model]),
    ],
  }
}

/** The model a contender works with; one that is no longer configured still has its name. */
async function modelBehind(rooms: Rooms, contender: Contender) {
  const { model: name } = contender
  if (name === null) return null
  return rooms.endpointOf(contender).catch((error) => {
    if (error instanceof Refusal) return { name, model: name }
    throw error
  })
}
