// Reports written as one JSON document: CTRF, and the format that jest and vitest share.
import type { TestCase } from '@seatrial/protocol'
import { z } from 'zod'
import { keepCases, makeCase, separator } from './case.ts'

const CtrfReport = z.object({
  results: z.object({
    tests: z.array(
      z.object({
        name: z.string(),
        status: z.string(),
        duration: z.number().nullish(),
        suite: z.union([z.string(), z.array(z.string())]).nullish(),
        filePath: z.string().nullish(),
        message: z.string().nullish(),
      }),
    ),
  }),
})

const JestReport = z.object({
  testResults: z.array(
    z.object({
      name: z.string().nullish(),
      status: z.string().nullish(),
      message: z.string().nullish(),
      assertionResults: z.array(
        z.object({
          ancestorTitles: z.array(z.string()).nullish(),
          title: z.string().nullish(),
          fullName: z.string().nullish(),
          status: z.string(),
          duration: z.number().nullish(),
          failureMessages: z.array(z.string()).nullish(),
        }),
      ),
    }),
  ),
})

const statuses: Record<string, TestCase['status']> = { passed: 'passed', failed: 'failed' }

export function parseCtrf(text: string): TestCase[] | null {
  const report = CtrfReport.safeParse(readJson(text))
  if (!report.success) return null
  const cases = report.data.results.tests.map((test) => {
    const suites = typeof test.suite === 'string' ? [test.suite] : (test.suite ?? [])
    return makeCase([...suites, test.name].join(separator), statuses[test.status] ?? 'skipped', {
      file: test.filePath ?? null,
      durationMs: test.duration ?? null,
      message: test.message ?? null,
    })
  })
  return keepCases(cases)
}

export function parseJest(text: string): TestCase[] | null {
  const report = JestReport.safeParse(readJson(text))
  if (!report.success) return null
  const cases = report.data.testResults.flatMap((suite) => {
    const file = suite.name ?? null
    // A file that does not load has no cases of its own; it stands as one red case.
    if (suite.assertionResults.length === 0 && suite.status === 'failed') {
      return [makeCase(file ?? 'test file', 'failed', { file, message: suite.message ?? null })]
    }
    return suite.assertionResults.map((test) => {
      const name = test.title ? [...(test.ancestorTitles ?? []), test.title].join(separator) : (test.fullName ?? '')
      return makeCase(name, statuses[test.status] ?? 'skipped', {
        file,
        durationMs: test.duration ?? null,
        message: test.failureMessages?.[0] ?? null,
      })
    })
  })
  return keepCases(cases)
}

/** The document, also when a runner printed lines around it. */
function readJson(text: string): unknown {
  const attempts = [text, text.slice(text.indexOf('{'), text.lastIndexOf('}') + 1)]
  for (const attempt of attempts) {
    try {
      return JSON.parse(attempt)
    } catch {
      // The next attempt, or none.
    }
  }
  return null
}
