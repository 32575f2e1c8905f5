// Questions to people. A question is a row; whoever waits for the answer looks at the row again after a restart.
import { EventEmitter, once } from 'node:events'
import { type Ask, type EgressRule, newId, Refusal } from '@seatrial/protocol'
import { and, eq, isNull } from 'drizzle-orm'
import { isAbout } from '../sandbox/egress-rules.ts'
import { type AskRow, writeAnswer } from '../store/answers.ts'
import type { Db } from '../store/database.ts'
import { append, transact } from '../store/log.ts'
import { ask, task } from '../store/tables.ts'
import { toAsk } from '../store/views.ts'
import type { Rooms } from './rooms.ts'
import { keepEgressRule } from './said-of-hosts.ts'

type Question = Pick<Ask, 'taskId' | 'trialId' | 'kind' | 'text' | 'options'> & { subject?: string }

/** Answers given through this process wake waiters at once; others are found by looking. */
const answers = new EventEmitter()
answers.setMaxListeners(0)
const lookEveryMs = 2_000

/** Opens a question, or finds the open one with the same text of the same trial. */
export async function openAsk(rooms: Rooms, question: Question): Promise<Ask> {
  return transact(rooms.store.db, async (tx) => {
    const [open] = await tx
      .select()
      .from(ask)
      .where(
        and(
          eq(ask.taskId, question.taskId),
          question.trialId === null ? isNull(ask.trialId) : eq(ask.trialId, question.trialId),
          eq(ask.text, question.text),
          isNull(ask.answer),
        ),
      )
    if (open) return toAsk(open)
    const [row] = await tx
      .insert(ask)
      .values({ id: newId('ask'), ...question })
      .returning()
    if (!row) throw new Error('The question was not written')
    await append(tx, question, [{ type: 'ask.opened', ask: toAsk(row) }])
    return toAsk(row)
  })
}

/** Asks and waits, however long it takes; null when the signal aborts first. */
export async function askPerson(
  rooms: Rooms,
  question: Question,
  signal: AbortSignal = rooms.stopping,
): Promise<string | null> {
  const { id } = await openAsk(rooms, question)
  while (!signal.aborted) {
    const [row] = await rooms.store.db.select({ answer: ask.answer }).from(ask).where(eq(ask.id, id))
    if (row?.answer) return row.answer
    const look = AbortSignal.any([signal, AbortSignal.timeout(lookEveryMs)])
    await once(answers, id, { signal: look }).catch(() => {})
  }
  return null
}

/**
 * Records an answer; the first one counts. What is said of a host for always is kept with it, and answers everybody
 * else in the project who waits for the same host. Throws `Refusal` for an answer that was not offered.
 */
export async function answerAsk(rooms: Rooms, id: string, answer: string): Promise<Ask> {
  return answering(rooms, async (tx) => {
    const [row] = await tx
      .select({ asked: ask, projectId: task.projectId })
      .from(ask)
      .innerJoin(task, eq(task.id, ask.taskId))
      .where(eq(ask.id, id))
    if (!row) throw new Refusal('not_found', `There is no question ${id}.`)
    const { kind, options, subject, answer: said } = row.asked
    if (said !== null) throw answeredAlready(id, said)
    if (options.length > 0 && !options.includes(answer))
      throw new Refusal('bad_request', `Question ${id} takes one of these answers: ${options.join(', ')}.`)
    const isRule = kind === 'egress' && subject !== null && (answer === 'always' || answer === 'never')
    const others = isRule ? await keepRule(tx, row.projectId, { host: subject, verdict: answer }) : []
    const rows = await writeAnswer(tx, [id, ...others], answer)
    const own = rows.find((each) => each.id === id)
    if (!own) throw answeredAlready(id, 'by somebody else just now')
    return { rows, result: toAsk(own) }
  })
}

const answeredAlready = (id: string, how: string) =>
  new Refusal('conflict', `Question ${id} was already answered: ${how}.`)

/** Keeps what a person says of a host without being asked, and answers those who wait for it. */
export async function sayOfHost(rooms: Rooms, projectId: string, rule: EgressRule): Promise<void> {
  await answering(rooms, async (tx) => {
    const rows = await writeAnswer(tx, await keepRule(tx, projectId, rule), rule.verdict)
    return { rows, result: null }
  })
}

/** Keeps a rule; returns the open questions that it answers. */
async function keepRule(tx: Db, projectId: string, rule: EgressRule): Promise<string[]> {
  await keepEgressRule(tx, projectId, rule)
  const open = await tx
    .select({ id: ask.id, subject: ask.subject })
    .from(ask)
    .innerJoin(task, eq(task.id, ask.taskId))
    .where(and(eq(task.projectId, projectId), eq(ask.kind, 'egress'), isNull(ask.answer)))
  return open.flatMap(({ id, subject }) => (subject !== null && isAbout(rule, subject) ? [id] : []))
}

/** Wakes who waits for the answers, once they are there to be seen. */
async function answering<T>(rooms: Rooms, work: (tx: Db) => Promise<{ rows: AskRow[]; result: T }>): Promise<T> {
  const { rows, result } = await transact(rooms.store.db, work)
  for (const { id } of rows) answers.emit(id)
  return result
}
