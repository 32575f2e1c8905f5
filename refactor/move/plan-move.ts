// Plans what a move changes in code: our own import graph decides; the language server adds what the graph cannot see.
import { posix } from 'node:path'
import type { Edge, ImportGraph } from '../graph/import-graph.ts'
import type { Engine } from '../language/engine.ts'
import type { Leftover } from '../report.ts'
import { addEdit, type Edit, type Edits } from '../tree/changes.ts'
import { isCode } from '../tree/list-files.ts'
import type { Tree } from '../tree/tree.ts'
import { endingOf, relativeSpecifier } from './endings.ts'
import type { MoveMap } from './move-map.ts'
import { newSpecifier } from './new-specifier.ts'

export type MovePlan = { edits: Edits; leftovers: Leftover[]; notes: string[] }

export function planMove(tree: Tree, graph: ImportGraph, moves: MoveMap): MovePlan {
  const plan: MovePlan = { edits: new Map(), leftovers: [], notes: [] }
  for (const edge of graph.edges) {
    if (!edge.meant) {
      rebase(tree, moves, edge, plan)
      continue
    }
    if (!moves.files.has(edge.from) && !moves.files.has(edge.meant.file)) continue
    const { from: file, specifier, meant } = edge
    const next = newSpecifier({
      tree,
      resolver: graph.resolver,
      moves,
      file,
      specifier: specifier.text,
      meant,
      manner: mannerOf(graph, file),
    })
    if (!next) continue
    addEdit(plan.edits, file, { start: specifier.start, end: specifier.end, text: next.text })
    if (next.reach)
      plan.notes.push(
        `${file} now reaches into another package as ${next.text}; export the file there and depend on that package instead.`,
      )
    if (meant.way === 'package')
      plan.notes.push(`${specifier.text} is now ${next.text}, which users outside of this tree will notice.`)
  }
  return plan
}

/** A relative specifier of a moved file that means nothing we know (built or generated files) keeps its target. */
function rebase(tree: Tree, moves: MoveMap, { from, specifier }: Edge, plan: MovePlan): void {
  if (!moves.files.has(from) || !specifier.text.startsWith('.')) return
  const target = posix.join(posix.dirname(from), specifier.text)
  const next = relativeSpecifier(moves.after(from), moves.after(target))
  if (next === specifier.text || relativeSpecifier(from, target) === next) return
  addEdit(plan.edits, from, { start: specifier.start, end: specifier.end, text: next })
  const place = tree.place(from, specifier.start)
  plan.leftovers.push({ ...place, why: 'unresolved', text: tree.line(from, place.line) })
}

/** How a file writes relative imports: the ending of its first one, else `.js` where a neighbour does so. */
function mannerOf(graph: ImportGraph, file: string): string {
  const own = graph.outOf
    .get(file)
    ?.find((edge) => edge.specifier.text.startsWith('.') && edge.meant && isCode(edge.meant.file))
  if (own) return `x${endingOf(own.specifier.text)}`
  const folder = posix.dirname(file)
  const near = graph.edges.find(
    (edge) =>
      edge.specifier.text.startsWith('.') &&
      edge.from.startsWith(folder.split('/').slice(0, 2).join('/')) &&
      edge.meant &&
      isCode(edge.meant.file),
  )
  return `x${near ? endingOf(near.specifier.text) : ''}`
}

/** Adds the server's edits for spots that the graph has no specifier for. */
export async function addUnseen(
  tree: Tree,
  graph: ImportGraph,
  moves: MoveMap,
  engine: Engine,
  edits: Edits,
): Promise<void> {
  for (const [path, list] of await engine.willMove(tree.path(moves.from), tree.path(moves.to))) {
    const file = tree.inside(path)
    if (file === null || !tree.has(file) || !isCode(file)) continue
    for (const edit of list) if (!isKnown(graph.outOf.get(file) ?? [], edit)) addEdit(edits, file, edit)
  }
}

const isKnown = (edges: Edge[], edit: Edit): boolean =>
  edges.some(({ specifier }) => edit.start <= specifier.end && specifier.start <= edit.end)
