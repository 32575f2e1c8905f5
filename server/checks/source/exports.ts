// What a module exports, in as much detail as its text shows: parameters, members, required or optional.

import type { Source, SyntaxNode } from './parse-source.ts'
import { childrenOf } from './walk.ts'

export interface Param {
  name: string
  required: boolean
  rest: boolean
  type: string
}
export interface Member {
  required: boolean
  type: string
  params: Param[] | null
}
export interface Exported {
  kind: 'function' | 'class' | 'type' | 'enum' | 'value' | 'namespace'
  line: number
  /** One list per overload; null where the text does not show parameters. */
  params: Param[][] | null
  returns: string
  members: Record<string, Member> | null
  /** `interface` and object types: implementers must supply every required member. */
  shape: boolean
}
/** A name that comes from another module: `export { local as name } from specifier`, or all of it for `*`. */
export interface ReExport {
  name: string
  local: string
  specifier: string
}
export interface Surface {
  names: Map<string, Exported>
  from: ReExport[]
}

export function exportsOf(source: Source): Surface {
  const names = new Map<string, Exported>()
  const from: ReExport[] = []
  const local = new Map<string, Exported>()
  const imported = new Map<string, { specifier: string; name: string }>()
  const body: SyntaxNode[] = source.program.body as SyntaxNode[]
  const declare = (node: SyntaxNode | null | undefined): string[] => {
    const found = node ? describe(source, node) : []
    for (const [name, one] of found) {
      const before = local.get(name)
      const overload = before?.params && one.params && before.kind === 'function' && one.kind === 'function'
      // With overloads, the implementation's own signature is not part of the surface.
      if (overload && node?.type === 'FunctionDeclaration') continue
      local.set(name, overload ? { ...before, params: [...(before.params ?? []), ...(one.params ?? [])] } : one)
    }
    return found.map(([name]) => name)
  }
  for (const node of body) {
    if (node.type === 'ImportDeclaration') {
      for (const one of node.specifiers ?? []) {
        const name =
          one.type === 'ImportSpecifier'
            ? nameOf(one.imported)
            : one.type === 'ImportDefaultSpecifier'
              ? 'default'
              : '*'
        imported.set(one.local.name, { specifier: node.source.value, name })
      }
    } else if (!node.type.startsWith('Export')) declare(node)
  }
  const expose = (name: string, as: string, line: number): void => {
    const elsewhere = imported.get(name)
    const here = local.get(name)
    if (here) names.set(as, here)
    else if (elsewhere) from.push({ name: as, local: elsewhere.name, specifier: elsewhere.specifier })
    else names.set(as, { ...unknownValue, line })
  }
  for (const node of body) {
    const line = source.lineAt(node.start)
    if (node.type === 'ExportAllDeclaration') {
      from.push({ name: node.exported ? nameOf(node.exported) : '*', local: '*', specifier: node.source.value })
    } else if (node.type === 'ExportNamedDeclaration') {
      for (const name of declare(node.declaration)) names.set(name, local.get(name) ?? { ...unknownValue, line })
      for (const one of node.specifiers ?? []) {
        const name = nameOf(one.exported)
        if (node.source) from.push({ name, local: nameOf(one.local), specifier: node.source.value })
        else expose(nameOf(one.local), name, line)
      }
    } else if (node.type === 'ExportDefaultDeclaration') {
      const inner: SyntaxNode = node.declaration
      if (inner.type === 'Identifier') expose(inner.name, 'default', line)
      else names.set('default', describe(source, inner)[0]?.[1] ?? ofValue(source, inner))
    } else if (node.type === 'TSExportAssignment') names.set('export=', { ...unknownValue, line })
    else if (node.type === 'ExpressionStatement') readCommonJs(source, node.expression, names, local)
  }
  return { names, from }
}

const unknownValue: Exported = { kind: 'value', line: 1, params: null, returns: '', members: null, shape: false }
const nameOf = (node: SyntaxNode): string => (node.type === 'Literal' ? String(node.value) : node.name)

/** `module.exports = { a, b }`, `module.exports.a = ...`, `exports.a = ...`. */
function readCommonJs(
  source: Source,
  node: SyntaxNode,
  names: Map<string, Exported>,
  local: Map<string, Exported>,
): void {
  if (node.type !== 'AssignmentExpression') return
  const target = source.slice(node.left)
  const one = /^(?:module\.)?exports\.(\w+)$/.exec(target)?.[1]
  const exposed = (value: SyntaxNode): Exported =>
    (value.type === 'Identifier' ? local.get(value.name) : undefined) ?? ofValue(source, value)
  if (one) names.set(one, exposed(node.right))
  if (target !== 'module.exports') return
  if (node.right.type !== 'ObjectExpression') {
    names.set('default', exposed(node.right))
    return
  }
  for (const property of node.right.properties) {
    if (property.type === 'Property' && !property.computed) names.set(nameOf(property.key), exposed(property.value))
  }
}

