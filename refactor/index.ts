// Semantic refactoring of TypeScript and JavaScript as a library. Refusals are thrown, results are values.

import { findSymbols, splitAt } from './rename/find-symbol.ts'
import type { Declared } from './report.ts'
import { givenPath, openTree } from './tree/tree.ts'

export { diagnostics } from './diagnostics.ts'
export { importChain } from './graph/import-chain.ts'
export { moveFile } from './move/move-file.ts'
export { references } from './rename/references.ts'
export { renameSymbol } from './rename/rename-symbol.ts'
export type { Diagnostic, EditedFile, Leftover, Place, WriteReport } from './report.ts'
export { rewrite } from './rewrite.ts'
export { cleanCopy } from './verify/clean-copy.ts'
export { type Verification, verify } from './verify/verify.ts'

/** Declarations of `Name` or `Container.name`, the likeliest first. */
export function findSymbol(request: { root: string; symbol: string; file?: string | undefined }): Declared[] {
  const tree = openTree(request.root)
  const [where, name] =
    request.symbol.includes('#') && !request.symbol.startsWith('#')
      ? splitAt(request.symbol)
      : [request.file, request.symbol]
  const file = where === undefined ? undefined : givenPath(tree, where)
  return findSymbols(tree, name, file).map(({ start: _, rank: __, ...one }) => one)
}
