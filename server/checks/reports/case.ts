// One test case as a report tells it, cut to a size that is safe to keep.
import type { TestCase } from '@seatrial/protocol'
import { plainText } from '@seatrial/protocol/plain-text'

/** How parsers join suite and test names. */
export const separator = ' > '
const most = { cases: 50_000, name: 500, message: 2000 }

export function makeCase(
  name: string,
  status: TestCase['status'],
  more: { file?: string | null; durationMs?: number | null; message?: string | null } = {},
): TestCase {
  const duration = more.durationMs ?? null
  return {
    name: plainText(name).replace(/\s+/g, ' ').trim().slice(0, most.name),
    file: more.file ? plainText(more.file) : null,
    status,
    durationMs: duration !== null && Number.isFinite(duration) ? duration : null,
    message: more.message ? plainText(more.message).trim().slice(0, most.message) : null,
  }
}

/** Null when there is nothing, so that "no names" is never mistaken for "no tests failed". */
export function keepCases(cases: TestCase[]): TestCase[] | null {
  const named = cases.filter((one) => one.name !== '').slice(0, most.cases)
  return named.length > 0 ? named : null
}
