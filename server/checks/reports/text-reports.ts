// What runners print for people, for projects that leave no report: one parser per runner.
import type { TestCase } from '@seatrial/protocol'
import { keepCases, makeCase, separator } from './case.ts'

type Status = TestCase['status']
const milliseconds = (value: string | undefined, unit: string | undefined): number | null =>
  value === undefined ? null : Number(value) * (unit === 's' ? 1000 : 1)

/** The `spec` reporter of `node --test`: suites by indentation, then a repeat of the failures. */
export function parseNodeSpec(text: string): TestCase[] | null {
  const marks: Record<string, Status> = { '✔': 'passed', '✖': 'failed', '﹣': 'skipped', '⚠': 'skipped' }
  const cases: TestCase[] = []
  const suites: string[] = []
  for (const line of text.split('\n')) {
    if (line.startsWith('✖ failing tests:')) break
    const match = /^( *)([▶✔✖﹣⚠]) (.*?)(?: \(([\d.]+)(ms|s)\))?(?: # (?:SKIP|TODO).*)?$/.exec(line)
    if (!match) continue
    const depth = (match[1] ?? '').length / 2
    const name = match[3] ?? ''
    if (match[2] === '▶' && match[4] === undefined) {
      suites.length = depth
      suites[depth] = name
    } else if (suites[depth] === name) suites.length = depth
    else {
      const status = / # (?:SKIP|TODO)/.test(line) ? 'skipped' : (marks[match[2] ?? ''] ?? 'skipped')
      const above = Array.from({ length: depth }, (_, at) => suites[at] ?? '').filter((part) => part !== '')
      cases.push(makeCase([...above, name].join(separator), status, { durationMs: milliseconds(match[4], match[5]) }))
    }
  }
  return keepCases(cases)
}

/** `pytest -rA` and `pytest -v`; of both, the summary wins because it also names errors. */
export function parsePytest(text: string): TestCase[] | null {
  const statuses: Record<string, Status> = {
    PASSED: 'passed',
    FAILED: 'failed',
    ERROR: 'failed',
    SKIPPED: 'skipped',
    XFAIL: 'skipped',
    XPASS: 'passed',
  }
  const found = new Map<string, TestCase>()
  for (const line of text.split('\n')) {
    const verbose = /^(\S+\.py::\S.*?) (PASSED|FAILED|ERROR|SKIPPED|XFAIL|XPASS)\b/.exec(line)
    const summary = /^(PASSED|FAILED|ERROR|XFAIL|XPASS) (\S+?\.py(?:::\S.*?)?)(?: - (.*))?$/.exec(line)
    const id = verbose?.[1] ?? summary?.[2]
    const status = statuses[verbose?.[2] ?? summary?.[1] ?? '']
    if (id === undefined || status === undefined) continue
    const [file = null, ...names] = id.split('::')
    found.set(id, makeCase(names.join(separator) || id, status, { file, message: summary?.[3] ?? null }))
  }
  return keepCases([...found.values()])
}

/** `cargo test`, with the target each test belongs to. */
export function parseCargo(text: string): TestCase[] | null {
  const statuses: Record<string, Status> = { ok: 'passed', FAILED: 'failed', ignored: 'skipped' }
  const cases: TestCase[] = []
  let file: string | null = null
  for (const line of text.split('\n')) {
    const target = /^\s+(?:Running (?:unittests )?(\S+)|Doc-tests (\S+))/.exec(line)
    if (target) file = target[1] ?? target[2] ?? null
    const test = /^test (.+?) (?:- should panic )?\.\.\. (ok|FAILED|ignored)\b/.exec(line)
    if (test) cases.push(makeCase(test[1] ?? '', statuses[test[2] ?? ''] ?? 'skipped', { file }))
  }
  return keepCases(cases)
}

/** vitest's default reporter names files, its verbose one tests; red tests are named by both. */
export function parseVitestText(text: string): TestCase[] | null {
  const cases: TestCase[] = []
  const reasons = new Map<string, string>()
  for (const line of text.split('\n')) {
    const test = /^ ([✓×✗↓]) (?:\|[^|]+\| )?(\S+) > (.+?)(?: ([\d.]+)(ms|s))?$/.exec(line)
    const file = /^ ([✓❯↓]) (?:\|[^|]+\| )?(\S+\.\S+) \((\d+) tests?(?: \|[^)]*)?\)(?: ([\d.]+)\s?(ms|s))?/.exec(line)
    const red = /^ FAIL {2}(?:\|[^|]+\| )?(\S+) > (.+)$/.exec(line)
    const broken = /^ FAIL {2}(?:\|[^|]+\| )?(\S+) \[/.exec(line)
    const marks: Record<string, Status> = { '✓': 'passed', '×': 'failed', '✗': 'failed', '❯': 'failed', '↓': 'skipped' }
    if (test) {
      const durationMs = milliseconds(test[4], test[5])
      cases.push(makeCase(test[3] ?? '', marks[test[1] ?? ''] ?? 'skipped', { file: test[2] ?? null, durationMs }))
    } else if (file && (file[1] !== '❯' || /\|[^)]*failed/.test(line))) {
      cases.push(makeCase(file[2] ?? '', marks[file[1] ?? ''] ?? 'skipped', { file: file[2] ?? null }))
    } else if (broken) cases.push(makeCase(broken[1] ?? '', 'failed', { file: broken[1] ?? null }))
    else if (red) reasons.set(red[1] ?? '', `${reasons.get(red[1] ?? '') ?? ''}${red[2]}\n`)
  }
  const named = cases.map((one) =>
    one.status === 'failed' && one.name === one.file ? { ...one, message: reasons.get(one.name) ?? null } : one,
  )
  return keepCases(uniqueCases(named))
}

