// Whether a call may start, decided before it does: per trial, per task, per day.
import type { Budget, ProjectSettings } from '@seatrial/protocol'

/** `micros` is null when some of it has no known price. */
export interface Amount {
  tokens: number
  micros: number | null
}
export interface Limit {
  tokens: number | null
  micros: number | null
}

const scopes = ['trial', 'task', 'day'] as const
type Scope = (typeof scopes)[number]
/** What was spent so far, open reservations of other calls included. */
export type Spent = Record<Scope, Amount>
export type Limits = Record<Scope, Limit>

const names: Record<Scope, string> = { trial: "This trial's", task: "The task's", day: "Today's" }

const dollars = (micros: number): string => `$${(micros / 1e6).toFixed(micros < 10_000 ? 4 : 2)}`

/** Null when the reservation fits every limit, else one sentence saying which budget is spent. */
export function budgetVerdict(spent: Spent, reservation: Amount, limits: Limits): string | null {
  for (const scope of scopes) {
    const { tokens, micros } = limits[scope]
    if (tokens !== null && spent[scope].tokens + reservation.tokens > tokens) {
      const used = `${spent[scope].tokens} used, up to ${reservation.tokens} more needed`
      return `${names[scope]} budget of ${tokens} tokens is spent (${used}).`
    }
    if (micros === null) continue
    const before = spent[scope].micros
    if (before === null || reservation.micros === null) {
      return `${names[scope]} budget of ${dollars(micros)} cannot be held, because the model's price is not known; set a token budget, or mark the model as free.`
    }
    if (before + reservation.micros > micros) {
      const used = `${dollars(before)} used, up to ${dollars(reservation.micros)} more needed`
      return `${names[scope]} budget of ${dollars(micros)} is spent (${used}).`
    }
  }
  return null
}

const least = (...values: (number | null | undefined)[]): number | null => {
  const given = values.filter((value): value is number => value !== null && value !== undefined)
  return given.length > 0 ? Math.min(...given) : null
}

/** The limits of a trial: the project's, the task's own, and the house's for a day; the tightest counts. */
export function limitsOf(
  project: ProjectSettings['budget'],
  task: Budget,
  house: { dayMicros: number | null; dayTokens: number | null } = { dayMicros: null, dayTokens: null },
): Limits {
  return {
    trial: { micros: project.trialMicros, tokens: project.trialTokens },
    task: { micros: least(project.taskMicros, task.micros), tokens: task.tokens },
    day: { micros: least(project.dayMicros, house.dayMicros), tokens: house.dayTokens },
  }
}