/** Names that a declaration brings, each with its description. */
function describe(source: Source, node: SyntaxNode): [string, Exported][] {
  const line = source.lineAt(node.start)
  const base: Exported = { ...unknownValue, line }
  const name: string = node.id?.name ?? 'default'
  switch (node.type) {
    case 'FunctionDeclaration':
    case 'TSDeclareFunction':
    case 'FunctionExpression':
    case 'ArrowFunctionExpression':
      return [[name, { ...ofFunction(source, node), line }]]
    case 'ClassDeclaration':
    case 'ClassExpression':
      return [
        [
          name,
          {
            ...base,
            kind: 'class',
            members: membersOf(source, node.body?.body ?? []),
            params: constructorOf(source, node),
          },
        ],
      ]
    case 'TSInterfaceDeclaration':
      return [[name, { ...base, kind: 'type', shape: true, members: membersOf(source, node.body?.body ?? []) }]]
    case 'TSTypeAliasDeclaration': {
      const literal = node.typeAnnotation?.type === 'TSTypeLiteral'
      const members = literal ? membersOf(source, node.typeAnnotation.members) : null
      return [
        [
          name,
          { ...base, kind: 'type', shape: literal, members, returns: literal ? '' : flat(source, node.typeAnnotation) },
        ],
      ]
    }
    case 'TSEnumDeclaration': {
      const members: SyntaxNode[] = node.body?.members ?? node.members ?? []
      const named = members.map((one) => [nameOf(one.id), { required: false, type: '', params: null }])
      return [[name, { ...base, kind: 'enum', members: Object.fromEntries(named) }]]
    }
    case 'TSModuleDeclaration':
      return [[name, { ...base, kind: 'namespace' }]]
    case 'VariableDeclaration':
      return (node.declarations as SyntaxNode[]).flatMap((one) => ofDeclarator(source, one))
    default:
      return []
  }
}

function ofDeclarator(source: Source, node: SyntaxNode): [string, Exported][] {
  if (node.id.type !== 'Identifier') {
    return bindingsOf(node.id).map((name) => [name, { ...unknownValue, line: source.lineAt(node.start) }])
  }
  const value = node.init ? ofValue(source, node.init) : { ...unknownValue, line: source.lineAt(node.start) }
  const annotation = node.id.typeAnnotation?.typeAnnotation
  return [
    [node.id.name, annotation && value.kind === 'value' ? { ...value, returns: flat(source, annotation) } : value],
  ]
}

function bindingsOf(pattern: SyntaxNode): string[] {
  if (pattern.type === 'Identifier') return [pattern.name]
  if (pattern.type === 'Property') return bindingsOf(pattern.value)
  if (pattern.type === 'AssignmentPattern') return bindingsOf(pattern.left)
  return childrenOf(pattern).flatMap(bindingsOf)
}

function ofValue(source: Source, node: SyntaxNode): Exported {
  const line = source.lineAt(node.start)
  if (/Function/.test(node.type)) return { ...ofFunction(source, node), line }
  if (node.type === 'ClassExpression') return { ...(describe(source, node)[0]?.[1] ?? unknownValue), line }
  return { ...unknownValue, line }
}

const ofFunction = (source: Source, node: SyntaxNode): Exported => ({
  ...unknownValue,
  kind: 'function',
  params: [paramsOf(source, node.params ?? [])],
  returns: node.returnType ? flat(source, node.returnType.typeAnnotation) : '',
})

function paramsOf(source: Source, params: SyntaxNode[]): Param[] {
  return params.flatMap((raw) => {
    const node: SyntaxNode = raw.type === 'TSParameterProperty' ? raw.parameter : raw
    const rest = node.type === 'RestElement'
    const inner: SyntaxNode = node.type === 'AssignmentPattern' ? node.left : rest ? node.argument : node
    if (inner.name === 'this') return []
    const annotation = (node.typeAnnotation ?? inner.typeAnnotation)?.typeAnnotation
    const required = !rest && node.type !== 'AssignmentPattern' && !inner.optional
    return [{ name: inner.name ?? '{}', required, rest, type: annotation ? flat(source, annotation) : '' }]
  })
}

function constructorOf(source: Source, node: SyntaxNode): Param[][] | null {
  const found = (node.body?.body ?? []).filter((one: SyntaxNode) => one.kind === 'constructor')
  return found.length > 0 ? found.map((one: SyntaxNode) => paramsOf(source, one.value?.params ?? [])) : null
}

function membersOf(source: Source, nodes: SyntaxNode[]): Record<string, Member> {
  const members: Record<string, Member> = {}
  for (const node of nodes) {
    if (!node.key || node.computed || node.key.type === 'PrivateIdentifier' || node.kind === 'constructor') continue
    if (node.accessibility === 'private' || node.accessibility === 'protected') continue
    const params = node.value?.params ?? (node.type === 'TSMethodSignature' ? node.params : null)
    members[nameOf(node.key)] = {
      required: !node.optional,
      type: node.typeAnnotation ? flat(source, node.typeAnnotation.typeAnnotation) : '',
      params: params ? paramsOf(source, params) : null,
    }
  }
  return members
}

const flat = (source: Source, node: SyntaxNode): string =>
  source.slice(node).replace(/\s+/g, ' ').replace(/;\s*}/g, ' }')
