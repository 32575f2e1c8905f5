// Which file goes where when a file or a folder moves, and refusals for moves that make no sense.
import { existsSync, statSync } from 'node:fs'
import { posix } from 'node:path'
import { Refusal } from '@seatrial/protocol'
import { givenPath, type Tree } from '../tree/tree.ts'

export type MoveMap = {
  from: string
  to: string
  isFolder: boolean
  files: Map<string, string>
  /** The new place of any path, moved or not; works for folders and globs below a moved folder too. */
  after(path: string): string
}

export function moveMap(tree: Tree, givenFrom: string, givenTo: string): MoveMap {
  const from = givenPath(tree, givenFrom)
  const path = tree.path(from)
  if (!existsSync(path)) throw new Refusal('not_found', `No file or folder ${from} below ${tree.root}.`)
  const isFolder = statSync(path).isDirectory()
  const into = givenTo.endsWith('/') || isExistingFolder(tree, givenTo)
  const to = givenPath(tree, into ? posix.join(givenTo, posix.basename(from)) : givenTo)
  if (to === from) throw new Refusal('bad_request', `${from} is there already.`)
  if (isFolder && to.startsWith(`${from}/`)) throw new Refusal('bad_request', `${from} cannot move into itself.`)
  if (existsSync(tree.path(to))) throw new Refusal('conflict', `${to} exists already; nothing was changed.`)
  const files = isFolder ? tree.files.filter((file) => file.startsWith(`${from}/`)) : [from]
  if (files.length === 0 || (!isFolder && !tree.has(from)))
    throw new Refusal('not_found', `${from} holds nothing that git tracks or would track, so there is nothing to move.`)
  const moved = new Map(files.map((file) => [file, isFolder ? to + file.slice(from.length) : to]))
  const after = (one: string): string =>
    moved.get(one) ?? (isFolder && (one === from || one.startsWith(`${from}/`)) ? to + one.slice(from.length) : one)
  return { from, to, isFolder, files: moved, after }
}

function isExistingFolder(tree: Tree, given: string): boolean {
  const path = tree.path(givenPath(tree, given))
  return existsSync(path) && statSync(path).isDirectory()
}
