// Which cached answers an event makes stale: one row per kind of event.
import type { HouseEvent } from '@seatrial/protocol/event'

type Kind = HouseEvent['body']['type']
type Stale = 'task' | 'lists' | 'trial'

const rows: Partial<Record<Kind, readonly Stale[]>> = {
  'task.submitted': ['task', 'lists'],
  'task.moved': ['task', 'lists'],
  'trial.opened': ['task', 'lists'],
  'trial.moved': ['task', 'lists', 'trial'],
  'trial.taken-over': ['task'],
  'checkpoint.made': ['trial'],
  'checkpoint.restored': ['task', 'trial'],
  'check.finished': ['trial'],
  'candidate.offered': ['task', 'lists', 'trial'],
  'review.given': ['trial'],
  'selection.made': ['task', 'lists'],
  'usage.metered': ['task'],
  'ask.opened': ['task', 'lists'],
  'ask.answered': ['task', 'lists'],
  'decision.made': ['task', 'lists'],
  'decision.applied': ['task', 'lists'],
  'decision.undone': ['task', 'lists'],
  'decision.kept': ['task', 'lists'],
  'outcome.found': ['task'],
}

/** Query keys to refetch after these events, each once. */
export function staleAfter(events: readonly HouseEvent[]): string[][] {
  const keys = new Map<string, string[]>()
  for (const event of events) {
    for (const what of rows[event.body.type] ?? []) {
      const key =
        what === 'lists' ? ['tasks'] : what === 'task' ? ['task', event.taskId ?? ''] : ['trial', event.taskId ?? '']
      keys.set(key.join(), key)
    }
  }
  return [...keys.values()]
}
