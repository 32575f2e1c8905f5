// What compilers and linters print, read back as `path:line code message`.
import { expect, it } from 'vitest'
import { readDiagnostics } from './read-diagnostics.ts'

const samples: [string, string, string[] | null][] = [
  [
    'tsc',
    "src/a.ts(1,14): error TS2322: Type 'string' is not assignable to type 'number'.\n",
    ["src/a.ts:1 TS2322 Type 'string' is not assignable to type 'number'."],
  ],
  [
    'tsc --pretty',
    "src/a.ts:1:14 - error TS2322: Type 'string'.\n\n1 export const\n\nFound 1 error.\n",
    ["src/a.ts:1 TS2322 Type 'string'."],
  ],
  [
    'eslint, stylish',
    '\nsrc/a.js\n  1:5  error  Unexpected var  no-var\n  3:1  warning  No console  no-console\n\n✖ 2 problems\n',
    ['src/a.js:1 no-var Unexpected var', 'src/a.js:3 no-console No console'],
  ],
  [
    'eslint, JSON',
    '[{"filePath":"/r/src/a.js","messages":[{"ruleId":"no-var","line":2,"message":"Unexpected var"}]}]',
    ['src/a.js:2 no-var Unexpected var'],
  ],
  ['eslint, unix', 'src/a.js:1:5: Unexpected var [Error/no-var]\n\n1 problem\n', ['src/a.js:1 no-var Unexpected var']],
  [
    'biome',
    'x.ts:1:12 lint/suspicious/noDebugger  FIXABLE  ━━━━━━━━\n\n  × This is an unexpected use of the debugger statement.\n  \n  > 1 │ debugger\n\nx.ts:4:1 lint/style/useConst  FIXABLE  ━━━━━\n\n  ! This let is only assigned once.\n',
    [
      'x.ts:1 lint/suspicious/noDebugger This is an unexpected use of the debugger statement.',
      'x.ts:4 lint/style/useConst This let is only assigned once.',
    ],
  ],
  [
    'biome, GitHub reporter',
    '::error title=lint/style/useConst,file=src/a.ts,line=4,endLine=4,col=1,endColumn=4::Only assigned once.\n',
    ['src/a.ts:4 lint Only assigned once.'],
  ],
  [
    'oxlint',
    '\n  x eslint(no-debugger): `debugger` statement is not allowed\n   ,-[src/a.js:7:1]\n 7 | debugger\n   `----\n\nFound 0 warnings and 1 error.\n',
    ['src/a.js:7 eslint(no-debugger) `debugger` statement is not allowed'],
  ],
  [
    'oxlint, JSON',
    '{ "diagnostics": [{"message":"no","code":"eslint(no-debugger)","filename":"src/a.js","labels":[{"span":{"offset":1,"length":2,"line":7,"column":1}}]}] }',
    ['src/a.js:7 eslint(no-debugger) no'],
  ],
  ['rustc', 'error[E0308]: mismatched types\n --> src/lib.rs:3:5\n  |\n', ['src/lib.rs:3 E0308 mismatched types']],
  [
    'mypy',
    'app/a.py:3: error: Incompatible types  [assignment]\nFound 1 error\n',
    ['app/a.py:3 assignment Incompatible types'],
  ],
  ['ruff', 'app/a.py:1:8: F401 [*] `os` imported but unused\n', ['app/a.py:1 F401 `os` imported but unused']],
  ['go vet', 'vet: ./a.go:5:2: undefined: x\n', ['a.go:5 go undefined: x']],
  ['nothing to say', 'All files are formatted.\n', null],
]

it.each(samples)('reads %s', (_, output, expected) => {
  const found = readDiagnostics(output, '.', '/r')
  expect(found?.map((one) => `${one.path}:${one.line} ${one.code} ${one.message}`) ?? null).toEqual(expected)
})
