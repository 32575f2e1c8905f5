// Where a file declares a name: classes, functions, types, variables, members, aliases.
import { boundBy, isNode, type Node, nameOf, program, walk } from './parse.ts'

export type Declaration = {
  name: string
  kind: string
  container: string | null
  exported: boolean
  topLevel: boolean
  start: number
  end: number
  /** Declarations of one scope that share the name are one symbol (overloads, merged interfaces). */
  scopeStart: number
}

/** Node type to the field that holds the declared name, and the word for it. */
const declares: Record<string, [field: string, kind: string]> = {
  ClassDeclaration: ['id', 'class'],
  ClassExpression: ['id', 'class'],
  FunctionDeclaration: ['id', 'function'],
  FunctionExpression: ['id', 'function'],
  TSDeclareFunction: ['id', 'function'],
  TSInterfaceDeclaration: ['id', 'interface'],
  TSTypeAliasDeclaration: ['id', 'type'],
  TSEnumDeclaration: ['id', 'enum'],
  TSModuleDeclaration: ['id', 'namespace'],
  TSImportEqualsDeclaration: ['id', 'import'],
  ImportSpecifier: ['local', 'import'],
  ImportDefaultSpecifier: ['local', 'import'],
  ImportNamespaceSpecifier: ['local', 'import'],
  MethodDefinition: ['key', 'method'],
  TSAbstractMethodDefinition: ['key', 'method'],
  PropertyDefinition: ['key', 'property'],
  TSAbstractPropertyDefinition: ['key', 'property'],
  AccessorProperty: ['key', 'property'],
  TSPropertySignature: ['key', 'property'],
  TSMethodSignature: ['key', 'method'],
  TSEnumMember: ['id', 'enum member'],
  TSTypeParameter: ['name', 'type parameter'],
}

const functions = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression', 'TSDeclareFunction'])
const scopes = new Set([
  ...functions,
  'Program',
  'BlockStatement',
  'ClassBody',
  'TSInterfaceBody',
  'TSTypeLiteral',
  'ObjectExpression',
  'TSModuleBlock',
  'TSEnumBody',
])
const named = new Set([
  'ClassDeclaration',
  'TSInterfaceDeclaration',
  'TSEnumDeclaration',
  'TSModuleDeclaration',
  'TSTypeAliasDeclaration',
  'FunctionDeclaration',
  'VariableDeclarator',
])

/** `require('x')`, `await import('x')` and `import('x')`, with or without a member picked: what they bind is another file's. */
function bringsModule(init: unknown): boolean {
  if (!isNode(init)) return false
  if (init.type === 'AwaitExpression') return bringsModule(init.argument)
  if (init.type === 'MemberExpression') return bringsModule(init.object)
  if (init.type === 'ImportExpression') return true
  return init.type === 'CallExpression' && nameOf(init.callee) === 'require'
}

/** Every declaration in the file, or only those called `only`. */
export function declarationsIn(file: string, text: string, only?: string): Declaration[] {
  const tree = program(file, text)
  const exportedNames = new Set<string>()
  const found: Declaration[] = []
  const add = (id: Node, kind: string, ancestors: readonly Node[], exported: boolean): void => {
    const name = nameOf(id)
    if (name === null || (only !== undefined && name !== only)) return
    const scope = ancestors.findLast((node) => scopes.has(node.type))
    const owner = ancestors.findLast((node) => named.has(node.type) && node.id !== id && nameOf(node.id) !== null)
    const topLevel = scope?.type === 'Program'
    const start = id.type === 'Literal' ? id.start + 1 : id.start
    found.push({
      name,
      kind,
      container: owner ? nameOf(owner.id) : null,
      exported,
      topLevel,
      start,
      end: start + name.length,
      scopeStart: scope?.start ?? 0,
    })
  }
  walk(tree, (node, ancestors) => {
    const parent = ancestors.at(-1)
    const exported = parent?.type === 'ExportNamedDeclaration' || parent?.type === 'ExportDefaultDeclaration'
    const entry = declares[node.type]
    if (entry && isNode(node[entry[0]])) add(node[entry[0]] as Node, entry[1], ancestors, exported)
    if (node.type === 'VariableDeclarator') {
      const outer = ancestors.at(-2)?.type === 'ExportNamedDeclaration'
      const kind = bringsModule(node.init) ? 'import' : 'variable'
      for (const id of boundBy(node.id)) add(id, kind, ancestors, outer)
    }
    if (functions.has(node.type))
      for (const id of (node.params as unknown[]).flatMap(boundBy)) add(id, 'parameter', [...ancestors, node], false)
    if (node.type === 'CatchClause')
      for (const id of boundBy(node.param)) add(id, 'variable', [...ancestors, node], false)
    if (node.type === 'ExportSpecifier') {
      const local = nameOf(node.local)
      const outside = nameOf(node.exported)
      if (parent && !isNode(parent.source) && local) exportedNames.add(local)
      if (outside !== local && isNode(node.exported)) add(node.exported, 'alias', ancestors, true)
    }
    if (
      node.type === 'Property' &&
      parent?.type === 'ObjectExpression' &&
      node.computed !== true &&
      node.shorthand !== true &&
      isNode(node.key)
    )
      add(node.key, 'property', ancestors, false)
  })
  return found.map((one) => (one.topLevel && exportedNames.has(one.name) ? { ...one, exported: true } : one))
}
