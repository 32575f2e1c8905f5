// What runners really print and write, read back as cases: `status name (file)`.
import fc from 'fast-check'
import { expect, it } from 'vitest'
import { readCases } from './read-cases.ts'

type From = Parameters<typeof readCases>[0]
const printed = (output: string): From => ({ format: null, report: null, output })
const report = (format: From['format'], text: string): From => ({ format, report: text, output: '' })

const samples: [string, From, string[] | null][] = [
  [
    'unittest -v: docstrings, prints and red sub-tests between a name and its end',
    printed(
      "test_bad (test_u.T.test_bad) ... FAIL\ntest_ok (test_u.T.test_ok)\nA doc line. ... ok\ntest_print (test_u.T.test_print) ... hello\nok\ntest_skip (test_u.T.test_skip) ... skipped 'later'\ntest_sub (test_u.T.test_sub) ... \n  test_sub (test_u.T.test_sub) (i=1) ... FAIL\ntest_xf (test_u.T.test_xf) ... expected failure\n\n======================================================================\nFAIL: test_bad (test_u.T.test_bad)\n----------------------------------------------------------------------\nAssertionError: 1 != 2\n\nRan 6 tests in 0.002s\n",
    ),
    [
      ...['failed test_u.T > test_bad', 'passed test_u.T > test_ok', 'passed test_u.T > test_print'],
      ...['skipped test_u.T > test_skip', 'failed test_u.T > test_sub', 'skipped test_u.T > test_xf'],
    ],
  ],
  [
    'mocha, spec reporter',
    printed(
      '\n\n  ✔ top\n  sum\n    ✔ adds\n    1) fails\n    - later\n    ✔ slow one (131ms)\n    inner\n      ✔ deep\n\n\n  4 passing (148ms)\n  1 pending\n  1 failing\n\n  1) sum\n       fails:\n\n      AssertionError [ERR_ASSERTION]: 1 == 2\n',
    ),
    [
      ...['passed top', 'passed sum > adds', 'failed sum > fails', 'skipped sum > later'],
      ...['passed sum > slow one', 'passed sum > inner > deep'],
    ],
  ],
  [
    'ava',
    printed(
      '\n  - [skip] later\n  - [todo] some day\n  ✔ adds\n  ✔ b › slow one (131ms)\n  ✘ [fail]: fails\n  ─\n\n  fails\n\n  a.test.mjs:2\n\n  1 test failed\n  1 test skipped\n',
    ),
    ['skipped later', 'skipped some day', 'passed adds', 'passed b > slow one', 'failed fails'],
  ],
  [
    'node --test, spec',
    printed(
      '▶ sum\n  ✔ adds (0.6ms)\n  ✖ fails (0.8ms)\n    AssertionError: 1 == 2\n  ▶ inner\n    ✔ deep (1.2ms)\n  ✔ inner (2ms)\n✖ sum (9ms)\n✔ top (0.1ms)\n﹣ later (0.1ms) # SKIP\nℹ tests 5\nℹ pass 3\n\n✖ failing tests:\n\ntest at a.test.mjs:2:1\n✖ fails (0.8ms)\n',
    ),
    ['passed sum > adds', 'failed sum > fails', 'passed sum > inner > deep', 'passed top', 'skipped later'],
  ],
  [
    'node --test, TAP',
    printed(
      "TAP version 13\n# Subtest: sum\n    # Subtest: adds\n    ok 1 - adds\n      ---\n      duration_ms: 0.5\n      type: 'test'\n      ...\n    # Subtest: fails\n    not ok 2 - fails\n      ---\n      duration_ms: 0.8\n      error: |-\n        1 == 2\n      ...\n    1..2\nnot ok 1 - sum\n  ---\n  duration_ms: 3\n  type: 'suite'\n  ...\n# Subtest: later\nok 2 - later # SKIP\n  ---\n  duration_ms: 0.1\n  ...\n1..2\n",
    ),
    ['passed sum > adds', 'failed sum > fails', 'skipped later'],
  ],
  [
    'plain TAP',
    printed('1..3\nok 1 - one\nnot ok 2 - two\nok 3 - three # TODO not yet\n'),
    ['passed one', 'failed two', 'skipped three'],
  ],
  [
    'vitest, default reporter: red files name their tests below themselves',
    printed(
      '\n ❯ a.test.ts (3 tests | 1 failed | 1 skipped) 8ms\n   ❯ sum (3)\n     ✓ adds 2ms\n     × fails 5ms\n     ↓ later\n ✓ b.test.ts (1 test) 2ms\n\n FAIL  a.test.ts > sum > fails\nAssertionError: expected 1 to be 2\n\n Test Files  1 failed | 1 passed (2)\n',
    ),
    ['failed a.test.ts (a.test.ts)', 'passed b.test.ts (b.test.ts)'],
  ],
  [
    'vitest, verbose reporter with a project label',
    printed(
      ' ✓ |unit| a.test.ts > sum > adds 1ms\n × |unit| a.test.ts > sum > fails 5ms\n   → expected 1 to be 2\n ↓ a.test.ts > sum > later\n\n Test Files  1 failed (1)\n',
    ),
    ['passed sum > adds (a.test.ts)', 'failed sum > fails (a.test.ts)', 'skipped sum > later (a.test.ts)'],
  ],
  [
    'vitest, a file that does not load',
    printed(' FAIL  c.test.ts [ c.test.ts ]\nError: Cannot find module\n\n Test Files  1 failed (1)\n'),
    ['failed c.test.ts (c.test.ts)'],
  ],
  [
    'jest, default reporter',
    printed(
      'PASS src/a.test.js\nFAIL src/b.test.js\n  ● sum › fails\n\n    expect(1).toBe(2)\n\nTest Suites: 1 failed, 1 passed, 2 total\n',
    ),
    ['passed src/a.test.js (src/a.test.js)', 'failed src/b.test.js (src/b.test.js)'],
  ],
  [
    'jest, verbose',
    printed(
      'PASS src/a.test.js\n  sum\n    ✓ adds (2 ms)\n    ✕ fails (1 ms)\n    inner\n      ✓ deep\n  ○ skipped later\n\nTest Suites: 1 passed, 1 total\n',
    ),
    [
      'passed sum > adds (src/a.test.js)',
      'failed sum > fails (src/a.test.js)',
      'passed sum > inner > deep (src/a.test.js)',
      'skipped later (src/a.test.js)',
    ],
  ],
  [
    'jest and vitest JSON',
    report(
      'jest',
      JSON.stringify({
        testResults: [
          {
            name: '/r/a.test.js',
            status: 'failed',
            assertionResults: [
              {
                ancestorTitles: ['sum'],
                title: 'adds',
                fullName: 'sum adds',
                status: 'passed',
                duration: 3,
                failureMessages: [],
              },
              { ancestorTitles: ['sum'], title: 'fails', status: 'failed', failureMessages: ['1 is not 2'] },
              { ancestorTitles: [], title: 'later', status: 'pending' },
            ],
          },
          { name: '/r/b.test.js', status: 'failed', message: 'Cannot find module', assertionResults: [] },
        ],
      }),
    ),
    [
      'passed sum > adds (/r/a.test.js)',
      'failed sum > fails (/r/a.test.js)',
      'skipped later (/r/a.test.js)',
      'failed /r/b.test.js (/r/b.test.js)',
    ],
  ],
  [
    'CTRF',
    report(
      'ctrf',
      JSON.stringify({
        results: {
          tests: [
            { name: 'adds', status: 'passed', duration: 1, suite: ['sum'], filePath: 'a.ts' },
            { name: 'fails', status: 'failed', message: 'no' },
            { name: 'later', status: 'pending' },
          ],
        },
      }),
    ),
    ['passed sum > adds (a.ts)', 'failed fails', 'skipped later'],
  ],
  [
    'JUnit of pytest',
    report(
      'junit',
      '<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest"><testcase classname="test_a.TestSum" name="test_adds" time="0.001" /><testcase classname="test_a.TestSum" name="test_fails" time="0.002"><failure message="assert 1 == 2">def ...</failure></testcase><testcase classname="test_a" name="test_later"><skipped message="later" /></testcase><testcase classname="test_a" name="test_err"><error message="no fixture &quot;x&quot;" /></testcase></testsuite></testsuites>',
    ),
    [
      'passed test_a.TestSum > test_adds',
      'failed test_a.TestSum > test_fails',
      'skipped test_a > test_later',
      'failed test_a > test_err',
    ],
  ],
  [
    'JUnit with a document type',
    report('junit', '<!DOCTYPE x [<!ENTITY a "b">]><testsuites><testcase name="&a;"/></testsuites>'),
    null,
  ],
  [
    'pytest -rA',
    printed(
      'FsF..E [100%]\n=== PASSES ===\n=========================== short test summary info ============================\nPASSED test_a.py::TestSum::test_adds\nPASSED test_a.py::test_each[a b]\nSKIPPED [1] test_a.py:5: later\nERROR test_a.py::test_err\nFAILED test_a.py::TestSum::test_fails - assert 1 == 2\n1 failed, 3 passed, 1 skipped, 1 error in 2.30s\n',
    ),
    [
      'passed TestSum > test_adds (test_a.py)',
      'passed test_each[a b] (test_a.py)',
      'failed test_err (test_a.py)',
      'failed TestSum > test_fails (test_a.py)',
    ],
  ],
  [
    'cargo test',
    printed(
      '     Running unittests src/lib.rs (target/debug/deps/shop-50)\n\nrunning 3 tests\ntest tests::later ... ignored\ntest tests::ok ... ok\ntest tests::bad ... FAILED\n\ntest result: FAILED. 1 passed; 1 failed\n     Running tests/it.rs (target/debug/deps/it-d6)\ntest outer ... ok\ntest result: ok. 1 passed\n',
    ),
    [
      'skipped tests::later (src/lib.rs)',
      'passed tests::ok (src/lib.rs)',
      'failed tests::bad (src/lib.rs)',
      'passed outer (tests/it.rs)',
    ],
  ],
  [
    'go test -json',
    printed(
      [
        { Action: 'run', Package: 'shop', Test: 'TestA' },
        { Action: 'output', Package: 'shop', Test: 'TestB', Output: 'want 2\n' },
        { Action: 'pass', Package: 'shop', Test: 'TestA', Elapsed: 0.01 },
        { Action: 'fail', Package: 'shop', Test: 'TestB', Elapsed: 0 },
        { Action: 'skip', Package: 'shop', Test: 'TestC', Elapsed: 0 },
        { Action: 'fail', Package: 'shop', Elapsed: 0.1 },
        { Action: 'fail', Package: 'shop/broken', Elapsed: 0 },
      ]
        .map((event) => JSON.stringify(event))
        .join('\n'),
    ),
    ['passed TestA (shop)', 'failed TestB (shop)', 'skipped TestC (shop)', 'failed shop/broken (shop/broken)'],
  ],
  [
    'go test',
    printed(
      'ok  \tshop\t0.012s\n--- FAIL: TestTax (0.00s)\n    tax_test.go:8: want 2\nFAIL\nFAIL\tshop/tax\t0.010s\nFAIL\tshop/broken [build failed]\n',
    ),
    [
      'passed shop (shop)',
      'failed TestTax (shop/tax)',
      'failed shop/tax (shop/tax)',
      'failed shop/broken (shop/broken)',
    ],
  ],
  [
    'bun test',
    printed('bun test v1.2.0\n\na.test.ts:\n(pass) sum > adds [0.10ms]\n(fail) sum > fails [1.00ms]\n(skip) later\n'),
    ['passed sum > adds (a.test.ts)', 'failed sum > fails (a.test.ts)', 'skipped later (a.test.ts)'],
  ],
  [
    'python -m unittest -v',
    printed(
      'test_adds (test_a.TestSum.test_adds) ... ok\ntest_fails (test_a.TestSum.test_fails) ... FAIL\n\n----\nRan 2 tests in 0.001s\n',
    ),
    ['passed test_a.TestSum > test_adds', 'failed test_a.TestSum > test_fails'],
  ],
  ['anything else', printed('All 12 tests passed, honest!\n'), null],
  ['nothing', printed(''), null],
]

