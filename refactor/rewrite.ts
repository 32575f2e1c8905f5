// Structural rewrite by an ast-grep pattern: `console.log($A)` to `log.info($A)`, in every file or below one folder.
import { Lang, parse, type SgNode } from '@ast-grep/napi'
import { Refusal } from '@seatrial/protocol'
import { diagnoseChange } from './language/diagnose.ts'
import { type EngineName, withEngine } from './language/with-engine.ts'
import type { WriteReport } from './report.ts'
import { applyEdits, countEdits, type Edit, type Edits } from './tree/changes.ts'
import { givenPath, openTree } from './tree/tree.ts'
import { writeChanges } from './tree/write-changes.ts'

export type RewriteRequest = {
  root: string
  pattern: string
  replacement: string
  /** A file or folder to stay within. */
  within?: string | undefined
  dryRun?: boolean | undefined
  engine?: EngineName | undefined
}

const variable = /\$\$\$([A-Z_][A-Z0-9_]*)|\$([A-Z_][A-Z0-9_]*)/g
const languageOf = (file: string): Lang => (/\.[jt]sx$|\.[cm]?js$/.test(file) ? Lang.Tsx : Lang.TypeScript)

export async function rewrite(request: RewriteRequest): Promise<WriteReport> {
  const { pattern, replacement } = request
  if (pattern.trim() === '') throw new Refusal('bad_request', 'The pattern is empty; give code like foo($A).')
  const unbound = unboundVariables(pattern, replacement)
  if (unbound.length > 0)
    throw new Refusal('bad_request', `The replacement uses ${unbound.join(', ')}, which the pattern does not have.`)
  checkPattern(pattern)
  const tree = openTree(request.root)
  const within = request.within ? givenPath(tree, request.within) : null
  const files = tree.codeFiles.filter((file) => within === null || file === within || file.startsWith(`${within}/`))
  if (files.length === 0)
    throw new Refusal('not_found', `No TypeScript or JavaScript below ${request.within ?? tree.root}.`)

  const edits: Edits = new Map()
  for (const file of files) {
    const text = tree.read(file)?.text
    const found = text === undefined ? [] : editsIn(text, languageOf(file), pattern, replacement)
    if (found.length > 0) edits.set(file, found)
  }
  if (edits.size === 0) throw new Refusal('not_found', `Nothing matches ${pattern} in ${files.length} files.`)
  const texts = new Map([...edits].map(([file, list]) => [file, applyEdits(file, tree.read(file)!.text, list)]))

  return withEngine({ root: tree.root, textOf: tree.textOf, only: request.engine }, async (engine) => {
    const { before, after, added } = await diagnoseChange(tree, engine, [...edits.keys()], texts)
    if (!request.dryRun) writeChanges(tree.root, { edits, moves: new Map() }, tree.seen)
    return {
      did: `rewrite ${pattern} to ${replacement}`,
      applied: !request.dryRun,
      engine: `ast-grep, checked by ${engine.name}`,
      files: [...edits].map(([file, list]) => ({ file, edits: list.length })),
      edits: countEdits(edits),
      leftovers: [],
      diagnosticsBefore: before,
      diagnosticsAfter: after,
      newDiagnostics: added,
      notes: [],
    }
  })
}

function checkPattern(pattern: string): void {
  try {
    parse(Lang.Tsx, '').root().findAll(pattern)
  } catch (error) {
    throw new Refusal('bad_request', `"${pattern}" is not a pattern: ${(error as Error).message.split('\n')[0]}.`)
  }
}

const names = (text: string): string[] => [...text.matchAll(variable)].map((match) => match[0])
const unboundVariables = (pattern: string, replacement: string): string[] => {
  const bound = new Set(names(pattern))
  return names(replacement).filter((name) => !bound.has(name))
}

/** Outermost matches only; a match inside another one is left for a second run. */
function editsIn(text: string, language: Lang, pattern: string, replacement: string): Edit[] {
  const edits: Edit[] = []
  for (const match of parse(language, text).root().findAll(pattern)) {
    const { start, end } = match.range()
    if (edits.some((edit) => start.index < edit.end)) continue
    edits.push({ start: start.index, end: end.index, text: fill(match, text, replacement) })
  }
  return edits.filter((edit) => text.slice(edit.start, edit.end) !== edit.text)
}

function fill(match: SgNode, text: string, replacement: string): string {
  return replacement.replace(variable, (_, many: string | undefined, one: string | undefined) => {
    if (one !== undefined) return match.getMatch(one)?.text() ?? ''
    const nodes = match.getMultipleMatches(many!)
    const [first, last] = [nodes[0], nodes.at(-1)]
    return first && last ? text.slice(first.range().start.index, last.range().end.index) : ''
  })
}
