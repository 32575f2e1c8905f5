// TAP 12 to 14, nested subtests included.
import type { TestCase } from '@seatrial/protocol'
import { Parser } from 'tap-parser'
import { keepCases, makeCase } from './case.ts'

interface TapAssert {
  ok: boolean
  fullname?: string
  name?: string
  skip?: string | boolean
  todo?: string | boolean
  time?: number
  diag?: { error?: unknown; message?: unknown; duration_ms?: unknown; type?: unknown } | null
}

export function parseTap(text: string): TestCase[] | null {
  const start = text.search(/^(?:TAP version \d+|\d+\.\.\d+|(?:not )?ok\b|# Subtest)/m)
  if (start < 0) return null
  const cases: TestCase[] = []
  const read = (suites: string[]) => (result: TapAssert) => {
    // The line that closes a subtest repeats what its cases said.
    if (result.diag?.type === 'suite') return
    const title = result.name ?? ''
    const failed = !result.ok && !result.todo
    const reason = result.diag?.error ?? result.diag?.message
    cases.push(
      makeCase([...suites, title].join(' > '), result.skip || result.todo ? 'skipped' : failed ? 'failed' : 'passed', {
        durationMs: typeof result.diag?.duration_ms === 'number' ? result.diag.duration_ms : (result.time ?? null),
        message: typeof reason === 'string' ? reason : null,
      }),
    )
  }
  const watch = (parser: Parser, suites: string[]): void => {
    const closed = new Set<string>()
    parser.on('child', (child: Parser) => {
      closed.add(child.name)
      watch(child, [...suites, child.name])
    })
    parser.on('assert', (result: TapAssert) => {
      if (!closed.delete(result.name ?? '')) read(suites)(result)
    })
  }
  const parser = new Parser()
  watch(parser, [])
  parser.end(text.slice(start))
  return keepCases(cases)
}