/** jest's default reporter names files; `--verbose` names tests under them. */
export function parseJestText(text: string): TestCase[] | null {
  const cases: TestCase[] = []
  let file: string | null = null
  let suites: { indent: number; name: string }[] = []
  for (const line of text.split('\n')) {
    const head = /^(PASS|FAIL) (\S+\.\S+)/.exec(line)
    const test = /^( +)([✓✕○✎]) (?:skipped )?(.+?)(?: \(([\d.]+) (ms|s)\))?$/.exec(line)
    const suite = /^( {2,})([^\s●✓✕○✎].*)$/.exec(line)
    if (head) {
      file = head[2] ?? null
      suites = []
      cases.push(makeCase(file ?? '', head[1] === 'PASS' ? 'passed' : 'failed', { file }))
    } else if (/^\s+●/.test(line) || line.startsWith('Test Suites:')) suites = []
    else if (test && file) {
      const indent = (test[1] ?? '').length
      const above = suites.filter((one) => one.indent < indent).map((one) => one.name)
      const status = test[2] === '✓' ? 'passed' : test[2] === '✕' ? 'failed' : 'skipped'
      const durationMs = milliseconds(test[4], test[5])
      cases.push(makeCase([...above, test[3]].join(separator), status, { file, durationMs }))
    } else if (suite) {
      const indent = (suite[1] ?? '').length
      suites = [...suites.filter((one) => one.indent < indent), { indent, name: suite[2] ?? '' }]
    }
  }
  const detailed = new Set(cases.filter((one) => one.name !== one.file).map((one) => one.file))
  return keepCases(uniqueCases(cases.filter((one) => one.name !== one.file || !detailed.has(one.file))))
}

