// Forecasts held against what became of the changes: open until their day, then held, failed, or nobody can say.
import type { Forecast, ForecastRecord, Outcome } from '@seatrial/protocol'

/** A forecast on a change that a person took. */
export interface Told {
  forecast: Forecast
  outcomes: { kind: Outcome['kind']; at: string }[]
  /** The person took the change back by `undo`. */
  undone: boolean
}

type Standing = 'open' | 'held' | 'failed' | 'unknown'

const broke: readonly Outcome['kind'][] = ['reverted', 'hotfixed']
const landed: readonly Outcome['kind'][] = ['merged', 'survived']

/** What a forecast has come to on a day (`YYYY-MM-DD`). One that failed is known before its day. */
export function standingOf({ forecast, outcomes, undone }: Told, today: string): Standing {
  if (outcomes.some(({ kind, at }) => broke.includes(kind) && at.slice(0, 10) <= forecast.due)) return 'failed'
  if (undone) return 'failed'
  if (today <= forecast.due) return 'open'
  if (outcomes.some(({ kind }) => kind === 'lost')) return 'unknown'
  return outcomes.some(({ kind }) => landed.includes(kind)) ? 'held' : 'unknown'
}

export function scoreForecasts(all: readonly Told[], today: string): ForecastRecord {
  const standing = all.map((one) => ({ one, is: standingOf(one, today) }))
  const count = (wanted: Standing): number => standing.filter(({ is }) => is === wanted).length
  const scored = standing.filter(({ is }) => is === 'held' || is === 'failed')
  const squares = scored.map(({ one, is }) => (one.forecast.probability - Number(is === 'held')) ** 2)
  const brier = squares.length === 0 ? null : squares.reduce((sum, square) => sum + square, 0) / squares.length
  const [open, held, failed, unknown] = [count('open'), count('held'), count('failed'), count('unknown')]
  return { made: all.length, open, held, failed, unknown, brier, sentence: words(open, held, failed, unknown, brier) }
}

function words(open: number, held: number, failed: number, unknown: number, brier: number | null): string {
  const rest = [open > 0 ? `${open} not due yet` : '', unknown > 0 ? `${unknown} that nobody can tell` : ''].filter(
    Boolean,
  )
  const more = rest.length > 0 ? `; ${rest.join(', ')}` : ''
  if (brier === null) return `No forecast has come due${more}.`
  return `${held} of ${held + failed} forecasts held, Brier ${brier.toFixed(3)}${more}.`
}
