// Who imports whom: every specifier of every source file with the file it means.
import { type Specifier, specifiersIn } from '../syntax/specifiers.ts'
import type { Tree } from '../tree/tree.ts'
import { makeResolver, type Resolved, type Resolver } from './resolve.ts'

export type Edge = { from: string; specifier: Specifier; meant: Resolved | null }
export type ImportGraph = { resolver: Resolver; edges: Edge[]; outOf: Map<string, Edge[]>; into: Map<string, Edge[]> }

export function importGraph(tree: Tree): ImportGraph {
  const resolver = makeResolver(tree)
  const outOf = new Map<string, Edge[]>()
  const into = new Map<string, Edge[]>()
  for (const from of tree.codeFiles) {
    const text = tree.read(from)?.text
    if (text === undefined) continue
    const edges = specifiersIn(from, text).map(
      (specifier): Edge => ({ from, specifier, meant: resolver.resolve(from, specifier.text) }),
    )
    outOf.set(from, edges)
    for (const edge of edges) {
      if (!edge.meant) continue
      const list = into.get(edge.meant.file)
      if (list) list.push(edge)
      else into.set(edge.meant.file, [edge])
    }
  }
  return { resolver, edges: [...outOf.values()].flat(), outOf, into }
}
