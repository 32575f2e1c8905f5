// Answers a question of an agent; its options are on the number keys.
import type { Ask } from '@seatrial/protocol/task'
import type { Action } from '../app/actions.ts'
import { act } from '../data/act.ts'
import { client } from '../data/client.ts'

export const answerAsk = (ask: Ask, text: string): void =>
  void act(client.answerAsk({ params: { id: ask.id }, body: { answer: text } }), 'Answered.')

export const answerActions = (ask: Ask, group: string): Action[] =>
  ask.options.slice(0, 9).map((option, index) => ({
    id: `answer:${index}`,
    title: `Answer “${option}”`,
    group,
    keys: [String(index + 1)],
    run: () => answerAsk(ask, option),
  }))
