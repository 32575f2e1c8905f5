// Resolves import specifiers against the list of a tree's paths: nothing on disk is touched.
import { builtinModules } from 'node:module'
import { posix } from 'node:path'
import { parse as parseJsonc } from 'jsonc-parser'
import { folderOf } from './file-kinds.ts'

export interface TreeReader {
  paths: ReadonlySet<string>
  text(path: string): Promise<string | null>
}

/** `file` is in the tree, `outside` is a package or built-in that may be used, `missing` resolves to nothing. */
export type Resolution = { kind: 'file'; path: string } | { kind: 'outside' } | { kind: 'missing'; sentence: string }

export interface Resolver {
  resolve(from: string, specifier: string): Promise<Resolution>
}

interface Manifest {
  name?: string
  dir: string
  declared: Set<string>
  imports: Record<string, unknown>
  fields: Record<string, unknown>
}

const endings = [
  '.ts',
  '.tsx',
  '.mts',
  '.cts',
  '.js',
  '.jsx',
  '.mjs',
  '.cjs',
  '.d.ts',
  '.d.mts',
  '.d.cts',
  '.json',
  '.vue',
  '.svelte',
  '.astro',
]
const sourceOf: Record<string, string[]> = {
  '.js': ['.ts', '.tsx', '.d.ts', '.jsx'],
  '.jsx': ['.tsx'],
  '.mjs': ['.mts', '.d.mts'],
  '.cjs': ['.cts', '.d.cts'],
}
const builtins = new Set(builtinModules)
const outside: Resolution = { kind: 'outside' }
const dependencyFields = ['dependencies', 'devDependencies', 'peerDependencies', 'optionalDependencies']

