// Moves a file or a folder and mends everything that led to it.
import { type ImportGraph, importGraph } from '../graph/import-graph.ts'
import { compareDiagnostics, diagnose } from '../language/diagnose.ts'
import { type EngineName, withEngine } from '../language/with-engine.ts'
import { onePerProject } from '../rename/ask-everywhere.ts'
import type { Diagnostic, WriteReport } from '../report.ts'
import { countEdits, type Edits, settle } from '../tree/changes.ts'
import { isCode } from '../tree/list-files.ts'
import { openTree, type Tree } from '../tree/tree.ts'
import { writeChanges } from '../tree/write-changes.ts'
import { moveLeftovers } from './leftovers.ts'
import { mendJson } from './mend-json.ts'
import { type MoveMap, moveMap } from './move-map.ts'
import { addUnseen, planMove } from './plan-move.ts'

export type MoveRequest = {
  root: string
  from: string
  to: string
  dryRun?: boolean | undefined
  engine?: EngineName | undefined
}

export async function moveFile(request: MoveRequest): Promise<WriteReport> {
  const tree = openTree(request.root)
  const moves = moveMap(tree, request.from, request.to)
  const graph = importGraph(tree)
  const plan = planMove(tree, graph, moves)
  const touched = touchedFiles(graph, moves, plan.edits)
  const choice = { root: tree.root, textOf: tree.textOf, only: request.engine }

  const before = await withEngine(choice, async (engine) => {
    for (const file of onePerProject(tree, touched)) await engine.open(tree.path(file), tree.read(file)!.text)
    await addUnseen(tree, graph, moves, engine, plan.edits)
    return { name: engine.name, found: await diagnoseAll(tree, engine, touched) }
  })
  const mended = mendJson(tree, graph.resolver, moves)
  for (const [file, list] of mended) plan.edits.set(file, list)
  for (const [file, list] of plan.edits) plan.edits.set(file, settle(file, list))
  const leftovers = [...plan.leftovers, ...moveLeftovers(tree, graph, moves, plan.edits)]

  if (!request.dryRun) writeChanges(tree.root, { edits: plan.edits, moves: moves.files }, tree.seen)
  const after = request.dryRun ? before.found : await diagnoseAfter(request, touched.map(moves.after))
  const report: WriteReport = {
    did: `move ${moves.from} to ${moves.to}`,
    applied: !request.dryRun,
    engine: before.name,
    files: changedFiles(plan.edits, moves),
    edits: countEdits(plan.edits),
    leftovers,
    diagnosticsBefore: before.found,
    diagnosticsAfter: after,
    newDiagnostics: compareDiagnostics(before.found, after, moves.files),
    notes: [
      ...new Set(plan.notes),
      ...(request.dryRun ? ['This is a dry run, so the diagnostics after are those before.'] : []),
    ],
  }
  return report
}

/** The moved files, those edited, and those that reach them through a package.json that is mended. */
function touchedFiles(graph: ImportGraph, moves: MoveMap, edits: Edits): string[] {
  const importers = [...moves.files.keys()].flatMap((file) => (graph.into.get(file) ?? []).map((edge) => edge.from))
  return [...new Set([...moves.files.keys(), ...edits.keys(), ...importers])].filter(isCode)
}

async function diagnoseAll(tree: Tree, engine: Parameters<typeof diagnose>[1], files: string[]): Promise<Diagnostic[]> {
  for (const file of files) await engine.open(tree.path(file), tree.read(file)?.text ?? '')
  return diagnose(tree, engine, files.map(tree.path))
}

async function diagnoseAfter(request: MoveRequest, files: string[]): Promise<Diagnostic[]> {
  const tree = openTree(request.root)
  const choice = { root: tree.root, textOf: tree.textOf, only: request.engine }
  return withEngine(choice, (engine) => diagnoseAll(tree, engine, files))
}

function changedFiles(edits: Edits, moves: MoveMap): WriteReport['files'] {
  const all = new Set([...moves.files.keys(), ...edits.keys()])
  return [...all].sort().map((file) => {
    const movedTo = moves.files.get(file)
    return { file, edits: edits.get(file)?.length ?? 0, ...(movedTo ? { movedTo } : {}) }
  })
}
