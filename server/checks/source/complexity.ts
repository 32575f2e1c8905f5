// Cognitive complexity of each function: what makes a reader stop, weighted by how deep it is nested.
import type { Source, SyntaxNode } from './parse-source.ts'
import { walk } from './walk.ts'

export interface MeasuredFunction {
  name: string
  line: number
  endLine: number
  complexity: number
}

const nests = new Set([
  'IfStatement',
  'ForStatement',
  'ForInStatement',
  'ForOfStatement',
  'WhileStatement',
  'DoWhileStatement',
  'SwitchStatement',
  'CatchClause',
  'ConditionalExpression',
])
const isFunction = (node: SyntaxNode): boolean =>
  /^(?:FunctionDeclaration|FunctionExpression|ArrowFunctionExpression)$/.test(node.type)

/** Functions nested in another count towards the outer one, one level deeper, as people read them. */
export function measureComplexity(source: Source): MeasuredFunction[] {
  const found = new Map<SyntaxNode, MeasuredFunction>()
  for (const { node, parents } of walk(source.program)) {
    const outer = parents.find(isFunction)
    if (isFunction(node) && !outer) {
      found.set(node, {
        name: nameOf(node, parents),
        line: source.lineAt(node.start),
        endLine: source.lineAt(node.end),
        complexity: 0,
      })
    }
    const owner = outer && found.get(outer)
    if (owner) owner.complexity += costOf(node, parents.slice(parents.indexOf(outer) + 1))
  }
  return [...found.values()]
}

/** What one node adds: one, and one more per level of nesting; `else`, jumps to labels and runs of `&&` add one flat. */
function costOf(node: SyntaxNode, inside: SyntaxNode[]): number {
  const parent = inside.at(-1)
  const isElseIf = node.type === 'IfStatement' && parent?.type === 'IfStatement' && parent.alternate === node
  const plainElse = node.type === 'IfStatement' && node.alternate && node.alternate.type !== 'IfStatement' ? 1 : 0
  if (isElseIf) return 1 + plainElse
  if (nests.has(node.type)) {
    const depth = inside.filter(
      (one, at) => isFunction(one) || (nests.has(one.type) && !isChainedElse(one, inside[at - 1])),
    ).length
    return 1 + depth + plainElse
  }
  if (node.type === 'LogicalExpression' && node.operator !== '??') {
    return parent?.type === 'LogicalExpression' && parent.operator === node.operator ? 0 : 1
  }
  return (node.type === 'BreakStatement' || node.type === 'ContinueStatement') && node.label ? 1 : 0
}

const isChainedElse = (node: SyntaxNode, parent: SyntaxNode | undefined): boolean =>
  node.type === 'IfStatement' && parent?.type === 'IfStatement' && parent.alternate === node

function nameOf(node: SyntaxNode, parents: readonly SyntaxNode[]): string {
  const parent = parents.at(-1)
  const named = node.id ?? parent?.id ?? parent?.key
  const owner = parents.findLast((one) => one.type === 'ClassDeclaration')?.id?.name
  const own = named?.name ?? named?.value ?? 'anonymous'
  return owner ? `${owner}.${own}` : own
}