export function makeResolver(tree: TreeReader): Resolver {
  const manifests = new Map<string, Promise<Manifest | null>>()
  const manifestAt = (dir: string): Promise<Manifest | null> => {
    const known = manifests.get(dir) ?? readManifest(tree, dir)
    manifests.set(dir, known)
    return known
  }
  let known: Promise<Manifest[]> | null = null
  const allManifests = (): Promise<Manifest[]> => {
    known ??= (async () => {
      const dirs = [...tree.paths].filter(
        (path) => /(?:^|\/)package\.json$/.test(path) && !path.includes('node_modules/'),
      )
      const found = await Promise.all(dirs.slice(0, 2000).map((path) => manifestAt(folderOf(path))))
      return found.filter((one) => one !== null)
    })()
    return known
  }
  const aliases = makeAliases(tree)

  return {
    async resolve(from, specifier) {
      const bare = specifier.replace(/[?#][^/]*$/, (tail) => (specifier.startsWith('#') ? tail : ''))
      if (/^(?:node:|bun:|deno:|cloudflare:|virtual:|data:|https?:|jsr:|npm:|astro:|\0)/.test(bare)) return outside
      if (bare.startsWith('/')) return outside
      if (/^\.\.?(?:\/|$)/.test(bare)) {
        const path = findFile(tree.paths, posix.normalize(posix.join(folderOf(from), bare)))
        return path === null ? missing(`${bare} is not in the tree`) : { kind: 'file', path }
      }
      if (builtins.has(bare)) return outside
      const alias = await aliases(from, bare)
      if (alias) return alias
      const above = await manifestsAbove(from, manifestAt)
      if (bare.startsWith('#')) return resolveHash(tree, above[0] ?? null, bare)
      const name = packageName(bare)
      const all = await allManifests()
      const workspace = all.find((one) => one.name === name)
      if (workspace) return (await enterPackage(tree, workspace, bare.slice(name.length + 1))) ?? outside
      if (above.length === 0) return outside
      // Declared by a neighbour counts: workspaces hoist what they install.
      if (all.some((one) => one.declared.has(name) || one.declared.has(`@types/${typesName(name)}`))) return outside
      // A packageless folder of assets or a bundler's own scheme is not for us to judge.
      if (!/^(?:@[\w.-]+\/)?[\w.-]+(?:\/|$)/.test(bare) || bare.startsWith('@/') || bare.startsWith('~')) return outside
      return missing(`${name} is declared in no package.json`)
    },
  }
}

const missing = (sentence: string): Resolution => ({ kind: 'missing', sentence })
const typesName = (name: string): string => name.replace(/^@/, '').replace('/', '__')
const packageName = (bare: string): string =>
  bare
    .split('/')
    .slice(0, bare.startsWith('@') ? 2 : 1)
    .join('/')

export function findFile(paths: ReadonlySet<string>, path: string): string | null {
  const plain = path.replace(/\/$/, '')
  if (paths.has(plain)) return plain
  const ending = /\.[cm]?jsx?$/.exec(plain)?.[0] ?? ''
  for (const other of sourceOf[ending] ?? []) {
    const swapped = plain.slice(0, -ending.length) + other
    if (paths.has(swapped)) return swapped
  }
  for (const end of endings) if (paths.has(plain + end)) return plain + end
  for (const end of endings) {
    const index = plain === '' || plain === '.' ? `index${end}` : `${plain}/index${end}`
    if (paths.has(index)) return index
  }
  return null
}

async function readManifest(tree: TreeReader, dir: string): Promise<Manifest | null> {
  const path = dir === '' ? 'package.json' : `${dir}/package.json`
  if (!tree.paths.has(path)) return null
  const fields = parseObject(await tree.text(path))
  const declared = new Set(dependencyFields.flatMap((field) => Object.keys(objectOf(fields[field]))))
  const name = typeof fields.name === 'string' ? fields.name : null
  if (name) declared.add(name)
  return { ...(name ? { name } : {}), dir, declared, imports: objectOf(fields.imports), fields }
}

async function manifestsAbove(from: string, at: (dir: string) => Promise<Manifest | null>): Promise<Manifest[]> {
  const found: Manifest[] = []
  for (let dir = folderOf(from); ; dir = folderOf(dir)) {
    const manifest = await at(dir)
    if (manifest) found.push(manifest)
    if (dir === '') return found
  }
}

function resolveHash(tree: TreeReader, manifest: Manifest | null, specifier: string): Resolution {
  if (!manifest) return missing(`${specifier} has no package.json`)
  for (const [pattern, target] of Object.entries(manifest.imports)) {
    const star = matchStar(pattern, specifier)
    if (star === null) continue
    for (const file of stringsIn(target)) {
      if (!file.startsWith('.')) return outside
      const path = findFile(tree.paths, posix.normalize(posix.join(manifest.dir, file.replace('*', star))))
      if (path) return { kind: 'file', path }
      if (/^\.\/(?:dist|build|lib|out)\//.test(file)) return outside
    }
  }
  return missing(`${specifier} is not in the imports of package.json`)
}

/** The file behind a workspace package's entry, where the tree has its source; null when only a build has it. */
async function enterPackage(tree: TreeReader, manifest: Manifest, rest: string): Promise<Resolution | null> {
  const key = rest === '' ? '.' : `./${rest}`
  for (const file of entryFiles(manifest.fields, key)) {
    const path = sourceBehind(tree.paths, manifest.dir, file)
    if (path) return { kind: 'file', path }
  }
  const direct = findFile(tree.paths, posix.join(manifest.dir, rest))
  return direct && rest !== '' ? { kind: 'file', path: direct } : null
}

/** Files that a manifest names for an entry such as `.` or `./sub`. */
export function entryFiles(fields: Record<string, unknown>, key = '.'): string[] {
  const exported = fields.exports
  const files: string[] = []
  if (typeof exported === 'string' && key === '.') files.push(exported)
  const table = objectOf(exported)
  const keyed = Object.keys(table).some((one) => one.startsWith('.'))
  if (!keyed && key === '.') files.push(...stringsIn(table))
  for (const [pattern, target] of keyed ? Object.entries(table) : []) {
    const star = matchStar(pattern, key)
    if (star !== null) files.push(...stringsIn(target).map((file) => file.replace('*', star)))
  }
  if (key === '.' && exported === undefined)
    files.push(...['source', 'types', 'module', 'main'].flatMap((field) => stringsIn(fields[field])))
  return files
}

/** `dist/index.js` is built from `src/index.ts` or `index.ts`. */
export function sourceBehind(paths: ReadonlySet<string>, dir: string, file: string): string | null {
  const plain = file.replace(/^\.\//, '')
  const stem = plain.replace(/\.d\.([cm]?)ts$/, '.$1js')
  const inside = stem.replace(/^(?:dist|build|lib|out)\/(?:(?:esm|cjs|src|types)\/)?/, '')
  for (const one of [plain, stem, `src/${inside}`, inside, `lib/${inside}`]) {
    const path = findFile(paths, posix.normalize(posix.join(dir, one)))
    if (path && !/(?:^|\/)(?:dist|build|out)\//.test(path)) return path
  }
  return null
}

/** `paths` and `baseUrl` of the tsconfig files above a file. */
function makeAliases(tree: TreeReader): (from: string, specifier: string) => Promise<Resolution | null> {
  const known = new Map<string, Promise<{ base: string; paths: Record<string, unknown>; baseUrl: boolean } | null>>()
  const read = async (
    file: string,
    depth = 0,
  ): Promise<{ base: string; paths: Record<string, unknown>; baseUrl: boolean } | null> => {
    const text = await tree.text(file)
    if (text === null || depth > 5) return null
    const config = objectOf(parseJsonc(text))
    const options = objectOf(config.compilerOptions)
    const dir = folderOf(file)
    if (options.paths !== undefined || options.baseUrl !== undefined) {
      const base = posix.join(dir, typeof options.baseUrl === 'string' ? options.baseUrl : '.')
      return { base, paths: objectOf(options.paths), baseUrl: options.baseUrl !== undefined }
    }
    for (const parent of stringsIn(config.extends)) {
      if (!parent.startsWith('.')) continue
      const path = posix.join(dir, parent.endsWith('.json') ? parent : `${parent}.json`)
      const found = await read(posix.normalize(path), depth + 1)
      if (found) return found
    }
    return null
  }
  return async (from, specifier) => {
    for (let dir = folderOf(from); ; dir = folderOf(dir)) {
      for (const name of ['tsconfig.json', 'jsconfig.json', 'tsconfig.base.json', 'tsconfig.app.json']) {
        const file = dir === '' ? name : `${dir}/${name}`
        if (!tree.paths.has(file)) continue
        const config = known.get(file) ?? read(file)
        known.set(file, config)
        const found = await config
        for (const [pattern, targets] of Object.entries(found?.paths ?? {})) {
          const star = matchStar(pattern, specifier)
          if (star === null || !found) continue
          for (const target of stringsIn(targets)) {
            const path = findFile(tree.paths, posix.normalize(posix.join(found.base, target.replace('*', star))))
            if (path) return { kind: 'file', path }
          }
          // An alias that matches a clear pattern and leads nowhere is a broken import; `*` alone matches everything.
          if (pattern !== '*')
            return stringsIn(targets).some((one) => one.includes('node_modules'))
              ? outside
              : missing(`${specifier} leads to no file`)
        }
        if (found?.baseUrl) {
          const path = findFile(tree.paths, posix.normalize(posix.join(found.base, specifier)))
          if (path) return { kind: 'file', path }
        }
      }
      if (dir === '') return null
    }
  }
}

function matchStar(pattern: string, text: string): string | null {
  const star = pattern.indexOf('*')
  if (star < 0) return pattern === text ? '' : null
  const head = pattern.slice(0, star)
  const tail = pattern.slice(star + 1)
  if (!text.startsWith(head) || !text.endsWith(tail) || text.length < head.length + tail.length) return null
  return text.slice(head.length, text.length - tail.length)
}

/** Every string in a nested value of conditions. */
function stringsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap(stringsIn)
  return Object.values(objectOf(value)).flatMap(stringsIn)
}

export function objectOf(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Record<string, unknown>) : {}
}

function parseObject(text: string | null): Record<string, unknown> {
  return text === null ? {} : objectOf(parseJsonc(text))
}
