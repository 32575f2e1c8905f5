// What still spells the old path after a move: docs, configuration, plain strings, style sheets.
import { posix } from 'node:path'
import type { ImportGraph } from '../graph/import-graph.ts'
import { packageOf } from '../graph/packages.ts'
import type { Leftover } from '../report.ts'
import { classify } from '../syntax/classify.ts'
import type { Edits } from '../tree/changes.ts'
import type { Tree } from '../tree/tree.ts'
import { withoutEnding } from './endings.ts'
import type { MoveMap } from './move-map.ts'

const maxListed = 200
const assetMention = /(?:url\(\s*['"]?|@import\s+['"]|@use\s+['"]|(?:src|href)=["'])([^'")?#]+)/dg

export function moveLeftovers(tree: Tree, graph: ImportGraph, moves: MoveMap, edits: Edits): Leftover[] {
  const needles = spellings(graph, moves)
  const found = tree.files.flatMap((file) => {
    if (/(?:^|\/)(?:package-lock\.json|pnpm-lock\.yaml|yarn\.lock|bun\.lock)$/.test(file)) return []
    const text = tree.read(file)?.text
    if (text === undefined) return []
    const own = packageOf(graph.resolver.packages, file)?.folder
    const settled = [
      ...(edits.get(file) ?? []),
      ...(graph.outOf.get(file) ?? []).filter((edge) => edge.meant).map((edge) => edge.specifier),
    ]
    const near = needles.filter(
      (needle) => (needle.within === null || needle.within === own) && text.includes(needle.text),
    )
    const offsets = near.flatMap((needle) => mentions(text, needle.text))
    const spots = [...new Set(offsets)].filter(
      (offset) => !settled.some((one) => one.start <= offset && offset <= one.end),
    )
    if (spots.length === 0) return assets(tree, moves, file, text)
    const why = classify(file, text)
    const listed = spots.map((offset): Leftover => {
      const place = tree.place(file, offset)
      const mention = why(offset)
      return { ...place, why: mention === 'path' ? 'unresolved' : mention, text: tree.line(file, place.line) }
    })
    return [...dedupe(listed), ...assets(tree, moves, file, text)]
  })
  return found.slice(0, maxListed)
}

/** The path from the root, which counts everywhere, and the one from its package, which counts inside of that package. */
function spellings(graph: ImportGraph, moves: MoveMap): { text: string; within: string | null }[] {
  const owner = packageOf(graph.resolver.packages, moves.from)
  const whole = withoutEnding(moves.from)
  const local = owner && owner.folder !== '.' ? posix.relative(owner.folder, whole) : null
  return [{ text: whole, within: null }, ...(local?.includes('/') ? [{ text: local, within: owner!.folder }] : [])]
}

function mentions(text: string, needle: string): number[] {
  const offsets: number[] = []
  for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) {
    const before = text[at - 1] ?? ' '
    const after = text.slice(at + needle.length, at + needle.length + 6)
    if (!/[\w-]/.test(before) && !/^[\w-]/.test(after)) offsets.push(at)
  }
  return offsets
}

/** Relative paths in style sheets and pages that mean a moved file, or that a moved file uses. */
function assets(tree: Tree, moves: MoveMap, file: string, text: string): Leftover[] {
  if (!/\.(?:css|scss|sass|less|html|vue|svelte)$/.test(file)) return []
  return [...text.matchAll(assetMention)].flatMap((match): Leftover[] => {
    const named = match[1]!
    if (/^(?:[a-z]+:|\/)/.test(named)) return []
    const target = posix.join(posix.dirname(file), named)
    if (!moves.files.has(file) && moves.after(target) === target) return []
    if (
      moves.files.has(file) &&
      posix.relative(posix.dirname(moves.after(file)), moves.after(target)) ===
        posix.relative(posix.dirname(file), target)
    )
      return []
    const place = tree.place(file, match.indices![1]![0])
    return [{ ...place, why: 'asset', text: tree.line(file, place.line) }]
  })
}

function dedupe(list: Leftover[]): Leftover[] {
  const seen = new Set<number>()
  return list.filter((one) => !seen.has(one.line) && seen.add(one.line))
}
