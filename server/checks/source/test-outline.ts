// The tests of a file with what each asserts, so that deleted and weakened tests are seen without running them.
import { parseSource, type Source, type SyntaxNode } from './parse-source.ts'
import { walk } from './walk.ts'

export interface Assertion {
  line: number
  text: string
  /** 0 says nothing (`expect(true).toBe(true)`), 1 is loose (`toBeTruthy`), 2 pins a value. */
  strength: 0 | 1 | 2
  /** Inside an `if` or `try` of the test, where it may never run. */
  conditional: boolean
}

export interface OutlinedTest {
  path: string
  /** Suites and title joined by ` > `. */
  name: string
  title: string
  line: number
  skipped: boolean
  only: boolean
  /** One text, run with many values. */
  each: boolean
  assertions: Assertion[]
  /** Text of the body without white space, to know a renamed test again. */
  body: string
}

const testNames = new Set(['it', 'test', 'specify', 'fit', 'xit', 'xtest', 'bench'])
const suiteNames = new Set(['describe', 'suite', 'context', 'fdescribe', 'xdescribe'])
const assertNames = new Set(['expect', 'assert', 'should', 'expectTypeOf', 'assertType'])
const loose = new Set(
  `assert ok truthy falsy toBeTruthy toBeFalsy toBeDefined toBeUndefined toBeNull toBeGreaterThan toBeGreaterThanOrEqual
  toBeLessThan toBeLessThanOrEqual toContain toContainEqual toMatch toMatchObject toHaveBeenCalled toBeInstanceOf
  toBeTypeOf toBeNaN match doesNotThrow exist exists isOk isNotNull isDefined isTrue isFalse notEqual notStrictEqual
  doesNotMatch instanceOf include includes toSatisfy anything`.split(/\s+/),
)

export function outlineTests(path: string, text: string): OutlinedTest[] {
  const source = parseSource(path, text)
  if (source) return outlineScript(source)
  const language = languages.find((one) => one.path.test(path))
  return language ? outlineByLines(path, text, language) : []
}

function outlineScript(source: Source): OutlinedTest[] {
  const tests = new Map<SyntaxNode, OutlinedTest>()
  const suites = new Map<SyntaxNode, { title: string; skipped: boolean; only: boolean }>()
  for (const { node, parents } of walk(source.program)) {
    if (node.type !== 'CallExpression') continue
    const { root, names } = chainOf(node)
    const callback = node.arguments?.findLast((one: SyntaxNode) => /Function/.test(one.type))
    const skipped = /^x/.test(root) || names.includes('skip') || names.includes('todo') || names.includes('fails')
    const only = /^f(?:it|describe)$/.test(root) || names.includes('only')
    if (suiteNames.has(root) && callback) suites.set(node, { title: titleOf(source, node), skipped, only })
    const isTodo = testNames.has(root) && names.includes('todo')
    if (testNames.has(root) && (callback || isTodo) && node.arguments?.length > 0) {
      const above = parents.flatMap((parent) => suites.get(parent) ?? [])
      const title = titleOf(source, node)
      tests.set(node, {
        path: source.path,
        title,
        name: [...above.map((one) => one.title), title].join(' > '),
        line: source.lineAt(node.start),
        skipped: skipped || above.some((one) => one.skipped) || skipsByOption(source, node),
        only: only || above.some((one) => one.only),
        each: names.includes('each'),
        assertions: [],
        body: callback ? source.slice(callback).replace(/\s+/g, '') : '',
      })
    }
    const owner = parents.findLast((parent) => tests.has(parent))
    const outer = parents.at(-1)
    const continues = outer?.type === 'MemberExpression' && outer.object === node
    if (owner && !continues && isAssertion(root, names)) {
      const inside = parents.slice(parents.indexOf(owner))
      tests.get(owner)?.assertions.push({
        line: source.lineAt(node.start),
        text: source.slice(node).replace(/\s+/g, ' '),
        strength: strengthOf(node, root, names),
        conditional: inside.some(
          (one) => /^(?:If|Try|Switch|Conditional)/.test(one.type) || one.type === 'CatchClause',
        ),
      })
    }
  }
  return [...tests.values()]
}

const isAssertion = (root: string, names: string[]): boolean =>
  assertNames.has(root) || (root === 't' && names[0] === 'assert') || (root === 't' && avaNames.has(names.at(-1) ?? ''))
const avaNames = new Set([
  'is',
  'not',
  'deepEqual',
  'true',
  'false',
  'truthy',
  'falsy',
  'throws',
  'regex',
  'equal',
  'same',
  'ok',
])

/** `expect(x).not.toBe(y)` has root `expect` and names `not, toBe`. */
function chainOf(call: SyntaxNode): { root: string; names: string[] } {
  const names: string[] = []
  let at: SyntaxNode | undefined = call
  while (at) {
    if (at.type === 'CallExpression') at = at.callee
    else if (at.type === 'MemberExpression') {
      if (at.property?.type === 'Identifier') names.unshift(at.property.name)
      at = at.object
    } else if (at.type === 'TaggedTemplateExpression') at = at.tag
    else break
  }
  return { root: at?.type === 'Identifier' ? at.name : '', names }
}

