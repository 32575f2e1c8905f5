// Errors of some files, or of every file, as the language server sees them now; `verify` asks the repository's own TypeScript.
import { Refusal } from '@seatrial/protocol'
import { diagnose } from './language/diagnose.ts'
import { type EngineName, withEngine } from './language/with-engine.ts'
import type { Diagnostic } from './report.ts'
import { isCode } from './tree/list-files.ts'
import { givenPath, openTree } from './tree/tree.ts'

export type DiagnosticsRequest = { root: string; files?: string[] | undefined; engine?: EngineName | undefined }

export async function diagnostics(
  request: DiagnosticsRequest,
): Promise<{ engine: string; files: number; diagnostics: Diagnostic[] }> {
  const tree = openTree(request.root)
  const files = request.files?.length
    ? request.files.flatMap((given) => {
        const path = givenPath(tree, given)
        const below = tree.codeFiles.filter((file) => file === path || file.startsWith(`${path}/`))
        if (below.length === 0) throw new Refusal('not_found', `No TypeScript or JavaScript at ${given}.`)
        return below
      })
    : tree.codeFiles
  return withEngine({ root: tree.root, textOf: tree.textOf, only: request.engine }, async (engine) => {
    for (const file of files) await engine.open(tree.path(file), tree.read(file)?.text ?? '')
    return {
      engine: engine.name,
      files: files.length,
      diagnostics: await diagnose(tree, engine, files.filter(isCode).map(tree.path)),
    }
  })
}
