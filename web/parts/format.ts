// Numbers and times as people read them.
import type { Usage } from '@seatrial/protocol/task'

/** Millionths of a dollar; `?` while a price is unknown. */
export const money = (micros: number | null): string =>
  micros === null ? '$?' : micros === 0 ? '$0' : micros < 10_000 ? '<1¢' : `$${(micros / 1e6).toFixed(2)}`

const units = [
  [86_400, 'd'],
  [3600, 'h'],
  [60, 'm'],
] as const

/** `14m`, `3h`, `2d`: one unit, rounded down. */
export function span(ms: number): string {
  const seconds = Math.max(0, ms / 1000)
  for (const [size, unit] of units) if (seconds >= size) return `${Math.floor(seconds / size)}${unit}`
  return seconds >= 1 ? `${Math.floor(seconds)}s` : `${Math.round(ms)}ms`
}

export const short = new Intl.NumberFormat('en', { notation: 'compact', maximumFractionDigits: 1 })

export const tokens = (usage: Usage): number =>
  usage.inputTokens + usage.cacheReadTokens + usage.cacheWriteTokens + usage.outputTokens

const clock = new Intl.DateTimeFormat('en-GB', { hour: '2-digit', minute: '2-digit' })
const day = new Intl.DateTimeFormat('en-GB', { weekday: 'short', day: 'numeric', month: 'short' })

const near: Record<number, string> = { [-1]: 'yesterday', 0: 'today', 1: 'tomorrow' }

/** `today 18:02`, `yesterday 18:02`, `Fri 20 Nov, 18:02`. */
export function moment(iso: string, now = Date.now()): string {
  const at = new Date(iso)
  const days = Math.round((new Date(at).setHours(0, 0, 0, 0) - new Date(now).setHours(0, 0, 0, 0)) / 86_400_000)
  return `${near[days] ?? `${day.format(at)},`} ${clock.format(at)}`
}

export const plural = (count: number, one: string, many = `${one}s`): string => `${count} ${count === 1 ? one : many}`

/** `B` for the second candidate: names that do not tell who made it. */
export const letter = (index: number): string => String.fromCharCode(65 + index)