function strengthOf(call: SyntaxNode, root: string, names: string[]): Assertion['strength'] {
  const values: SyntaxNode[] = []
  let at: SyntaxNode | undefined = call
  while (at) {
    if (at.type === 'CallExpression') {
      values.push(...(at.arguments ?? []))
      at = at.callee
    } else if (at.type === 'MemberExpression') at = at.object
    else break
  }
  const subject = values.filter((one) => !isLiteral(one))
  const isFact = !['fail', 'unreachable', 'assertions', 'hasAssertions'].includes(names.at(-1) ?? '')
  if (subject.length === 0 && isFact) return 0
  if (root === 'expect' && names.length === 0) return 0
  const matcher = names.at(-1) ?? root
  const throwsAnything =
    /^(?:toThrow|toThrowError|throws|rejects)$/.test(matcher) && call.arguments?.length < (root === 'expect' ? 1 : 2)
  return loose.has(matcher) || names.includes('not') || throwsAnything ? 1 : 2
}

const isLiteral = (node: SyntaxNode): boolean =>
  node.type === 'Literal' ||
  (node.type === 'TemplateLiteral' && node.expressions.length === 0) ||
  (node.type === 'UnaryExpression' && isLiteral(node.argument)) ||
  (node.type === 'ArrayExpression' && node.elements.length === 0)

function titleOf(source: Source, call: SyntaxNode): string {
  const first: SyntaxNode | undefined = call.arguments?.[0]
  if (!first) return ''
  if (first.type === 'Literal') return String(first.value)
  return source.slice(first).replace(/^`|`$/g, '').slice(0, 200)
}

function skipsByOption(source: Source, call: SyntaxNode): boolean {
  const options = call.arguments?.find((one: SyntaxNode) => one.type === 'ObjectExpression')
  return options ? /\b(?:skip|todo)\s*:\s*(?!false\b)/.test(source.slice(options)) : false
}

interface LineLanguage {
  path: RegExp
  /** First line of a test; group 1 is its name. */
  start: RegExp
  /** A line before the start that skips the test, or one inside it. */
  skip: RegExp
  exact: RegExp
  loose: RegExp
  trivial: RegExp
}

const languages: LineLanguage[] = [
  {
    path: /\.py$/,
    start: /^\s*(?:async\s+)?def\s+(test\w*)\s*\(/,
    skip: /@(?:pytest\.mark\.(?:skip|skipif|xfail)|unittest\.skip\w*)|\bpytest\.(?:skip|xfail)\(|\bself\.skipTest\(/,
    exact:
      /^\s*(?:assert\b.*(?:==|\bis\b)|self\.assert(?:Equal|Is|ListEqual|DictEqual|Raises)\w*\(|with pytest\.raises)/,
    loose: /^\s*(?:assert\b|self\.assert\w+\()/,
    trivial: /^\s*(?:assert\s+(?:True|1|not False)\s*(?:#.*)?$|self\.assertTrue\(True\))/,
  },
  {
    path: /_test\.go$/,
    start: /^func\s+(Test\w*)\s*\(/,
    skip: /\bt\.Skip(?:f|Now)?\(/,
    exact:
      /\bt\.(?:Error|Errorf|Fatal|Fatalf|Fail|FailNow)\(|\b(?:assert|require)\.(?:Equal|EqualValues|ErrorIs|Len|JSONEq)\w*\(/,
    loose: /\b(?:assert|require)\.\w+\(/,
    trivial: /\b(?:assert|require)\.True\(t,\s*true\b/,
  },
  {
    path: /\.rs$/,
    start: /^\s*(?:async\s+)?fn\s+(\w+)\s*\(\s*\)/,
    skip: /#\[ignore\b/,
    exact: /\bassert_(?:eq|ne|matches)!|#\[should_panic/,
    loose: /\bassert!\(|\.unwrap\(\)/,
    trivial: /\bassert!\(true\b|\bassert_eq!\((\d+),\s*\1\)/,
  },
]

function outlineByLines(path: string, text: string, language: LineLanguage): OutlinedTest[] {
  const tests: OutlinedTest[] = []
  let pendingSkip = false
  let isTest = !path.endsWith('.rs')
  text.split('\n').forEach((content, index) => {
    const start = language.start.exec(content)
    if (/#\[(?:\w+::)?test\b/.test(content)) isTest = true
    const skips = language.skip.test(content)
    if (start && isTest) {
      const title = start[1] ?? ''
      tests.push({
        path,
        name: title,
        title,
        line: index + 1,
        skipped: pendingSkip,
        only: false,
        each: false,
        assertions: [],
        body: '',
      })
      pendingSkip = false
      isTest = !path.endsWith('.rs')
      return
    }
    const open = tests.at(-1)
    if (skips && /^\s*[@#]/.test(content)) pendingSkip = true
    else if (skips && open) open.skipped = true
    if (!open) return
    open.body += content.replace(/\s+/g, '')
    const strength = language.trivial.test(content)
      ? 0
      : language.exact.test(content)
        ? 2
        : language.loose.test(content)
          ? 1
          : null
    if (strength !== null) open.assertions.push({ line: index + 1, text: content.trim(), strength, conditional: false })
  })
  return tests
}
