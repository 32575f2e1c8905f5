// Every place where a symbol is used, over all projects of the tree.
import { type EngineName, withEngine } from '../language/with-engine.ts'
import type { Place } from '../report.ts'
import { filesWithWord } from '../tree/find-word.ts'
import { openTree } from '../tree/tree.ts'
import { askEverywhere } from './ask-everywhere.ts'
import { locateSymbol } from './find-symbol.ts'

export type ReferencesRequest = {
  root: string
  symbol: string
  at?: string | undefined
  engine?: EngineName | undefined
}
export type References = { symbol: string; declared: Place; references: (Place & { text: string })[] }

export async function references(request: ReferencesRequest): Promise<References> {
  const tree = openTree(request.root)
  const symbol = locateSymbol(tree, request.symbol, request.at)
  const mentions = filesWithWord(tree.root, tree.codeFiles, symbol.name)
  return withEngine({ root: tree.root, textOf: tree.textOf, only: request.engine }, async (engine) => {
    const found = await askEverywhere(tree, engine, symbol, mentions, async () => {
      const spots = await engine.references(tree.path(symbol.file), symbol.start)
      return Map.groupBy(
        spots.filter((spot) => tree.inside(spot.file) !== null),
        (spot) => tree.inside(spot.file)!,
      )
    })
    const places = [...found].flatMap(([file, spots]) =>
      spots.map((spot) => {
        const place = tree.place(file, spot.start)
        return { ...place, text: tree.line(file, place.line) }
      }),
    )
    const { file, line, column } = symbol
    return {
      symbol: symbol.name,
      declared: { file, line, column },
      references: places.sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line),
    }
  })
}
