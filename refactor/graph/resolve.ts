// From a specifier in a file to the source file it means, whether or not anything is built.
import { existsSync } from 'node:fs'
import { isBuiltin } from 'node:module'
import { dirname, posix } from 'node:path'
import { ResolverFactory } from 'oxc-resolver'
import type { Tree } from '../tree/tree.ts'
import { anySource, type Exposed, type Package, packageOf, packagesOf, sourceOf } from './packages.ts'
import { type Config, nearestConfig, readConfig } from './tsconfig.ts'

/** How a specifier reached its file; a move must write the new one in the same way. */
export type Way = 'relative' | 'paths' | 'imports' | 'package' | 'other'
export type Resolved = { file: string; way: Way; exposed?: Exposed; owner?: Package }

export type Resolver = {
  packages: Package[]
  /** Null for builtins, installed packages and what cannot be found. */
  resolve(from: string, specifier: string): Resolved | null
  external(specifier: string): boolean
  configOf(file: string): Config | null
}

const conditions = ['types', 'import', 'require', 'node', 'default']

export function makeResolver(tree: Tree): Resolver {
  const packages = packagesOf(tree)
  const configs = new Map<string, Config | null>()
  const oxc = new ResolverFactory({
    tsconfig: 'auto',
    extensions: ['.ts', '.tsx', '.mts', '.cts', '.d.ts', '.js', '.jsx', '.mjs', '.cjs', '.json'],
    extensionAlias: {
      '.js': ['.ts', '.tsx', '.d.ts', '.js', '.jsx'],
      '.jsx': ['.tsx', '.jsx'],
      '.mjs': ['.mts', '.d.mts', '.mjs'],
      '.cjs': ['.cts', '.d.cts', '.cjs'],
    },
    conditionNames: conditions,
    mainFields: ['types', 'module', 'main'],
  })
  const configOf = (file: string): Config | null => {
    const near = nearestConfig(tree, file)
    if (near === null) return null
    if (!configs.has(near)) configs.set(near, readConfig(tree.path(near)))
    return configs.get(near) ?? null
  }
  const viaOxc = (from: string, specifier: string): string | null => {
    const answer = oxc.resolveFileSync(tree.path(from), specifier)
    const file = answer.path ? tree.inside(answer.path.split('?')[0]!) : null
    if (file === null) return null
    if (tree.has(file)) return file
    const owner = packageOf(packages, file)
    return owner && !file.includes('node_modules/') ? sourceOf(tree, owner, file) : null
  }
  const resolve = (from: string, full: string): Resolved | null => {
    const specifier = full.replace(/[?].*$/, '')
    if (specifier.startsWith('.') || specifier.startsWith('/')) {
      const file = viaOxc(from, specifier) ?? literally(tree, from, specifier)
      return file ? { file, way: 'relative' } : null
    }
    const config = configOf(from)
    const target = config && viaPaths(tree, config, specifier)
    if (target) return { file: target, way: 'paths' }
    if (specifier.startsWith('#')) {
      const owner = packageOf(packages, from)
      const hit = owner && viaExposed(tree, owner, owner.imports, specifier)
      return hit ? { ...hit, way: 'imports' } : null
    }
    const named = packages.find(
      (one) => one.name !== null && (specifier === one.name || specifier.startsWith(`${one.name}/`)),
    )
    if (named) return viaPackage(tree, named, specifier)
    if (isBuiltin(specifier)) return null
    const file = viaOxc(from, specifier)
    return file ? { file, way: 'other' } : null
  }
  return { packages, resolve, configOf, external: (specifier) => !/^[./#]/.test(specifier) }
}

/** A file named as it is: an asset, JSON, or something a bundler understands. */
function literally(tree: Tree, from: string, specifier: string): string | null {
  const file = posix.join(dirname(from), specifier)
  return tree.has(file) && existsSync(tree.path(file)) ? file : null
}

export function matchPattern(pattern: string, name: string): string | null {
  const star = pattern.indexOf('*')
  if (star < 0) return pattern === name ? '' : null
  const [head, tail] = [pattern.slice(0, star), pattern.slice(star + 1)]
  return name.length >= head.length + tail.length && name.startsWith(head) && name.endsWith(tail)
    ? name.slice(head.length, name.length - tail.length)
    : null
}

export const probe = (tree: Tree, base: string): string | null => {
  if (tree.has(base)) return base
  const swapped = base.replace(/\.([cm]?)jsx?$/, '.$1ts')
  const tried = [
    swapped,
    swapped.replace(/\.ts$/, '.tsx'),
    ...anySource.map((one) => base + one),
    ...anySource.map((one) => `${base}/index${one}`),
  ]
  return tried.find(tree.has) ?? null
}

function viaPaths(tree: Tree, config: Config, specifier: string): string | null {
  const patterns = Object.keys(config.paths).sort((a, b) => b.split('*')[0]!.length - a.split('*')[0]!.length)
  for (const pattern of patterns) {
    const rest = matchPattern(pattern, specifier)
    if (rest === null) continue
    for (const target of config.paths[pattern]!) {
      const base = tree.inside(target.replace('*', rest))
      const hit = base && probe(tree, base)
      if (hit) return hit
    }
  }
  return null
}

function viaExposed(tree: Tree, owner: Package, table: Exposed[], key: string): Omit<Resolved, 'way'> | null {
  const matching = table
    .map((one) => ({ one, rest: matchPattern(one.key, key) }))
    .filter((hit): hit is { one: Exposed; rest: string } => hit.rest !== null)
    .sort((a, b) => b.one.key.split('*')[0]!.length - a.one.key.split('*')[0]!.length)
  for (const { one, rest } of matching) {
    for (const target of one.targets) {
      const file = sourceOf(tree, owner, target.replace('*', rest))
      if (file) return { file, exposed: one, owner }
    }
  }
  return null
}

function viaPackage(tree: Tree, owner: Package, specifier: string): Resolved | null {
  const below = specifier.slice(owner.name!.length)
  if (owner.exports) {
    const hit = viaExposed(tree, owner, owner.exports, `.${below}`)
    return hit ? { ...hit, way: 'package' } : null
  }
  const targets = below === '' ? owner.mains : [posix.join(owner.folder, below)]
  for (const target of targets) {
    const file = sourceOf(tree, owner, target) ?? probe(tree, target)
    if (file) return { file, way: 'package', owner }
  }
  return null
}
