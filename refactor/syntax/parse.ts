// Parses TypeScript and JavaScript and walks the tree with the ancestors at hand.
import { type ParseResult, parseSync } from 'oxc-parser'

/** Any node of the tree; fields are read by name, so that one walker serves all kinds. */
export type Node = { type: string; start: number; end: number; [field: string]: unknown }
export type Visit = (node: Node, ancestors: readonly Node[]) => void

export const parse = (file: string, text: string): ParseResult => parseSync(file, text)

export const isNode = (value: unknown): value is Node =>
  typeof value === 'object' && value !== null && typeof (value as Node).type === 'string'

export function walk(root: unknown, visit: Visit, ancestors: Node[] = []): void {
  if (Array.isArray(root)) {
    for (const item of root) walk(item, visit, ancestors)
    return
  }
  if (!isNode(root)) return
  visit(root, ancestors)
  ancestors.push(root)
  for (const field in root) {
    const value = root[field]
    if (typeof value === 'object' && value !== null) walk(value, visit, ancestors)
  }
  ancestors.pop()
}

export const program = (file: string, text: string): Node => parse(file, text).program as unknown as Node

/** The identifiers that a pattern binds: `{ a, b: [c] }` binds a and c. */
export function boundBy(pattern: unknown): Node[] {
  if (!isNode(pattern)) return []
  const inner: Record<string, (node: Node) => unknown[]> = {
    Identifier: () => [],
    ObjectPattern: (node) => node.properties as unknown[],
    ArrayPattern: (node) => node.elements as unknown[],
    Property: (node) => [node.value],
    AssignmentPattern: (node) => [node.left],
    RestElement: (node) => [node.argument],
    TSParameterProperty: (node) => [node.parameter],
  }
  if (pattern.type === 'Identifier') return [pattern]
  return (inner[pattern.type]?.(pattern) ?? []).flatMap(boundBy)
}

export const nameOf = (node: unknown): string | null => {
  if (!isNode(node)) return null
  if (typeof node.name === 'string') return node.name
  return node.type === 'Literal' && typeof node.value === 'string' ? node.value : null
}