/** `bun test`. */
export function parseBun(text: string): TestCase[] | null {
  const statuses: Record<string, Status> = { pass: 'passed', fail: 'failed', skip: 'skipped', todo: 'skipped' }
  const cases: TestCase[] = []
  let file: string | null = null
  for (const line of text.split('\n')) {
    const head = /^(\S+\.[cm]?[jt]sx?):$/.exec(line)
    if (head) file = head[1] ?? null
    const test = /^\((pass|fail|skip|todo)\) (.+?)(?: \[([\d.]+)(ms|s)\])?$/.exec(line)
    if (test)
      cases.push(
        makeCase(test[2] ?? '', statuses[test[1] ?? ''] ?? 'skipped', {
          file,
          durationMs: milliseconds(test[3], test[4]),
        }),
      )
  }
  return keepCases(cases)
}

/** `python -m unittest -v`: a docstring or what a test prints may stand between its name and how it ended. */
export function parseUnittest(text: string): TestCase[] | null {
  const cases = new Map<string, TestCase>()
  const end = /(?:^|\s)(ok|FAIL|ERROR|skipped|expected failure|unexpected success)(?: .*)?$/
  const statuses: Record<string, Status> = {
    ok: 'passed',
    FAIL: 'failed',
    ERROR: 'failed',
    'unexpected success': 'failed',
  }
  let open: string | null = null
  const close = (status: Status): void => {
    if (open !== null && cases.get(open)?.status !== 'failed') cases.set(open, makeCase(open, status))
  }
  for (const line of text.split('\n')) {
    if (line.startsWith('=====')) break
    const start = /^( *)(\w+) \(([\w.]+)\)(.*)$/.exec(line)
    if (start) {
      const [, , name = '', place = ''] = start
      open = `${place.replace(new RegExp(`\\.${name}$`), '')}${separator}${name}`
    }
    const how = end.exec(start ? (start[4] ?? '') : line)?.[1]
    if (how === undefined || open === null) continue
    close(statuses[how] ?? 'skipped')
    // A test with red sub-tests says no more of itself; one that is over takes no further word.
    open = null
  }
  return keepCases([...cases.values()])
}

/** mocha's `spec` reporter: suites by indentation, red ones by number. */
export function parseMocha(text: string): TestCase[] | null {
  const cases: TestCase[] = []
  let suites: { indent: number; name: string }[] = []
  for (const line of text.split('\n')) {
    if (/^ {2}\d+ (?:passing|failing)\b/.test(line)) break
    const test = /^( {2,})(?:([✔✓])|\d+\)|-) (.+?)(?: \(([\d.]+)(ms|s)\))?$/.exec(line)
    const suite = /^( {2,})(\S.*)$/.exec(line)
    if (test) {
      const indent = (test[1] ?? '').length
      const above = suites.filter((one) => one.indent < indent).map((one) => one.name)
      const status = test[2] ? 'passed' : /^ *-/.test(line) ? 'skipped' : 'failed'
      const durationMs = milliseconds(test[4], test[5])
      cases.push(makeCase([...above, test[3]].join(separator), status, { durationMs }))
    } else if (suite) {
      const indent = (suite[1] ?? '').length
      suites = [...suites.filter((one) => one.indent < indent), { indent, name: suite[2] ?? '' }]
    }
  }
  return keepCases(cases)
}

/** ava's default reporter; with several files the file stands before the title. */
export function parseAva(text: string): TestCase[] | null {
  const cases: TestCase[] = []
  for (const line of text.split('\n')) {
    const test = /^ {2}(✔|✘ \[fail\]:|- \[(?:skip|todo)\]) (.+?)(?: \(([\d.]+)(ms|s)\))?$/.exec(line)
    if (!test) continue
    const status = test[1] === '✔' ? 'passed' : test[1]?.startsWith('✘') ? 'failed' : 'skipped'
    const title = (test[2] ?? '').replace(/ › /g, separator)
    cases.push(
      makeCase(
        status === 'failed' ? title.replace(/ (?:Error thrown in test|Rejected promise returned by test)$/, '') : title,
        status,
      ),
    )
  }
  return keepCases(cases)
}

function uniqueCases(cases: TestCase[]): TestCase[] {
  const last = new Map(cases.map((one) => [`${one.file}\u0000${one.name}`, one]))
  return [...last.values()]
}
