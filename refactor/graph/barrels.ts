// The files that pass on everything a file exports, directly or through one another.
import { specifiersIn } from '../syntax/specifiers.ts'
import type { Tree } from '../tree/tree.ts'
import { makeResolver } from './resolve.ts'

const passesOn = /\bexport\s*\*/

export function barrelsOver(tree: Tree, file: string): string[] {
  const candidates = tree.codeFiles.filter((one) => passesOn.test(tree.read(one)?.text ?? ''))
  if (candidates.length === 0) return []
  const { resolve } = makeResolver(tree)
  const targets = new Map(
    candidates.map((one) => {
      const text = tree.read(one)!.text
      const stars = specifiersIn(one, text).filter((each) =>
        /\*\s*(?:as\s+\S+\s+)?from\s*['"]$/.test(text.slice(Math.max(0, each.start - 80), each.start)),
      )
      return [one, stars.map((each) => resolve(one, each.text)?.file)] as const
    }),
  )
  const reached = new Set([file])
  for (const from of reached) for (const [barrel, files] of targets) if (files.includes(from)) reached.add(barrel)
  reached.delete(file)
  return [...reached]
}
