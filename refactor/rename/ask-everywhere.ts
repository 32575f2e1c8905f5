// Asks a language server with every project loaded that mentions a name.
import { nearestConfig } from '../graph/tsconfig.ts'
import type { Engine } from '../language/engine.ts'
import { couldMeanOutside } from '../syntax/outside.ts'
import { wordOffsets } from '../tree/find-word.ts'
import type { Tree } from '../tree/tree.ts'
import type { Found } from './find-symbol.ts'

const maxRounds = 4
type Answer<T extends { start: number }> = Map<string, T[]>

/**
 * A server answers only from the projects it has loaded and calls that success. So one file of each project that
 * mentions the name is opened first; then every file where code still holds the name is opened and the question is
 * asked again, until nothing new comes up.
 */
export async function askEverywhere<T extends { start: number }>(
  tree: Tree,
  engine: Engine,
  symbol: Found,
  mentions: string[],
  ask: () => Promise<Answer<T>>,
): Promise<Answer<T>> {
  const opened = new Set<string>()
  const open = async (files: string[]): Promise<void> => {
    for (const file of files) {
      if (opened.has(file)) continue
      opened.add(file)
      await engine.open(tree.path(file), tree.read(file)!.text)
    }
  }
  await open([symbol.file, ...onePerProject(tree, mentions)])
  let answer = await ask()
  for (let round = 1; round < maxRounds; round++) {
    const missed = mentions.filter((file) => !opened.has(file) && hasUncoveredCode(tree, file, symbol.name, answer))
    if (missed.length === 0) return answer
    await open(missed)
    answer = await ask()
  }
  return answer
}

export function onePerProject(tree: Tree, files: string[]): string[] {
  const first = new Map<string, string>()
  for (const file of files) {
    const key = nearestConfig(tree, file) ?? file
    if (!first.has(key)) first.set(key, file)
  }
  return [...first.values()]
}

/** Whether code in the file mentions the name where the server has not looked yet and where the symbol could be meant. */
function hasUncoveredCode<T extends { start: number }>(
  tree: Tree,
  file: string,
  name: string,
  answer: Answer<T>,
): boolean {
  const covered = new Set(answer.get(file)?.map((one) => one.start))
  const text = tree.read(file)!.text
  const rest = wordOffsets(text, name).filter((offset) => !covered.has(offset))
  return rest.length > 0 && couldMeanOutside(file, text, name, rest)
}
