// Whether a new name would clash with, capture or be captured by something in a file that a rename edits.
import type { Edit } from '../tree/changes.ts'
import { boundBy, isNode, type Node, nameOf, program, walk } from './parse.ts'

type Scope = { start: number; end: number; names: Map<string, number>; isFunction: boolean }

const functions = new Set(['FunctionDeclaration', 'FunctionExpression', 'ArrowFunctionExpression', 'TSDeclareFunction'])
const opens = new Set([
  ...functions,
  'Program',
  'BlockStatement',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'CatchClause',
  'TSModuleBlock',
  'SwitchStatement',
  'StaticBlock',
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
  'ClassDeclaration',
  'ClassExpression',
  'TSFunctionType',
  'TSMappedType',
])
const outward = new Set([
  'ClassDeclaration',
  'FunctionDeclaration',
  'TSDeclareFunction',
  'TSInterfaceDeclaration',
  'TSTypeAliasDeclaration',
  'TSEnumDeclaration',
  'TSModuleDeclaration',
  'TSImportEqualsDeclaration',
])
const memberKey: Record<string, string> = {
  MethodDefinition: 'key',
  TSAbstractMethodDefinition: 'key',
  PropertyDefinition: 'key',
  TSAbstractPropertyDefinition: 'key',
  AccessorProperty: 'key',
  TSPropertySignature: 'key',
  TSMethodSignature: 'key',
  TSEnumMember: 'id',
  Property: 'key',
}
const bodies = new Set(['ClassBody', 'TSInterfaceBody', 'TSTypeLiteral', 'TSEnumBody'])

/** The offset of the first thing that stands in the way of `newName`, or null. */
export function findCollision(file: string, text: string, edits: Edit[], newName: string): number | null {
  const plain = edits.filter((edit) => edit.text === newName).map((edit) => edit.start)
  if (plain.length === 0) return null
  const tree = program(file, text)
  const spots = new Set(plain)
  const scopes: Scope[] = []
  const around: Scope[] = []
  const references: number[] = []
  const bindingSpots = new Set<number>()
  const memberClashes: number[] = []

  const declare = (id: Node, scope: Scope | undefined): void => {
    const name = nameOf(id)
    if (name === newName && scope && !spots.has(id.start)) scope.names.set(name, id.start)
  }
  walk(tree, (node, ancestors) => {
    while (around.length > 0 && around.at(-1)!.end <= node.start) around.pop()
    const outer = around.findLast((scope) => scope.start <= node.start && scope.end >= node.end)
    if (outward.has(node.type) && isNode(node.id)) declare(node.id, outer)
    if (opens.has(node.type)) {
      const scope = {
        start: node.start,
        end: node.end,
        names: new Map<string, number>(),
        isFunction: functions.has(node.type) || node.type === 'Program',
      }
      scopes.push(scope)
      around.push(scope)
    }
    const inner = around.findLast((scope) => scope.start <= node.start && scope.end >= node.end)
    if (functions.has(node.type)) for (const id of (node.params as unknown[]).flatMap(boundBy)) declare(id, inner)
    if (node.type === 'CatchClause') for (const id of boundBy(node.param)) declare(id, inner)
    if (node.type === 'TSTypeParameter' && isNode(node.name)) declare(node.name as Node, inner)
    if (node.type === 'VariableDeclarator') {
      const hoisted = ancestors.at(-1)?.kind === 'var'
      const scope = hoisted
        ? around.findLast((one) => one.isFunction && one.start <= node.start && one.end >= node.end)
        : inner
      for (const id of boundBy(node.id)) declare(id, scope)
    }
    if (/^Import(?:Default|Namespace)?Specifier$/.test(node.type) && isNode(node.local)) declare(node.local, inner)
    if (bodies.has(node.type)) memberClashes.push(...clashingMembers(node, spots, newName))
    if (/^(?:JSX)?Identifier$/.test(node.type) && isPlainReference(node, ancestors)) {
      if (spots.has(node.start)) bindingSpots.add(node.start)
      else if (node.name === newName) references.push(node.start)
    }
  })
  if (memberClashes.length > 0) return memberClashes[0]!
  for (const spot of bindingSpots) {
    const hit = scopes.find((scope) => scope.start <= spot && scope.end > spot && scope.names.has(newName))
    if (hit) return hit.names.get(newName)!
  }
  if (bindingSpots.size === 0) return null
  const free = references.find(
    (one) => !scopes.some((scope) => scope.names.has(newName) && scope.start <= one && scope.end > one),
  )
  return free ?? null
}

function clashingMembers(body: Node, spots: Set<number>, newName: string): number[] {
  const members = ((body.body ?? body.members) as Node[]).filter((member) => member.type in memberKey)
  const keys = members
    .map((member) => ({ key: member[memberKey[member.type]!], isStatic: member.static === true }))
    .filter((one) => isNode(one.key))
  const renamed = keys.filter((one) => spots.has((one.key as Node).start))
  return keys
    .filter((one) => nameOf(one.key) === newName && renamed.some((other) => other.isStatic === one.isStatic))
    .map((one) => (one.key as Node).start)
}

function isPlainReference(node: Node, ancestors: readonly Node[]): boolean {
  const parent = ancestors.at(-1)
  if (!parent) return false
  if (parent.type === 'MemberExpression') return parent.property !== node || parent.computed === true
  if (parent.type === 'JSXMemberExpression') return parent.property !== node
  if (parent.type === 'JSXAttribute') return false
  if (parent.type === 'TSQualifiedName') return parent.right !== node
  if (parent.type === 'TSImportType') return false
  if (parent.type === 'ImportSpecifier') return parent.local === node || (parent.local as Node).start === node.start
  if (parent.type === 'ExportSpecifier') return parent.local === node && !isNode(ancestors.at(-2)?.source)
  if (parent.type === 'Property') return parent.value === node || parent.shorthand === true
  return !(memberKey[parent.type] !== undefined && parent[memberKey[parent.type]!] === node && parent.computed !== true)
}
