// From a name to its declarations, and from what a person wrote to exactly one symbol.
import { Refusal } from '@seatrial/protocol'
import type { Declared } from '../report.ts'
import { type Declaration, declarationsIn } from '../syntax/declarations.ts'
import { filesWithWord, wordOffsets } from '../tree/find-word.ts'
import { isCode } from '../tree/list-files.ts'
import { givenPath, type Tree } from '../tree/tree.ts'

/** `start` is the offset of the name in the text of the file. */
export type Found = Declared & { start: number }

const rank = (one: Declaration): number => {
  if (one.kind === 'import') return 3
  if (one.kind === 'alias') return 2
  return one.topLevel ? 0 : 1
}

/** Declarations of `Name` or `Container.name`, best first; merged declarations of one scope count once. */
export function findSymbols(tree: Tree, query: string, file?: string): (Found & { rank: number })[] {
  const parts = query.split('.')
  const name = parts.at(-1)!
  const container = parts.length > 1 ? parts.at(-2)! : null
  const within = file ? [file] : tree.codeFiles
  const found = filesWithWord(tree.root, within, name).flatMap((one) => {
    const seenScopes = new Set<number>()
    return declarationsIn(one, tree.read(one)!.text, name)
      .filter((declared) => container === null || declared.container === container)
      .filter((declared) => !seenScopes.has(declared.scopeStart) && seenScopes.add(declared.scopeStart))
      .map((declared) => ({
        ...tree.place(one, declared.start),
        name,
        kind: declared.kind,
        container: declared.container,
        exported: declared.exported,
        start: declared.start,
        rank: rank(declared),
      }))
  })
  return found.sort((a, b) => a.rank - b.rank || a.file.localeCompare(b.file) || a.line - b.line)
}

export const asText = (one: Declared): string =>
  `${one.file}:${one.line}:${one.column} ${one.kind}${one.container ? ` in ${one.container}` : ''}${one.exported ? ', exported' : ''}`

/**
 * Exactly one symbol from `Name`, `Class.member`, `file#Name`, or a name with `at` = `file`, `file:line` or
 * `file:line:column`. Refuses with the candidates when there are several.
 */
export function locateSymbol(tree: Tree, query: string, at?: string): Found {
  const [where, wanted] = query.includes('#') && !query.startsWith('#') ? splitAt(query) : [at, query]
  if (!/^[\p{ID_Start}$_#][\p{ID_Continue}$.#]*$/u.test(wanted))
    throw new Refusal('bad_request', `"${wanted}" is not a name; give one like createUser or User.save.`)
  const position = where ? parsePlace(tree, where) : null
  const name = wanted.split('.').at(-1)!
  if (position?.line !== undefined) return atPosition(tree, name, { ...position, line: position.line })
  const found = findSymbols(tree, wanted, position?.file)
  if (found.length === 0) {
    const mentioned = filesWithWord(tree.root, position ? [position.file] : tree.files, name).length
    const hint =
      mentioned > 0
        ? `it is only mentioned in ${mentioned} ${mentioned === 1 ? 'file' : 'files'}`
        : 'the name does not occur'
    throw new Refusal(
      'not_found',
      `Nothing called ${wanted} is declared ${position ? `in ${position.file}` : 'here'}; ${hint}.`,
    )
  }
  const best = found.filter((one) => one.rank === found[0]!.rank)
  if (best.length === 1) return best[0]!
  const listed = best.slice(0, 12).map(asText)
  const more = best.length > 12 ? `; and ${best.length - 12} more` : ''
  throw new Refusal(
    'conflict',
    `${wanted} is declared ${best.length} times; say which with file:line: ${listed.join('; ')}${more}.`,
    { candidates: best.map(({ start: _, rank: __, ...rest }) => rest) },
  )
}

export function splitAt(query: string): [string, string] {
  const cut = query.lastIndexOf('#')
  return [query.slice(0, cut), query.slice(cut + 1)]
}

type Position = { file: string; line?: number; column?: number }

export function parsePlace(tree: Tree, where: string): Position {
  const parts = /^(.*?)(?::(\d+))?(?::(\d+))?$/.exec(where)!
  const file = givenPath(tree, parts[1]!)
  if (!tree.has(file)) throw new Refusal('not_found', `No file ${file} below ${tree.root}.`)
  if (!isCode(file)) throw new Refusal('bad_request', `${file} is not TypeScript or JavaScript.`)
  return { file, ...(parts[2] ? { line: Number(parts[2]) } : {}), ...(parts[3] ? { column: Number(parts[3]) } : {}) }
}

function atPosition(tree: Tree, name: string, at: Position & { line: number }): Found {
  const text = tree.read(at.file)?.text ?? ''
  const onLine = wordOffsets(text, name).filter((offset) => tree.place(at.file, offset).line === at.line)
  const column = at.column
  const hit =
    column === undefined
      ? onLine[0]
      : onLine.find((offset) => {
          const start = tree.place(at.file, offset).column
          return start <= column && column <= start + name.length
        })
  if (hit === undefined) throw new Refusal('not_found', `Line ${at.line} of ${at.file} does not name ${name}.`)
  const declared = declarationsIn(at.file, text, name).find((one) => one.start === hit)
  return {
    ...tree.place(at.file, hit),
    name,
    kind: declared?.kind ?? 'reference',
    container: declared?.container ?? null,
    exported: declared?.exported ?? false,
    start: hit,
  }
}
