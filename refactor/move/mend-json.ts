// Mends the paths in package.json and tsconfig files that a move would leave pointing at nothing.
import { posix } from 'node:path'
import { type Node as JsonNode, parseTree } from 'jsonc-parser'
import { type Package, sourceBases, sourceOf } from '../graph/packages.ts'
import { probe, type Resolver } from '../graph/resolve.ts'
import { readConfig } from '../graph/tsconfig.ts'
import { addEdit, type Edits } from '../tree/changes.ts'
import type { Tree } from '../tree/tree.ts'
import { endingOf, withoutEnding } from './endings.ts'
import type { MoveMap } from './move-map.ts'
import { commonTail } from './new-specifier.ts'

const packageFields = new Set([
  'exports',
  'imports',
  'main',
  'module',
  'types',
  'typings',
  'browser',
  'bin',
  'typesVersions',
  'files',
  'sideEffects',
  'workspaces',
])
const configPaths =
  /^(?:files|include|exclude|references\/path|extends|compilerOptions\/(?:paths|rootDir|rootDirs|typeRoots|baseUrl|outDir|declarationDir|types))(?:\/|$)/

/** Edits for every package.json and tsconfig; each touches only the text between the quotes. */
export function mendJson(tree: Tree, resolver: Resolver, moves: MoveMap): Edits {
  const edits: Edits = new Map()
  for (const file of tree.files) {
    const name = posix.basename(file)
    if (name === 'package.json') {
      const owner = resolver.packages.find((one) => one.file === file)
      if (owner) mend(tree, file, edits, (keys, value) => packageValue(tree, owner, moves, keys, value))
    }
    if (/^[tj]sconfig.*\.json$/.test(name))
      mend(tree, file, edits, (keys, value) => configValue(tree, file, moves, keys, value))
  }
  return edits
}

function mend(tree: Tree, file: string, edits: Edits, change: (keys: string[], value: string) => string | null): void {
  const text = tree.read(file)?.text
  const root = text === undefined ? undefined : parseTree(text, [], { allowTrailingComma: true })
  const visit = (node: JsonNode | undefined, keys: string[]): void => {
    if (!node) return
    if (node.type === 'object')
      for (const property of node.children ?? [])
        visit(property.children?.[1], [...keys, String(property.children?.[0]?.value)])
    if (node.type === 'array') for (const item of node.children ?? []) visit(item, keys)
    if (node.type !== 'string') return
    const value = change(keys, node.value as string)
    if (value !== null && value !== node.value)
      addEdit(edits, file, { start: node.offset, end: node.offset + node.length, text: JSON.stringify(value) })
  }
  visit(root, [])
}

function packageValue(tree: Tree, owner: Package, moves: MoveMap, keys: string[], value: string): string | null {
  if (!packageFields.has(keys[0] ?? '') || moves.files.has(owner.file)) return null
  const [bang, path] = value.startsWith('!') ? ['!', value.slice(1)] : ['', value]
  if (path.startsWith('#') || path.startsWith('../')) return null
  const target = posix.join(owner.folder, path)
  const next =
    path.includes('*') || sourceOf(tree, owner, target) === null
      ? movedGlob(owner, moves, target)
      : movedTarget(tree, owner, moves, target)
  return next === null ? null : bang + likeBefore(path, posix.relative(owner.folder, next))
}

function movedTarget(tree: Tree, owner: Package, moves: MoveMap, target: string): string | null {
  const source = sourceOf(tree, owner, target)!
  const next = moves.after(source)
  if (next === source) return null
  if (target === source) return next
  const tail = commonTail(withoutEnding(target), withoutEnding(source))
  const stem = withoutEnding(next)
  if (tail === null || !(tail.source === '' || stem.startsWith(`${tail.source}/`))) return null
  return posix.join(tail.built, posix.relative(tail.source, stem)) + endingOf(target)
}

/** A folder or a pattern below a folder that moved, as it is or through the build folder. */
function movedGlob(owner: Package, moves: MoveMap, target: string): string | null {
  if (!moves.isFolder) return null
  for (const base of sourceBases(owner, target)) {
    const next = moves.after(base)
    if (next === base) continue
    if (base === target) return next
    const tail = commonTail(target, base)
    if (tail && next.startsWith(`${tail.source}/`)) return posix.join(tail.built, posix.relative(tail.source, next))
  }
  return null
}

function configValue(tree: Tree, file: string, moves: MoveMap, keys: string[], value: string): string | null {
  if (!configPaths.test(keys.join('/')) || value.includes('${')) return null
  const isReference = keys[0] === 'extends' || keys.at(-1) === 'types'
  if (isReference && !value.startsWith('.')) return null
  const here = posix.dirname(file)
  const moved = posix.dirname(moves.after(file))
  const base = keys[1] === 'paths' ? pathBase(tree, file) : here
  const target = posix.join(base, value)
  const found =
    tree.has(target) || target.includes('*')
      ? target
      : keys[1] === 'paths' || isReference
        ? (probe(tree, target) ?? target)
        : target
  const after = moves.after(found)
  const next = found === target ? after : sameManner(target, found, after)
  const newBase = base === here ? moved : moves.after(base)
  return next === target && newBase === base ? null : likeBefore(value, posix.relative(newBase, next) || '.')
}

function sameManner(wrote: string, meant: string, next: string): string {
  if (wrote === withoutEnding(meant)) return withoutEnding(next)
  if (posix.basename(withoutEnding(next)) === 'index' && wrote === posix.dirname(meant)) return posix.dirname(next)
  return next
}

function pathBase(tree: Tree, file: string): string {
  const raw = /"baseUrl"\s*:\s*"([^"]+)"/.exec(tree.read(file)?.text ?? '')?.[1]
  return raw && readConfig(tree.path(file)) ? posix.join(posix.dirname(file), raw) : posix.dirname(file)
}

const likeBefore = (before: string, path: string): string => {
  if (path === before || path.startsWith('../')) return path
  return before.startsWith('./') || before.startsWith('../') || before === '.' ? `./${path}` : path
}
