// `go test -json`, one event per line, and the plain output of `go test -v`.
import type { TestCase } from '@seatrial/protocol'
import { keepCases, makeCase } from './case.ts'

const statuses: Record<string, TestCase['status']> = { pass: 'passed', fail: 'failed', skip: 'skipped' }

interface GoEvent {
  Action?: string
  Package?: string
  Test?: string
  Elapsed?: number
  Output?: string
}

export function parseGoJson(text: string): TestCase[] | null {
  const cases: TestCase[] = []
  const packages: TestCase[] = []
  const output = new Map<string, string>()
  const redPackages = new Set<string>()
  for (const line of text.split('\n')) {
    if (!line.startsWith('{"')) continue
    const event = readEvent(line)
    const key = `${event.Package} ${event.Test ?? ''}`
    if (event.Action === 'output') output.set(key, ((output.get(key) ?? '') + (event.Output ?? '')).slice(-4000))
    const status = statuses[event.Action ?? '']
    if (!status || !event.Package) continue
    const details = {
      file: event.Package,
      durationMs: (event.Elapsed ?? 0) * 1000,
      message: status === 'failed' ? (output.get(key) ?? null) : null,
    }
    if (event.Test) {
      cases.push(makeCase(event.Test, status, details))
      if (status === 'failed') redPackages.add(event.Package)
    } else if (status === 'failed') packages.push(makeCase(event.Package, status, details))
  }
  // A package that does not compile has no tests of its own to be red.
  return keepCases([...cases, ...packages.filter((one) => !redPackages.has(one.file ?? ''))])
}

function readEvent(line: string): GoEvent {
  try {
    return JSON.parse(line) as GoEvent
  } catch {
    return {}
  }
}

export function parseGoText(text: string): TestCase[] | null {
  const cases: TestCase[] = []
  let open: TestCase[] = []
  for (const line of text.split('\n')) {
    const test = /^\s*--- (PASS|FAIL|SKIP): (\S+) \(([\d.]+)s\)/.exec(line)
    if (test) {
      const status = statuses[(test[1] ?? '').toLowerCase()] ?? 'skipped'
      open.push(makeCase(test[2] ?? '', status, { durationMs: Number(test[3]) * 1000 }))
    }
    const end = /^(ok|FAIL|---)\s+(\S+)(?:\s+\(cached\)|\s+([\d.]+)s|\s+\[build failed\])/.exec(line)
    if (!end || end[1] === '---') continue
    const file = end[2] ?? ''
    const green = end[1] === 'ok'
    // Without -v only red tests are named: the package itself stands for the green ones.
    cases.push(...open.map((one) => ({ ...one, file })))
    if (green || open.every((one) => one.status !== 'failed')) {
      if (!green || open.length === 0) cases.push(makeCase(file, green ? 'passed' : 'failed', { file }))
    } else if (!open.some((one) => one.status === 'passed')) cases.push(makeCase(file, 'failed', { file }))
    open = []
  }
  return keepCases([...cases, ...open])
}
