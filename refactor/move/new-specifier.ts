// The specifier a file must use for its target after a move, written in the manner of the old one.
import { posix } from 'node:path'
import { type Exposed, packageOf } from '../graph/packages.ts'
import { matchPattern, type Resolved, type Resolver } from '../graph/resolve.ts'
import type { Tree } from '../tree/tree.ts'
import { relativeSpecifier, restyle, withoutEnding } from './endings.ts'
import type { MoveMap } from './move-map.ts'

export type Question = {
  tree: Tree
  resolver: Resolver
  moves: MoveMap
  /** The file that holds the specifier, where it is before the move. */
  file: string
  specifier: string
  meant: Resolved
  /** How this file writes relative specifiers, for when an alias has to become one. */
  manner: string
}

/** The new text, or null when the old one still holds. `reach` marks one that now crosses into another package. */
export type NewSpecifier = { text: string; reach: boolean } | null

export function newSpecifier(question: Question): NewSpecifier {
  const query = /\?.*$/.exec(question.specifier)?.[0] ?? ''
  const answer = ways[question.meant.way]({
    ...question,
    specifier: question.specifier.slice(0, question.specifier.length - query.length),
  })
  return answer && { ...answer, text: answer.text + query }
}

const ways: Record<Resolved['way'], (question: Question) => NewSpecifier> = {
  relative: (question) => {
    const { moves, file, specifier, meant } = question
    const before = posix.relative(posix.dirname(file), meant.file)
    const after = posix.relative(posix.dirname(moves.after(file)), moves.after(meant.file))
    return before === after ? null : relative(question, specifier)
  },
  paths: (question) => {
    const { tree, resolver, moves, file, specifier, meant } = question
    const target = moves.after(meant.file)
    const config = resolver.configOf(file)
    const leaves = resolver.configOf(moves.after(file))?.path !== config?.path
    if (target === meant.file && !leaves) return null
    for (const [pattern, targets] of Object.entries(leaves ? {} : (config?.paths ?? {}))) {
      if (!pattern.includes('*')) {
        if (pattern === specifier) return null
        continue
      }
      for (const one of targets) {
        const base = tree.inside(one.replace('*', '\0'))
        const rest = base === null ? null : below(base.replace('\0', '*'), restyle(specifier, meant.file, target))
        if (rest !== null) return plain(pattern.replace('*', rest), specifier)
      }
    }
    return relative(question, question.manner)
  },
  imports: (question) => exposed(question, (key) => key),
  package: (question) => exposed(question, (key, name) => name + key.slice(1)),
  other: (question) => {
    const { moves, specifier, meant } = question
    const target = moves.after(meant.file)
    if (target === meant.file) return null
    const stem = withoutEnding(specifier)
    const base = withoutEnding(meant.file).endsWith(stem)
      ? meant.file.slice(0, withoutEnding(meant.file).length - stem.length)
      : null
    if (base !== null && target.startsWith(base))
      return plain(restyle(specifier, meant.file, target).slice(base.length), specifier)
    return relative(question, question.manner)
  },
}

function exposed(question: Question, write: (key: string, name: string) => string): NewSpecifier {
  const { resolver, moves, file, specifier, meant } = question
  const target = moves.after(meant.file)
  const owner = meant.owner!
  const ownerFolder = posix.dirname(moves.after(owner.file))
  const stillOwned = packageOf(resolver.packages, target)?.folder === owner.folder || moves.files.has(owner.file)
  if (
    meant.way === 'imports' &&
    packageOf(resolver.packages, moves.after(file))?.folder !== owner.folder &&
    !moves.files.has(owner.file)
  )
    return relative(question, question.manner)
  if (target === meant.file || moves.files.has(owner.file)) return null
  if (stillOwned && meant.exposed && !meant.exposed.key.includes('*')) return null
  if (stillOwned && meant.exposed) {
    const key = keyFor(question, meant.exposed, target)
    if (key !== null) return plain(write(key, owner.name ?? ''), specifier)
  }
  if (stillOwned && !meant.exposed && owner.name) {
    if (specifier === owner.name) return null
    return plain(`${owner.name}/${posix.relative(ownerFolder, restyle(specifier, meant.file, target))}`, specifier)
  }
  const elsewhere = publicName(question, target)
  return elsewhere ? plain(elsewhere, specifier) : relative(question, question.manner)
}

/** `#util/*` for `./src/util/*.ts` gives `#util/deep/fmt` for `src/util/deep/fmt.ts`; built targets are followed back. */
function keyFor({ meant, specifier }: Question, table: Exposed, target: string): string | null {
  const asked = meant.way === 'imports' ? specifier : `.${specifier.slice(meant.owner!.name!.length)}`
  const star = matchPattern(table.key, asked) ?? ''
  for (const pattern of table.targets) {
    const direct = below(pattern, target)
    if (direct !== null) return table.key.replace('*', direct)
    const tail = commonTail(withoutEnding(pattern.replace('*', star)), withoutEnding(meant.file))
    if (tail === null || !withoutEnding(target).startsWith(`${tail.source}/`)) continue
    const rest = below(withoutEnding(pattern), `${tail.built}/${withoutEnding(target).slice(tail.source.length + 1)}`)
    if (rest !== null) return table.key.replace('*', rest)
  }
  return null
}

/** Splits a built path and its source at the longest common end: dist/lib/a and src/lib/a share lib/a. */
export function commonTail(built: string, source: string): { built: string; source: string; tail: string } | null {
  const a = built.split('/')
  const b = source.split('/')
  let same = 0
  while (same < a.length && same < b.length && a[a.length - 1 - same] === b[b.length - 1 - same]) same++
  if (same === 0) return null
  return { built: a.slice(0, -same).join('/'), source: b.slice(0, -same).join('/'), tail: a.slice(-same).join('/') }
}

function below(pattern: string, path: string): string | null {
  const [head, tail = ''] = pattern.split('*') as [string, string | undefined]
  return path.startsWith(head) && path.endsWith(tail) && path.length > head.length + tail.length
    ? path.slice(head.length, path.length - tail.length)
    : null
}

function relative(question: Question, manner: string): NewSpecifier {
  const { resolver, moves, file, meant } = question
  const [from, target] = [moves.after(file), moves.after(meant.file)]
  const crosses = packageOf(resolver.packages, from)?.folder !== packageOf(resolver.packages, target)?.folder
  const crossed = packageOf(resolver.packages, file)?.folder !== packageOf(resolver.packages, meant.file)?.folder
  const moreReach = crosses && !(crossed && meant.way === 'relative') && !moves.isFolder
  const name = moreReach ? publicName(question, target) : null
  if (name) return plain(name, question.specifier)
  return {
    text: relativeSpecifier(from, restyle(manner, meant.way === 'relative' ? meant.file : 'x.ts', target)),
    reach: moreReach,
  }
}

function publicName({ resolver, moves, file }: Question, target: string): string | null {
  const owner = packageOf(resolver.packages, target)
  if (!owner?.name || !owner.exports || packageOf(resolver.packages, moves.after(file))?.folder === owner.folder)
    return null
  const hit = owner.exports.find((one) => one.targets.includes(target))
  return hit && !hit.key.includes('*') ? owner.name + hit.key.slice(1) : null
}

const plain = (text: string, before: string): NewSpecifier => (text === before ? null : { text, reach: false })
