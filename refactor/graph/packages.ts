// The packages of the tree, what their package.json exposes, and the way from a built file back to its source.
import { dirname, posix } from 'node:path'
import type { Tree } from '../tree/tree.ts'
import { readConfig } from './tsconfig.ts'

/** `key` is `.`, `./errors`, `#util/*`; targets are relative to the root, in the order of the conditions. */
export type Exposed = { key: string; targets: string[] }

export type Package = {
  /** Folder relative to the root; `.` for the root itself. */
  folder: string
  file: string
  name: string | null
  exports: Exposed[] | null
  imports: Exposed[]
  /** What `name` alone means when there is no `exports`. */
  mains: string[]
  configs: { outDir: string; rootDir: string }[]
}

type Json = Record<string, unknown>

export function packagesOf(tree: Tree): Package[] {
  return tree.files
    .filter((file) => posix.basename(file) === 'package.json')
    .flatMap((file) => {
      try {
        return [readPackage(tree, file, JSON.parse(tree.read(file)?.text ?? '') as Json)]
      } catch {
        return []
      }
    })
}

function readPackage(tree: Tree, file: string, json: Json): Package {
  const folder = dirname(file)
  const at = (target: string): string => posix.join(folder, target)
  const fields = ['types', 'typings', 'module', 'main']
    .map((field) => json[field])
    .filter((one) => typeof one === 'string')
  return {
    folder,
    file,
    name: typeof json.name === 'string' ? json.name : null,
    exports:
      json.exports === undefined || json.exports === null
        ? null
        : exposed(rooted(json.exports)).map((one) => ({ ...one, targets: one.targets.map(at) })),
    imports: exposed((json.imports ?? {}) as Json).map((one) => ({
      ...one,
      targets: one.targets.map((target) => (target.startsWith('.') ? at(target) : target)),
    })),
    mains: [...fields.map(at), at('index')],
    configs: outputConfigs(tree, folder),
  }
}

const rooted = (exports: unknown): Json =>
  typeof exports === 'object' &&
  exports !== null &&
  !Array.isArray(exports) &&
  Object.keys(exports).some((key) => key.startsWith('.'))
    ? (exports as Json)
    : { '.': exports }

const exposed = (table: Json): Exposed[] =>
  Object.entries(table).map(([key, value]) => ({ key, targets: [...new Set(strings(value))] }))

function strings(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (typeof value !== 'object' || value === null) return []
  return Object.values(value).flatMap(strings)
}

function outputConfigs(tree: Tree, folder: string): { outDir: string; rootDir: string }[] {
  const named = tree.files.filter((file) => dirname(file) === folder && /^tsconfig.*\.json$/.test(posix.basename(file)))
  return named.flatMap((file) => {
    const config = readConfig(tree.path(file))
    const outDir = config?.outDir ? tree.inside(config.outDir) : null
    if (!config || !outDir) return []
    const roots = config.rootDir ? [tree.inside(config.rootDir) ?? '.'] : [folder, posix.join(folder, 'src')]
    return roots.map((rootDir) => ({ outDir, rootDir }))
  })
}

export function packageOf(packages: Package[], file: string): Package | null {
  const above = packages.filter((one) => one.folder === '.' || file.startsWith(`${one.folder}/`))
  return above.sort((a, b) => b.folder.length - a.folder.length)[0] ?? null
}

const sourceEndings: Record<string, string[]> = {
  '.d.ts': ['.ts', '.tsx', '.js', '.jsx'],
  '.d.mts': ['.mts', '.ts', '.mjs'],
  '.d.cts': ['.cts', '.ts', '.cjs'],
  '.mjs': ['.mts', '.ts', '.tsx', '.mjs'],
  '.cjs': ['.cts', '.ts', '.cjs'],
  '.jsx': ['.tsx', '.jsx'],
  '.js': ['.ts', '.tsx', '.js', '.jsx'],
}
const endings = Object.keys(sourceEndings)
export const anySource = ['.ts', '.tsx', '.mts', '.cts', '.d.ts', '.js', '.jsx', '.mjs', '.cjs', '.json']

/** A build folder in the path with the folder its source may be in, tried in order. */
const builtFolders = /^(dist|build|lib|out|esm|cjs|types|output)\//

/** The source file that a target of package.json stands for: itself when it is a source, else what it is built from. */
export function sourceOf(tree: Tree, one: Package, target: string): string | null {
  if (tree.has(target)) return target
  for (const base of sourceBases(one, target)) {
    const ending = endings.find((each) => base.endsWith(each))
    const stem = ending ? base.slice(0, -ending.length) : base
    const tried = ending ? sourceEndings[ending]! : [...anySource, ...anySource.map((each) => `/index${each}`)]
    const hit = tried.map((each) => stem + each).find(tree.has)
    if (hit) return hit
  }
  return null
}

/** Where the source of `target` would be, without looking; also used backwards by the mender. */
export function sourceBases(one: Package, target: string): string[] {
  const mapped = one.configs
    .filter((config) => target.startsWith(`${config.outDir}/`))
    .map((config) => posix.join(config.rootDir, target.slice(config.outDir.length + 1)))
  const local = one.folder === '.' ? target : target.slice(one.folder.length + 1)
  const guessed: string[] = []
  let rest = local
  while (builtFolders.test(rest)) {
    rest = rest.replace(builtFolders, '')
    guessed.push(posix.join(one.folder, 'src', rest), posix.join(one.folder, rest))
  }
  return [...new Set([...mapped, ...guessed, target])]
}
