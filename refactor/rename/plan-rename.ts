// Plans a rename on a language server that has every project loaded which mentions the name.
import { Refusal } from '@seatrial/protocol'
import { nearestConfig } from '../graph/tsconfig.ts'
import type { Engine } from '../language/engine.ts'
import { classify } from '../syntax/classify.ts'
import type { Edits } from '../tree/changes.ts'
import { wordOffsets } from '../tree/find-word.ts'
import type { Tree } from '../tree/tree.ts'
import type { Found } from './find-symbol.ts'

const maxRounds = 4

/**
 * A server answers only from the projects it has loaded and calls that success. So one file of each project that
 * mentions the name is opened first; then every file where code still holds the name is opened and the question is
 * asked again, until nothing new comes up.
 */
export async function planRename(
  tree: Tree,
  engine: Engine,
  symbol: Found,
  mentions: string[],
  newName: string,
): Promise<Edits> {
  const opened = new Set<string>()
  const open = async (files: string[]): Promise<void> => {
    for (const file of files) {
      if (opened.has(file)) continue
      opened.add(file)
      await engine.open(tree.path(file), tree.read(file)!.text)
    }
  }
  await open([symbol.file, ...onePerProject(tree, mentions)])
  let edits: Edits = new Map()
  for (let round = 0; round < maxRounds; round++) {
    edits = insideOnly(tree, await engine.rename(tree.path(symbol.file), symbol.start, newName))
    const missed = mentions.filter((file) => !opened.has(file) && hasUneditedCode(tree, file, symbol.name, edits))
    if (missed.length === 0) return edits
    await open(missed)
  }
  return edits
}

export function onePerProject(tree: Tree, files: string[]): string[] {
  const first = new Map<string, string>()
  for (const file of files) {
    const key = nearestConfig(tree, file) ?? file
    if (!first.has(key)) first.set(key, file)
  }
  return [...first.values()]
}

function hasUneditedCode(tree: Tree, file: string, name: string, edits: Edits): boolean {
  const edited = new Set(edits.get(file)?.map((edit) => edit.start))
  const text = tree.read(file)!.text
  const rest = wordOffsets(text, name).filter((offset) => !edited.has(offset))
  if (rest.length === 0) return false
  const why = classify(file, text)
  return rest.some((offset) => why(offset) === 'code')
}

function insideOnly(tree: Tree, found: Map<string, { start: number; end: number; text: string }[]>): Edits {
  const edits: Edits = new Map()
  for (const [path, list] of found) {
    const file = tree.inside(path)
    if (file === null || file.split('/').includes('node_modules'))
      throw new Refusal(
        'forbidden',
        `The name is also declared in ${path}, which is not part of this tree, so it cannot be renamed here.`,
      )
    if (!tree.has(file))
      throw new Refusal(
        'conflict',
        `The rename reaches ${file}, which git ignores; build output in the way must be removed or mapped to its source first.`,
      )
    edits.set(file, [...(edits.get(file) ?? []), ...list])
  }
  return edits
}
