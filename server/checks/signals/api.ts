// Breaks of what a package exports to others, seen from its entry files.
import { count, listNames } from '../names.ts'
import { type ApiBreak, compareSurfaces } from '../source/compare-exports.ts'
import { type Exported, exportsOf } from '../source/exports.ts'
import { baseName, folderOf, isProduct, isScript } from '../source/file-kinds.ts'
import { names, readPrompt } from '../source/prompt-words.ts'
import { entryFiles, makeResolver, objectOf, type Resolver, sourceBehind } from '../source/resolve-import.ts'
import { bad, type Draft, good, neutral, notMeasured, place } from './draft.ts'
import { existsInBase, existsInHead, type Facts, oldPathOf } from './facts.ts'

type Side = 'base' | 'head'
interface Found extends ApiBreak {
  path: string
  entry: string
}

export async function measureApi(facts: Facts): Promise<Draft> {
  const changed = facts.files.filter((file) => isScript(file.path) && isProduct(file.path))
  const manifests = facts.files.filter((file) => baseName(file.path) === 'package.json')
  if (changed.length + manifests.length === 0) return good('No JavaScript or TypeScript module changed its exports')
  const found: Found[] = []
  let seen = 0
  for (const dir of await packagesOf(
    facts,
    [...changed, ...manifests].flatMap((file) => [file.path, oldPathOf(file)]),
  )) {
    const base = await publicSurface(facts, 'base', dir)
    if (base === null) continue
    const head = await publicSurface(facts, 'head', dir)
    seen += base.size
    for (const [entry, surface] of base) {
      const after = head?.get(entry)
      const path = after?.path ?? surface.path
      const breaks = after
        ? compareSurfaces(surface.names, after.names)
        : [{ name: entry, what: `entry ${entry} is gone`, certain: true, line: null }]
      found.push(...breaks.map((one) => ({ ...one, path: head?.get(entry)?.homes.get(one.name) ?? path, entry })))
    }
  }
  if (seen === 0) return measureLoose(facts)
  return judge(facts, found, 'major')
}

/** No package says what is public: every export of a changed file may be, unless the package is private. */
async function measureLoose(facts: Facts): Promise<Draft> {
  const found: Found[] = []
  const inPackage = (await facts.paths('base')).has('package.json')
  for (const file of facts.files.filter((one) => isScript(one.path) && isProduct(one.path) && existsInBase(one))) {
    const before = await facts.source('base', oldPathOf(file))
    if (!before) continue
    const after = existsInHead(file) ? await facts.source('head', file.path) : null
    if (existsInHead(file) && !after) return notMeasured(`${file.path} could not be parsed`)
    const breaks = compareSurfaces(exportsOf(before).names, after ? exportsOf(after).names : new Map())
    found.push(...breaks.map((one) => ({ ...one, path: file.path, entry: file.path })))
  }
  return judge(facts, found, inPackage ? 'internal' : 'major')
}

function judge(facts: Facts, found: Found[], weight: 'major' | 'internal'): Draft {
  const said = readPrompt(facts.prompt)
  const asked = (one: Found): boolean =>
    names(said, one.name) || (/\bbreaking change|\bmajor version/i.test(facts.prompt) && one.certain)
  const certain = found.filter((one) => one.certain && !asked(one))
  const unsure = found.filter((one) => !one.certain && !asked(one))
  const lists = {
    broke: certain.map((one) => one.what),
    changed: unsure.map((one) => one.what),
    asked: found.filter(asked).map((one) => one.what),
  }
  const places = [...certain, ...unsure].map((one) => place(one.path, one.line, one.what))
  const more = { lists, places, head: certain.length }
  if (certain.length > 0 && weight === 'major') {
    return bad('major', `${count(certain.length, 'exported API break')}: ${listNames(lists.broke)}`, more)
  }
  if (certain.length > 0)
    return neutral(`${count(certain.length, 'internal export')} changed: ${listNames(lists.broke)}`, more)
  if (unsure.length > 0)
    return bad('minor', `${count(unsure.length, 'exported type')} changed: ${listNames(lists.changed)}`, more)
  if (lists.asked.length > 0) return neutral(`Exports changed as asked: ${listNames(lists.asked)}`, more)
  return good('No exported API broke', more)
}

async function packagesOf(facts: Facts, paths: string[]): Promise<string[]> {
  const tree = await facts.paths('base')
  const dirs = paths.map((path) => {
    for (let dir = folderOf(path); ; dir = folderOf(dir)) {
      if (tree.has(dir === '' ? 'package.json' : `${dir}/package.json`) || dir === '') return dir
    }
  })
  return [...new Set(dirs)]
}

interface EntrySurface {
  path: string
  names: Map<string, Exported>
  /** File in which each name is declared. */
  homes: Map<string, string>
}

/** Names by entry (`.`, `./sub`) of one package; null when it names no entry that the tree has. */
async function publicSurface(facts: Facts, side: Side, dir: string): Promise<Map<string, EntrySurface> | null> {
  const manifest = await facts.json(side, dir === '' ? 'package.json' : `${dir}/package.json`)
  if (!manifest) return null
  const paths = await facts.paths(side)
  const resolver = makeResolver({ paths, text: (path) => facts.text(side, path) })
  const keys = Object.keys(objectOf(manifest.exports)).filter((key) => key.startsWith('.') && !key.includes('*'))
  const surfaces = new Map<string, EntrySurface>()
  for (const key of keys.length > 0 ? keys : ['.']) {
    const files = entryFiles(manifest, key)
    const path = files.map((file) => sourceBehind(paths, dir, file)).find((one) => one !== null && isScript(one))
    if (!path) continue
    const surface: EntrySurface = { path, names: new Map(), homes: new Map() }
    await collect(facts, side, resolver, path, surface, null, new Set())
    surfaces.set(key, surface)
  }
  return surfaces.size > 0 ? surfaces : null
}

/** Follows re-exports from a module, keeping only `wanted` names (old name to new) when given. */
async function collect(
  facts: Facts,
  side: Side,
  resolver: Resolver,
  path: string,
  into: EntrySurface,
  wanted: Map<string, string> | null,
  visited: Set<string>,
): Promise<void> {
  const visit = `${path} ${wanted ? [...wanted].join() : '*'}`
  if (visited.has(visit) || visited.size > 2000) return
  visited.add(visit)
  const source = await facts.source(side, path)
  if (!source) return
  const surface = exportsOf(source)
  for (const [name, exported] of surface.names) {
    const as = wanted ? wanted.get(name) : name
    // `export *` passes on every name but the default.
    if (as === undefined || into.names.has(as) || (!wanted && name === 'default' && visited.size > 1)) continue
    into.names.set(as, exported)
    into.homes.set(as, path)
  }
  for (const one of surface.from) {
    const as = one.name === '*' ? null : wanted ? wanted.get(one.name) : one.name
    if (as === undefined) continue
    const target = await resolver.resolve(path, one.specifier)
    const isWhole = one.local === '*' && as !== null
    if (target.kind !== 'file' || isWhole) {
      if (as !== null)
        into.names.set(as, { kind: 'namespace', line: 1, params: null, returns: '', members: null, shape: false })
      continue
    }
    const next = as === null ? wanted : new Map([[one.local, as]])
    await collect(facts, side, resolver, target.path, into, next, visited)
  }
}
