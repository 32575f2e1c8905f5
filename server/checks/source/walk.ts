// Walks a syntax tree without recursion, so that a deep tree cannot exhaust the stack.
import { visitorKeys } from 'oxc-parser'
import type { SyntaxNode } from './parse-source.ts'

/** The child nodes of a node, in source order. */
export function childrenOf(node: SyntaxNode): SyntaxNode[] {
  const children: SyntaxNode[] = []
  for (const key of visitorKeys[node.type] ?? []) {
    const value: unknown = node[key]
    for (const one of Array.isArray(value) ? value : [value]) {
      if (typeof one === 'object' && one !== null && 'type' in one) children.push(one as SyntaxNode)
    }
  }
  return children
}

/** Every node below and including `root`, parents first, with its parents from the outside in. */
export function* walk(root: SyntaxNode): Generator<{ node: SyntaxNode; parents: readonly SyntaxNode[] }> {
  const parents: SyntaxNode[] = []
  const waiting: (SyntaxNode | null)[] = [root]
  while (waiting.length > 0) {
    const node = waiting.pop()
    // A null marks the end of the innermost open node's children.
    if (node === null) parents.pop()
    else if (node) {
      yield { node, parents }
      parents.push(node)
      waiting.push(null, ...childrenOf(node).reverse())
    }
  }
}
