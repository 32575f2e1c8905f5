// Renames a symbol everywhere it is meant, or refuses and touches nothing.
import { Refusal } from '@seatrial/protocol'
import { barrelsOver } from '../graph/barrels.ts'
import { diagnoseChange } from '../language/diagnose.ts'
import { type EngineName, withEngine } from '../language/with-engine.ts'
import type { WriteReport } from '../report.ts'
import { findCollision } from '../syntax/collisions.ts'
import { applyEdits, countEdits, type Edits, settle } from '../tree/changes.ts'
import { filesWithWord } from '../tree/find-word.ts'
import { openTree, type Tree } from '../tree/tree.ts'
import { writeChanges } from '../tree/write-changes.ts'
import { locateSymbol } from './find-symbol.ts'
import { renameLeftovers } from './leftovers.ts'
import { isName } from './names.ts'
import { planRename } from './plan-rename.ts'
import { followRequires } from './through-requires.ts'

export type RenameRequest = {
  root: string
  /** `Name`, `Class.member` or `file#Name`. */
  symbol: string
  to: string
  /** `file`, `file:line` or `file:line:column`, for a name that is declared more than once. */
  at?: string | undefined
  /** Also rename what re-exports call it; without it they keep the public name. */
  everywhere?: boolean | undefined
  dryRun?: boolean | undefined
  engine?: EngineName | undefined
}

/** Codes that mean two things now share a name: such a rename is refused before anything is written. */
const clashCodes = new Set([2300, 2308, 2323, 2395, 2440, 2451, 2484, 2528, 2813, 2814])

export async function renameSymbol(request: RenameRequest): Promise<WriteReport> {
  const { to } = request
  if (!isName(to)) throw new Refusal('bad_request', `"${to}" cannot be a name in TypeScript or JavaScript.`)
  const tree = openTree(request.root)
  const symbol = locateSymbol(tree, request.symbol, request.at)
  if (symbol.name === to) throw new Refusal('bad_request', `${to} is already called that.`)
  const mentions = filesWithWord(tree.root, tree.codeFiles, symbol.name)
  const choice = { root: tree.root, textOf: tree.textOf, only: request.engine }

  return withEngine(choice, async (engine) => {
    const edits = await planRename(tree, engine, { symbol, mentions, to, everywhere: request.everywhere ?? false })
    followRequires(tree, edits, mentions, symbol.name, to)
    for (const [file, list] of edits) edits.set(file, settle(file, list))
    if (countEdits(edits) === 0)
      throw new Refusal('unprocessable', `${symbol.name} at ${symbol.file}:${symbol.line} cannot be renamed.`)
    refuseCollision(tree, edits, symbol.name, to)

    const looked = [...new Set([...edits.keys(), ...barrelsOver(tree, symbol.file)])]
    const texts = new Map([...edits].map(([file, list]) => [file, applyEdits(file, tree.read(file)!.text, list)]))
    const { before, after, added } = await diagnoseChange(tree, engine, looked, texts)
    const clash = added.find((one) => clashCodes.has(one.code))
    if (clash)
      throw new Refusal(
        'conflict',
        `${to} is taken: ${clash.file}:${clash.line} would say "${clash.message}"; nothing was changed.`,
      )

    if (!request.dryRun) writeChanges(tree.root, { edits, moves: new Map() }, tree.seen)
    return {
      did: `rename ${symbol.container ? `${symbol.container}.` : ''}${symbol.name} to ${to}`,
      applied: !request.dryRun,
      engine: engine.name,
      files: [...edits].map(([file, list]) => ({ file, edits: list.length })),
      edits: countEdits(edits),
      leftovers: renameLeftovers(tree, symbol.name, edits),
      diagnosticsBefore: before,
      diagnosticsAfter: after,
      newDiagnostics: added,
      notes: [],
    }
  })
}

function refuseCollision(tree: Tree, edits: Edits, from: string, to: string): void {
  for (const [file, list] of edits) {
    const hit = findCollision(file, tree.read(file)!.text, list, to)
    if (hit === null) continue
    const { line } = tree.place(file, hit)
    throw new Refusal(
      'conflict',
      `${to} already means something at ${file}:${line}, where ${from} is used; nothing was changed.`,
    )
  }
}
