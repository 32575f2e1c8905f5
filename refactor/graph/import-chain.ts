// How one file comes to import another, or what a file imports and who imports it.
import { Refusal } from '@seatrial/protocol'
import type { Place } from '../report.ts'
import { isCode } from '../tree/list-files.ts'
import { givenPath, openTree, type Tree } from '../tree/tree.ts'
import { type Edge, type ImportGraph, importGraph } from './import-graph.ts'

export type Link = Place & { specifier: string; to: string | null }
export type ImportChain = {
  from: string
  to: string | null
  /** The shortest way from `from` to `to`; empty when there is none. */
  chain: Link[]
  imports: Link[]
  importers: Link[]
}

/** `to` is a file or a specifier as `from` would write it. */
export function importChain(request: { root: string; from: string; to?: string | undefined }): ImportChain {
  const tree = openTree(request.root)
  const from = givenPath(tree, request.from)
  if (!tree.has(from)) throw new Refusal('not_found', `No file ${from} below ${tree.root}.`)
  const graph = importGraph(tree)
  const asLink = (edge: Edge): Link => ({
    ...tree.place(edge.from, edge.specifier.start),
    specifier: edge.specifier.text,
    to: edge.meant?.file ?? null,
  })
  const to = request.to === undefined ? null : targetOf(tree, graph, from, request.to)
  return {
    from,
    to,
    chain: to === null ? [] : shortest(graph, from, to).map(asLink),
    imports: (graph.outOf.get(from) ?? []).map(asLink),
    importers: (graph.into.get(from) ?? []).map(asLink),
  }
}

function targetOf(tree: Tree, graph: ImportGraph, from: string, given: string): string {
  const meant = isCode(from) ? graph.resolver.resolve(from, given) : null
  if (meant) return meant.file
  const file = /^[@#]/.test(given) ? null : givenPath(tree, given)
  if (file && tree.has(file)) return file
  throw new Refusal(
    'not_found',
    `${given} is neither a file below ${tree.root} nor something ${from} could import from this tree.`,
  )
}

function shortest(graph: ImportGraph, from: string, to: string): Edge[] {
  const cameBy = new Map<string, Edge | null>([[from, null]])
  const queue = [from]
  for (const file of queue) {
    if (file === to) break
    for (const edge of graph.outOf.get(file) ?? []) {
      if (!edge.meant || cameBy.has(edge.meant.file)) continue
      cameBy.set(edge.meant.file, edge)
      queue.push(edge.meant.file)
    }
  }
  const chain: Edge[] = []
  for (let edge = cameBy.get(to) ?? null; edge; edge = cameBy.get(edge.from) ?? null) chain.unshift(edge)
  return chain
}
