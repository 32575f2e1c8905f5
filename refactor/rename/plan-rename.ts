// Plans a rename: the server's edits, held inside of the tree.
import { Refusal } from '@seatrial/protocol'
import type { Engine } from '../language/engine.ts'
import type { Edit, Edits } from '../tree/changes.ts'
import type { Tree } from '../tree/tree.ts'
import { askEverywhere } from './ask-everywhere.ts'
import type { Found } from './find-symbol.ts'

export type Plan = { symbol: Found; mentions: string[]; to: string; everywhere: boolean }

/**
 * A re-export keeps its public name (`New as Old`), as every TypeScript server has it. With `everywhere` each such name
 * is renamed as well, on and on, until no re-export holds the old one.
 */
export async function planRename(
  tree: Tree,
  engine: Engine,
  { symbol, mentions, to, everywhere }: Plan,
): Promise<Edits> {
  const ask = (file: string, start: number) =>
    askEverywhere(tree, engine, { ...symbol, file, start }, mentions, async () =>
      insideOnly(tree, await engine.rename(tree.path(file), start, to)),
    )
  const edits = await ask(symbol.file, symbol.start)
  const followed = new Set<string>()
  for (
    let next = keptName(edits, symbol.name, to, followed);
    everywhere && next;
    next = keptName(edits, symbol.name, to, followed)
  ) {
    followed.add(`${next.file}:${next.edit.start}`)
    for (const [file, list] of await ask(next.file, next.edit.start))
      for (const edit of list) {
        const known = edits.get(file)?.find((one) => one.start === edit.start)
        if (!known) edits.set(file, [...(edits.get(file) ?? []), edit])
        else if (known.text !== edit.text) known.text = to
      }
  }
  return edits
}

function keptName(edits: Edits, from: string, to: string, followed: Set<string>): { file: string; edit: Edit } | null {
  for (const [file, list] of edits) {
    const edit = list.find((one) => one.text === `${to} as ${from}` && !followed.has(`${file}:${one.start}`))
    if (edit) return { file, edit }
  }
  return null
}

function insideOnly(tree: Tree, found: Map<string, Edit[]>): Edits {
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
        `The rename reaches ${file}, which git ignores; remove that build output or map it to its source first.`,
      )
    edits.set(file, [...(edits.get(file) ?? []), ...list])
  }
  return edits
}
