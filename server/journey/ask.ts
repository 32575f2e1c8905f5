// Questions to people. A question is a row; whoever waits for the answer looks at the row again after a restart.
import { EventEmitter, once } from 'node:events'
import { type Ask, newId } from '@seatrial/protocol'
import { and, eq, isNull } from 'drizzle-orm'
import { append, transact } from '../store/log.ts'
import { ask } from '../store/tables.ts'
import { toAsk } from '../store/views.ts'
import type { Rooms } from './rooms.ts'

/** Answers given through this process wake waiters at once; others are found by looking. */
const answers = new EventEmitter()
answers.setMaxListeners(0)
const lookEveryMs = 2_000

/** Opens a question, or finds the open one with the same text of the same trial. */
export async function openAsk(
  rooms: Rooms,
  question: Pick<Ask, 'taskId' | 'trialId' | 'kind' | 'text' | 'options'>,
): Promise<Ask> {
  return transact(rooms.store.db, async (tx) => {
    const [open] = await tx
      .select()
      .from(ask)
      .where(and(eq(ask.taskId, question.taskId), eq(ask.text, question.text), isNull(ask.answer)))
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
  question: Pick<Ask, 'taskId' | 'trialId' | 'kind' | 'text' | 'options'>,
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

/** Records an answer; the first one counts. */
export async function answerAsk(rooms: Rooms, id: string, answer: string): Promise<Ask | null> {
  const answered = await transact(rooms.store.db, async (tx) => {
    const [row] = await tx
      .update(ask)
      .set({ answer, answeredAt: new Date() })
      .where(and(eq(ask.id, id), isNull(ask.answer)))
      .returning()
    if (!row) return null
    await append(tx, row, [{ type: 'ask.answered', askId: id, answer }])
    return toAsk(row)
  })
  if (answered) answers.emit(id)
  return answered
}
