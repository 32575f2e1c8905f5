// Which tsconfig a file belongs to, with the few settings that say where sources end up.
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'
import { dirname, join, resolve } from 'node:path'
import { parse as parseJsonc } from 'jsonc-parser'
import { readText } from '../tree/text-file.ts'
import type { Tree } from '../tree/tree.ts'

export type Config = {
  /** Absolute path of the file. */
  path: string
  outDir: string | null
  rootDir: string | null
  /** Pattern to absolute targets. */
  paths: Record<string, string[]>
  references: string[]
  composite: boolean
  /** A solution file that only lists references. */
  solution: boolean
}

type Raw = {
  extends?: string | string[]
  files?: string[]
  include?: string[]
  references?: { path: string }[]
  compilerOptions?: {
    outDir?: string
    rootDir?: string
    baseUrl?: string
    paths?: Record<string, string[]>
    composite?: boolean
  }
}

/** Null when the file cannot be read; cycles in `extends` end. */
export function readConfig(path: string, trail: string[] = []): Config | null {
  const source = readText(path)
  if (!source || trail.includes(path)) return null
  const raw = (parseJsonc(source.text, [], { allowTrailingComma: true }) ?? {}) as Raw
  const here = dirname(path)
  const parents = [raw.extends ?? []].flat().flatMap((one) => {
    const file = extended(here, one)
    const config = file ? readConfig(file, [...trail, path]) : null
    return config ? [config] : []
  })
  const base = Object.assign({}, ...parents) as Partial<Config>
  const options = raw.compilerOptions ?? {}
  const pathBase = resolve(here, options.baseUrl ?? '.')
  const paths = options.paths
    ? Object.fromEntries(
        Object.entries(options.paths).map(([key, list]) => [key, [list].flat().map((one) => resolve(pathBase, one))]),
      )
    : (base.paths ?? {})
  const template = (one: string): string => resolve(here, one.replaceAll(`\${configDir}`, here))
  return {
    path,
    outDir: options.outDir ? template(options.outDir) : (base.outDir ?? null),
    rootDir: options.rootDir ? template(options.rootDir) : (base.rootDir ?? null),
    paths,
    references: (raw.references ?? []).map((one) => resolve(here, one.path)),
    composite: options.composite ?? base.composite ?? false,
    solution: Array.isArray(raw.files) && raw.files.length === 0 && !raw.include,
  }
}

function extended(here: string, name: string): string | null {
  if (name.startsWith('.') || name.startsWith('/')) {
    const plain = resolve(here, name)
    return (
      [plain, `${plain}.json`, join(plain, 'tsconfig.json')].find((one) => one.endsWith('.json') && existsSync(one)) ??
      null
    )
  }
  const load = createRequire(join(here, 'tsconfig.json'))
  for (const one of [name, `${name}.json`, `${name}/tsconfig.json`]) {
    try {
      return load.resolve(one)
    } catch {}
  }
  return null
}

/** The nearest tsconfig.json or jsconfig.json above a file, relative to the root. */
export function nearestConfig(tree: Tree, file: string): string | null {
  for (let folder = dirname(file); ; folder = dirname(folder)) {
    for (const name of ['tsconfig.json', 'jsconfig.json']) {
      const candidate = folder === '.' ? name : `${folder}/${name}`
      if (tree.has(candidate)) return candidate
    }
    if (folder === '.') return null
  }
}
