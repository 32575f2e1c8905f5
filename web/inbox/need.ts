// What a task needs of a person, and in which order needs are shown: what unblocks most comes first.
import type { TaskView } from '@seatrial/protocol/api'
import type { Ask, Trial } from '@seatrial/protocol/task'
import { trialEnded } from '@seatrial/protocol/task'
import { letter } from '../parts/format.ts'

export type Need =
  | { kind: 'answer'; ask: Ask; sentence: string }
  | { kind: 'review'; trial: Trial; sentence: string }
  | { kind: 'choose'; sentence: string }
  | { kind: 'conflict'; sentence: string }
  | { kind: 'failed'; sentence: string }

/** Candidates a person can still decide on: the newest of every line of rework. */
export function candidatesOf(task: TaskView): Trial[] {
  const reworked = new Set(task.trials.map(({ parentId }) => parentId))
  return task.trials.filter(({ id, state, candidate }) => state === 'ready' && candidate && !reworked.has(id))
}

/** The candidate to look at first: the recommended one unless it was reworked since, else the newest. */
export function leadOf(task: TaskView): Trial | null {
  const open = candidatesOf(task)
  const winner = open.find(({ id }) => id === task.selection?.winner)
  return winner ?? open.at(-1) ?? task.trials.findLast(({ candidate }) => candidate) ?? null
}

/** A sentence of the house with its trials by the name people know them by, not by their ids. */
export function withNames(task: TaskView, sentence: string): string {
  const offered = task.trials.filter(({ candidate }) => candidate)
  return sentence.replace(/\br-[a-z0-9]{8}\b/g, (id) => {
    const trial = task.trials.find((one) => one.id === id)
    if (!trial) return id
    return offered.length > 1 && trial.candidate
      ? `${letter(offered.indexOf(trial))} (${trial.contender})`
      : trial.contender
  })
}

export function needOf(task: TaskView): Need | null {
  const ask = task.asks.find(({ answer }) => answer === null)
  if (ask) return { kind: 'answer', ask, sentence: ask.text }
  if (task.state === 'failed') return { kind: 'failed', sentence: task.note ?? failureOf(task) }
  if (task.state !== 'waiting') return null
  if (task.decisions.at(-1)?.state === 'conflict') {
    return { kind: 'conflict', sentence: 'Lines of your checkout collide with the candidate.' }
  }
  const lead = leadOf(task)
  if (!lead) return { kind: 'failed', sentence: task.note ?? failureOf(task) }
  const several = candidatesOf(task).length > 1
  if (several && !task.selection?.winner) {
    return {
      kind: 'choose',
      sentence: withNames(task, task.selection?.sentence ?? 'Several candidates, none recommended.'),
    }
  }
  return {
    kind: 'review',
    trial: lead,
    sentence: withNames(task, task.selection?.sentence ?? task.note ?? 'Ready for your review.'),
  }
}

const failureOf = (task: TaskView): string =>
  task.trials.findLast(({ failure }) => failure)?.failure?.sentence ?? 'No trial produced a candidate.'

const order: Record<Need['kind'], number> = { answer: 0, conflict: 1, review: 2, choose: 3, failed: 4 }

/** Trials that stand still until the person has spoken. */
const blocked = (task: TaskView): number =>
  task.asks.some(({ answer }) => answer === null) ? task.trials.filter(({ state }) => !trialEnded(state)).length : 0

/** By what unblocks most: answers that hold up running work, then decisions, then failures; the longest wait first. */
export function byUrgency(tasks: readonly TaskView[]): TaskView[] {
  const rank = (task: TaskView) => order[needOf(task)?.kind ?? 'failed']
  return [...tasks].sort(
    (a, b) => rank(a) - rank(b) || blocked(b) - blocked(a) || a.updatedAt.localeCompare(b.updatedAt),
  )
}

/** Every word of the search in title, project, prompt or id. */
export function matches(task: TaskView, search: string): boolean {
  const text = `${task.title} ${task.projectName} ${task.prompt} ${task.id} ${task.contenders.join(' ')}`.toLowerCase()
  return search
    .toLowerCase()
    .split(/\s+/)
    .every((word) => text.includes(word))
}
