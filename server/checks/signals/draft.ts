// A signal in the making: what one measurement says, before it gets its id, kind, tool and tree.
import type { Signal } from '@seatrial/protocol'

export type Draft = Omit<Signal, 'id' | 'kind' | 'tree' | 'tool'>
export type Place = Signal['places'][number]
type More = Partial<Pick<Draft, 'base' | 'head' | 'places' | 'lists'>>

const mostPlaces = 50
const mostNames = 500

function draft(part: Pick<Draft, 'state' | 'verdict' | 'severity' | 'sentence'>, more: More): Draft {
  const lists = Object.entries(more.lists ?? {}).filter(([, names]) => names.length > 0)
  return {
    ...part,
    base: more.base ?? null,
    head: more.head ?? null,
    places: (more.places ?? []).slice(0, mostPlaces),
    lists: Object.fromEntries(lists.map(([key, names]) => [key, names.slice(0, mostNames)])),
  }
}

export const good = (sentence: string, more: More = {}): Draft =>
  draft({ state: 'measured', verdict: 'good', severity: 'info', sentence }, more)

export const neutral = (sentence: string, more: More = {}): Draft =>
  draft({ state: 'measured', verdict: 'neutral', severity: 'info', sentence }, more)

export const bad = (severity: 'minor' | 'major' | 'critical', sentence: string, more: More = {}): Draft =>
  draft({ state: 'measured', verdict: 'bad', severity, sentence }, more)

export const notMeasured = (sentence: string, more: More = {}): Draft =>
  draft({ state: 'not_measured', verdict: null, severity: 'info', sentence }, more)

export const failedToMeasure = (sentence: string): Draft =>
  draft({ state: 'error', verdict: null, severity: 'major', sentence }, {})

export const place = (path: string, line: number | null, text = ''): Place => ({ path, line, text: text.slice(0, 300) })
