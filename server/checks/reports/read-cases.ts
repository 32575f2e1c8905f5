// Finds the test cases in a report file or, where there is none, in what the command printed.
import type { CheckSpec, TestCase } from '@seatrial/protocol'
import { parseGoJson, parseGoText } from './go.ts'
import { parseCtrf, parseJest } from './json-reports.ts'
import { parseJunit } from './junit.ts'
import { parseTap } from './tap.ts'
import {
  parseAva,
  parseBun,
  parseCargo,
  parseJestText,
  parseMocha,
  parseNodeSpec,
  parsePytest,
  parseUnittest,
  parseVitestText,
} from './text-reports.ts'

type Format = NonNullable<CheckSpec['report']>['format']
type Parse = (text: string) => TestCase[] | null

const formats: Record<Format, Parse[]> = {
  junit: [parseJunit],
  tap: [parseTap],
  ctrf: [parseCtrf],
  vitest: [parseJest],
  jest: [parseJest],
  node: [parseJunit, parseNodeSpec, parseTap],
  go: [parseGoJson],
}

/** How a runner is recognised by its output, tried in order. */
const printed: { mark: RegExp; parse: Parse }[] = [
  { mark: /^TAP version \d+/m, parse: parseTap },
  { mark: /^<testsuites?\b|^<\?xml[^>]*>\s*<testsuites?\b/m, parse: parseJunit },
  { mark: /^\{"Time":"[^"]+","Action":|^\{"Action":/m, parse: parseGoJson },
  { mark: /"testResults":\s*\[/, parse: parseJest },
  { mark: /^ℹ tests \d+$/m, parse: parseNodeSpec },
  { mark: /^=+ .*(?:passed|failed|error|skipped).* in [\d.]+s|^=+ short test summary info =+$/m, parse: parsePytest },
  { mark: /^test result: (?:ok|FAILED)\./m, parse: parseCargo },
  { mark: /^ +Test Files +\d/m, parse: parseVitestText },
  { mark: /^Test Suites: /m, parse: parseJestText },
  { mark: /^bun test v/m, parse: parseBun },
  { mark: /^ {2}\d+ passing \(/m, parse: parseMocha },
  { mark: /^ {2}\d+ tests? (?:passed|failed)$|^ {2}✘ \[fail\]: /m, parse: parseAva },
  { mark: /^Ran \d+ tests? in [\d.]+s$/m, parse: parseUnittest },
  { mark: /^(?:ok|FAIL)\s+\S+\s+(?:[\d.]+s|\(cached\)|\[build failed\])/m, parse: parseGoText },
  { mark: /^1\.\.\d+$/m, parse: parseTap },
]

/** Null where no names were found; never an empty list. */
export function readCases(from: { format: Format | null; report: string | null; output: string }): TestCase[] | null {
  if (from.format !== null) {
    for (const parse of formats[from.format]) {
      const cases = parse(from.report ?? from.output)
      if (cases) return cases
    }
  }
  for (const runner of printed) {
    const cases = runner.mark.test(from.output) ? runner.parse(from.output) : null
    if (cases) return cases
  }
  return null
}
