// Errors in the files that a refactoring touches, and which of them are new.
import type { Diagnostic } from '../report.ts'
import type { Tree } from '../tree/tree.ts'
import type { Engine } from './engine.ts'

/** Complaints about a project's settings, which the server hangs on whichever file it meets first. */
const aboutSettings = new Set([6059])

export async function diagnose(tree: Tree, engine: Engine, paths: string[]): Promise<Diagnostic[]> {
  const found = await Promise.all(
    paths.map(async (path) => {
      const file = tree.inside(path) ?? path
      const errors = (await engine.diagnostics(path)).filter((one) => !aboutSettings.has(one.code))
      return errors.map((one): Diagnostic => ({ file, ...one, message: one.message.split('\n')[0]! }))
    }),
  )
  return found.flat()
}

/**
 * Errors of `files` with `texts` in place of what they say now, and before that, of the files that have errors then: a
 * file without any has no new one, and checking everything twice is most of what a rename costs.
 */
export async function diagnoseChange(
  tree: Tree,
  engine: Engine,
  files: string[],
  texts: Map<string, string>,
): Promise<{ before: Diagnostic[]; after: Diagnostic[]; added: Diagnostic[] }> {
  for (const file of files) await engine.open(tree.path(file), tree.read(file)!.text)
  for (const [file, text] of texts) await engine.change(tree.path(file), text)
  const after = await diagnose(tree, engine, files.map(tree.path))
  const wrong = [...new Set(after.map((one) => one.file))]
  if (wrong.length > 0) for (const file of texts.keys()) await engine.change(tree.path(file), tree.read(file)!.text)
  const before = await diagnose(tree, engine, wrong.map(tree.path))
  return { before, after, added: compareDiagnostics(before, after) }
}

/** Those of `after` beyond the number of the same code in the same file before; `moved` maps old files to new ones. */
export function compareDiagnostics(
  before: Diagnostic[],
  after: Diagnostic[],
  moved = new Map<string, string>(),
): Diagnostic[] {
  const left = new Map<string, number>()
  for (const one of before) {
    const key = `${moved.get(one.file) ?? one.file} ${one.code}`
    left.set(key, (left.get(key) ?? 0) + 1)
  }
  return after.filter((one) => {
    const key = `${one.file} ${one.code}`
    const count = left.get(key) ?? 0
    left.set(key, count - 1)
    return count <= 0
  })
}
