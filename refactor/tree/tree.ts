// The tree one operation looks at: its files, and each text read once, so that plan and write agree.
import { realpathSync } from 'node:fs'
import { isAbsolute, join, relative, resolve, sep } from 'node:path'
import { Refusal } from '@seatrial/protocol'
import type { Place } from '../report.ts'
import { checkRoot, isCode, listFiles } from './list-files.ts'
import { lineAt, lineStarts, positionAt, readText, type TextFile } from './text-file.ts'

export type Tree = {
  root: string
  files: string[]
  codeFiles: string[]
  seen: Map<string, TextFile>
  has(file: string): boolean
  read(file: string): TextFile | null
  textOf(path: string): string | null
  path(file: string): string
  /** Relative to the root; null when outside of it. */
  inside(path: string): string | null
  place(file: string, offset: number): Place
  line(file: string, line: number): string
}

export function openTree(root: string): Tree {
  checkRoot(root)
  const real = realpathSync(root)
  const files = listFiles(real)
  const known = new Set(files)
  const seen = new Map<string, TextFile>()
  const starts = new Map<string, number[]>()
  const read = (file: string): TextFile | null => {
    const cached = seen.get(file)
    if (cached) return cached
    const source = readText(join(real, file))
    if (source) seen.set(file, source)
    return source
  }
  const startsOf = (file: string): number[] => {
    const cached = starts.get(file) ?? lineStarts(read(file)?.text ?? '')
    starts.set(file, cached)
    return cached
  }
  const inside = (path: string): string | null => {
    const name = relative(real, path).split(sep).join('/')
    return name === '' || name.startsWith('../') || name === '..' || isAbsolute(name) ? null : name
  }
  return {
    root: real,
    files,
    codeFiles: files.filter(isCode),
    seen,
    has: (file) => known.has(file),
    read,
    textOf: (path) => readText(path)?.text ?? null,
    path: (file) => join(real, file),
    inside,
    place: (file, offset) => ({ file, ...positionAt(startsOf(file), offset) }),
    line: (file, line) => lineAt(read(file)?.text ?? '', startsOf(file), line),
  }
}

/** A path a person gave, relative to the root; a path that leaves the root is refused. */
export function givenPath(tree: Tree, given: string): string {
  const inside = tree.inside(resolve(tree.root, given))
  if (inside === null || inside.split('/').includes('.git') || inside.split('/').includes('node_modules'))
    throw new Refusal('forbidden', `${given} is not a source path below ${tree.root}.`)
  return inside
}