it.each(samples)('reads %s', (_, from, expected) => {
  const cases = readCases(from)
  expect(cases?.map((one) => `${one.status} ${one.name}${one.file ? ` (${one.file})` : ''}`) ?? null).toEqual(expected)
})

it('keeps what a red case said', () => {
  const [, red] = readCases(samples.find(([name]) => name === 'JUnit of pytest')?.[1] as From) ?? []
  expect(red).toMatchObject({ durationMs: 2, message: 'assert 1 == 2' })
})

it('never throws, and never gives an empty list, whatever a runner prints', () => {
  const pieces = fc.constantFrom(
    'TAP version 13\n',
    'ok 1 - a\n',
    '<testsuites>',
    '<testcase name="a">',
    '{"Action":"pass"}\n',
    '"testResults": [',
    'ℹ tests 1\n',
    '✔ a (1ms)\n',
    '▶ x\n',
    'test result: ok.\n',
    '    # Subtest: b\n',
    '\u001b[31m',
    '  ---\n',
    '1..2\n',
  )
  const text = fc.array(fc.oneof(pieces, fc.string()), { maxLength: 30 }).map((all) => all.join(''))
  fc.assert(
    fc.property(text, fc.constantFrom(null, 'junit', 'tap', 'ctrf', 'jest', 'node', 'go'), (output, format) => {
      const cases = readCases({ format: format as From['format'], report: output, output })
      expect(cases === null || cases.length > 0).toBe(true)
    }),
    { numRuns: 300 },
  )
})
