// Every place where a file names another module: imports, exports, require, import types, JSDoc, mocks, asset URLs.
import { isNode, type Node, parse, walk } from './parse.ts'

/** `start` and `end` span the text between the quotes. */
export type Specifier = {
  text: string
  start: number
  end: number
  form: 'import' | 'require' | 'type' | 'mock' | 'asset' | 'declare' | 'comment'
}

const mockHosts = new Set(['vi', 'jest', 'mock'])
const mockCalls = new Set([
  'mock',
  'doMock',
  'unmock',
  'dontMock',
  'doUnmock',
  'setMock',
  'importActual',
  'importMock',
  'requireActual',
  'requireMock',
  'unstable_mockModule',
  'createMockFromModule',
  'genMockFromModule',
  'module',
  'deepUnmock',
])

export function specifiersIn(file: string, text: string): Specifier[] {
  const { module, program, comments } = lazily(file, text)
  const found: Specifier[] = []
  const quoted = (start: number, end: number, form: Specifier['form']): void => {
    if (!/^(?:'[^']*'|"[^"]*"|`[^`$\\]*`)$/.test(text.slice(start, end))) return
    found.push({ text: text.slice(start + 1, end - 1), start: start + 1, end: end - 1, form })
  }
  for (const one of module.staticImports) quoted(one.moduleRequest.start, one.moduleRequest.end, 'import')
  const exported = new Set<number>()
  for (const one of module.staticExports.flatMap((each) => each.entries)) {
    if (!one.moduleRequest || exported.has(one.moduleRequest.start)) continue
    exported.add(one.moduleRequest.start)
    quoted(one.moduleRequest.start, one.moduleRequest.end, 'import')
  }
  for (const one of module.dynamicImports) quoted(one.moduleRequest.start, one.moduleRequest.end, 'import')
  if (
    /\b(?:require|mock|Mock|Actual|URL|declare|resolve)\b|\bimport\s*\(|=\s*require|\.[a-zA-Z]*[mM]ock|mock\.module|Mock\(|Actual|fromModule|FromModule/.test(
      text,
    )
  )
    walk(program(), (node) => {
      const hit = namedBy(node)
      if (hit) quoted(hit.literal.start, hit.literal.end, hit.form)
    })
  for (const comment of comments()) found.push(...inComment(text, comment.start, comment.end))
  const seen = new Set<number>()
  return found.sort((a, b) => a.start - b.start).filter((one) => !seen.has(one.start) && seen.add(one.start))
}

function lazily(file: string, text: string) {
  const result = parse(file, text)
  return { module: result.module, program: () => result.program, comments: () => result.comments }
}

type Hit = { literal: Node; form: Specifier['form'] }

function namedBy(node: Node): Hit | null {
  const literal = (value: unknown): Node | null =>
    isNode(value) && (value.type === 'TemplateLiteral' || (value.type === 'Literal' && typeof value.value === 'string'))
      ? value
      : null
  const first = Array.isArray(node.arguments) ? literal(node.arguments[0]) : null
  switch (node.type) {
    case 'TSImportType':
      return literal(node.source) && { literal: node.source as Node, form: 'type' }
    case 'TSExternalModuleReference':
      return literal(node.expression) && { literal: node.expression as Node, form: 'require' }
    case 'TSModuleDeclaration':
      return literal(node.id) && { literal: node.id as Node, form: 'declare' }
    case 'NewExpression': {
      const second = (node.arguments as Node[])[1]
      const ofModule =
        isNode(second) && second.type === 'MemberExpression' && (second.object as Node).type === 'MetaProperty'
      return first && ofModule && (node.callee as Node).name === 'URL' ? { literal: first, form: 'asset' } : null
    }
    case 'CallExpression':
      return first && calls(node.callee as Node, first)
    case 'ImportExpression':
      return literal(node.source) && { literal: node.source as Node, form: 'import' }
    default:
      return null
  }
}

function calls(callee: Node, first: Node): Hit | null {
  if (callee.type === 'Identifier') return callee.name === 'require' ? { literal: first, form: 'require' } : null
  if (callee.type !== 'MemberExpression') return null
  const host = callee.object as Node
  const method = (callee.property as Node).name as string
  if (host.name === 'require' && method === 'resolve') return { literal: first, form: 'require' }
  if (host.type === 'MetaProperty' && method === 'resolve') return { literal: first, form: 'import' }
  if (!mockCalls.has(method)) return null
  const chained =
    host.type === 'CallExpression' ||
    mockHosts.has(host.name as string) ||
    (host.type === 'MemberExpression' && (host.property as Node).name === 'mock')
  return chained ? { literal: first, form: 'mock' } : null
}

/** `import('x')` and `@import ... from 'x'` in JSDoc, and `/// <reference path="x" />`. */
function inComment(text: string, start: number, end: number): Specifier[] {
  const body = text.slice(start, end)
  const forms = [
    /\bimport\(\s*['"]([^'"]+)['"]/dg,
    /@import\s[^'"]*?from\s+['"]([^'"]+)['"]/dg,
    /^\/\/\/\s*<reference\s+path=["']([^"']+)["']/dg,
  ]
  return forms.flatMap((form) =>
    [...body.matchAll(form)].map((match): Specifier => {
      const [from, to] = match.indices![1]!
      return { text: match[1]!, start: start + from, end: start + to, form: 'comment' }
    }),
  )
}
