// Imports of changed modules: specifiers that resolve to nothing, names that are not exported, new cycles.
import { count, listNames } from '../names.ts'
import { exportsOf } from '../source/exports.ts'
import { isFixture, isScript } from '../source/file-kinds.ts'
import { importsOf } from '../source/imports.ts'
import { makeResolver, type Resolver } from '../source/resolve-import.ts'
import { bad, type Draft, good, notMeasured, type Place, place } from './draft.ts'
import { addedLines, existsInBase, existsInHead, type Facts, oldPathOf } from './facts.ts'

const mostFiles = 3000
const resolverOf = async (facts: Facts, side: 'base' | 'head'): Promise<Resolver> =>
  makeResolver({ paths: await facts.paths(side), text: (path) => facts.text(side, path) })

export async function measureImports(facts: Facts): Promise<Draft> {
  const files = facts.files.filter((file) => isScript(file.path) && !isFixture(file.path))
  const head = await resolverOf(facts, 'head')
  const base = await resolverOf(facts, 'base')
  const renamed = new Map(facts.files.map((file) => [file.path, oldPathOf(file)]))
  const touched = files.filter(existsInHead).map((file) => file.path)
  const suspects = [...new Set([...touched, ...(await dependants(facts, files))])]
  const unparsed: string[] = []
  const found: Place[] = []
  for (const path of suspects) {
    const source = await facts.source('head', path)
    if (!source) {
      unparsed.push(path)
      continue
    }
    if (!source.sound) {
      if (touched.includes(path)) found.push(place(path, 1, 'the file does not parse'))
      continue
    }
    for (const one of importsOf(source)) {
      const problem = await problemOf(facts, head, 'head', path, one)
      if (problem === null) continue
      // What was broken on the base is not this candidate's doing.
      const old = renamed.get(path) ?? path
      const before =
        touched.includes(path) || (await facts.text('base', old)) === null ? await wasThere(facts, old, one) : true
      if (before && (await problemOf(facts, base, 'base', old, one)) !== null) continue
      found.push(place(path, one.line, problem))
    }
  }
  const lists = { unresolved: found.map((one) => `${one.text} (${one.path}:${one.line})`) }
  const more = { lists, places: found, head: found.length }
  if (found.length > 0)
    return bad('critical', `${count(found.length, 'import')} lead nowhere: ${listNames(lists.unresolved)}`, more)
  if (unparsed.length > 0) return notMeasured(`${listNames(unparsed)} could not be parsed safely`)
  return good(
    suspects.length > 0 ? `Every import of ${count(suspects.length, 'file')} resolves` : 'No script changed',
    more,
  )
}

interface ImportOf {
  specifier: string
  names: string[]
}

async function wasThere(facts: Facts, path: string, one: ImportOf): Promise<boolean> {
  const source = await facts.source('base', path)
  return source
    ? importsOf(source).some(
        (old) => old.specifier === one.specifier && one.names.every((name) => old.names.includes(name)),
      )
    : false
}

/** Null when the specifier resolves and the target exports every name. */
async function problemOf(
  facts: Facts,
  resolver: Resolver,
  side: 'base' | 'head',
  from: string,
  one: ImportOf,
): Promise<string | null> {
  const target = await resolver.resolve(from, one.specifier)
  if (target.kind === 'missing') return target.sentence
  if (target.kind !== 'file' || !isScript(target.path)) return null
  const known = await namesOf(facts, resolver, side, target.path, new Set())
  if (known === null) return null
  const missing = one.names.filter((name) => !known.has(name))
  return missing.length > 0 ? `${missing.join(', ')} is not exported by ${target.path}` : null
}

/** Every name a module exports; null when it cannot be told (CommonJS, `export *` from outside, unsound source). */
async function namesOf(
  facts: Facts,
  resolver: Resolver,
  side: 'base' | 'head',
  path: string,
  visited: Set<string>,
): Promise<Set<string> | null> {
  if (visited.has(path)) return new Set()
  visited.add(path)
  const source = await facts.source(side, path)
  if (!source?.sound || !source.module.hasModuleSyntax || /\bexport\s*=|\bdeclare module\b/.test(source.text))
    return null
  const surface = exportsOf(source)
  const names = new Set([
    ...surface.names.keys(),
    ...surface.from.filter((one) => one.name !== '*').map((one) => one.name),
  ])
  for (const one of surface.from.filter((each) => each.name === '*')) {
    const target = await resolver.resolve(path, one.specifier)
    if (target.kind !== 'file') return null
    const inner = await namesOf(facts, resolver, side, target.path, visited)
    if (inner === null) return null
    for (const name of inner) if (name !== 'default') names.add(name)
  }
  return names
}

/** Unchanged files that import a module which moved, went away, or lost exports. */
async function dependants(facts: Facts, files: Facts['files']): Promise<string[]> {
  const shaky: string[] = []
  for (const file of files.filter(existsInBase)) {
    const before = await facts.source('base', oldPathOf(file))
    const after = existsInHead(file) && file.path === oldPathOf(file) ? await facts.source('head', file.path) : null
    const names = after && new Set([...exportsOf(after).names.keys(), ...exportsOf(after).from.map((one) => one.name)])
    const lost = !before || !names || [...exportsOf(before).names.keys()].some((name) => !names.has(name))
    if (lost) shaky.push(oldPathOf(file))
  }
  if (shaky.length === 0) return []
  const stems = shaky.map(
    (path) =>
      path
        .replace(/\.[^./]+$/, '')
        .replace(/\/index$/, '')
        .split('/')
        .at(-1) ?? '',
  )
  const changed = new Set(files.map((file) => file.path))
  const scripts = (await facts.mayHold('head', stems)).filter(
    (path) => isScript(path) && !isFixture(path) && !changed.has(path) && !path.includes('node_modules/'),
  )
  if (scripts.length > mostFiles) return []
  const found: string[] = []
  for (const path of scripts) {
    const text = (await facts.text('head', path)) ?? ''
    if (/\b(?:import|export|require)\b/.test(text) && stems.some((stem) => text.includes(stem))) found.push(path)
  }
  return found
}

export async function measureCycles(facts: Facts): Promise<Draft> {
  const files = facts.files.filter((file) => isScript(file.path) && existsInHead(file) && !isFixture(file.path))
  if (files.length === 0) return good('No script changed, so no import cycle is new')
  const head = await resolverOf(facts, 'head')
  const base = await resolverOf(facts, 'base')
  const edges = new Map<string, Promise<{ to: string; line: number }[]>>()
  const edgesOf = (path: string) => {
    const known = edges.get(path) ?? runtimeEdges(facts, head, 'head', path)
    edges.set(path, known)
    return known
  }
  const found: Place[] = []
  const cycles: string[] = []
  for (const file of files) {
    const lines = new Set(addedLines(file).map((one) => one.line))
    const old = new Set(
      (existsInBase(file) ? await runtimeEdges(facts, base, 'base', oldPathOf(file)) : []).map((one) => one.to),
    )
    for (const edge of (await edgesOf(file.path)).filter((one) => lines.has(one.line) && !old.has(one.to))) {
      const way = await wayBack(edge.to, file.path, edgesOf)
      if (way === 'too many')
        return notMeasured(`More than ${mostFiles} files would have to be read to look for cycles`)
      if (!way) continue
      cycles.push([file.path, ...way].join(' -> '))
      found.push(place(file.path, edge.line, [file.path, ...way].join(' -> ')))
    }
  }
  const more = { lists: { new: cycles }, places: found, head: found.length }
  if (found.length > 0)
    return bad(
      'major',
      `${count(found.length, 'new import cycle')} through ${listNames(found.map((one) => `${one.path}:${one.line}`))}`,
      more,
    )
  return good('No new import cycle', more)
}

/** Edges that exist when the code runs: imports of types alone make no cycle. */
async function runtimeEdges(
  facts: Facts,
  resolver: Resolver,
  side: 'base' | 'head',
  path: string,
): Promise<{ to: string; line: number }[]> {
  const source = await facts.source(side, path)
  const found: { to: string; line: number }[] = []
  for (const one of source ? importsOf(source) : []) {
    if (one.typesOnly || one.dynamic) continue
    const target = await resolver.resolve(path, one.specifier)
    if (target.kind === 'file' && isScript(target.path)) found.push({ to: target.path, line: one.line })
  }
  return found
}

async function wayBack(
  from: string,
  to: string,
  edgesOf: (path: string) => Promise<{ to: string; line: number }[]>,
): Promise<string[] | null | 'too many'> {
  const cameFrom = new Map<string, string | null>([[from, null]])
  const waiting = [from]
  for (let path = waiting.shift(); path !== undefined; path = waiting.shift()) {
    if (path === to) {
      const way: string[] = []
      for (let at: string | null | undefined = path; at; at = cameFrom.get(at)) way.unshift(at)
      return way
    }
    if (cameFrom.size > mostFiles) return 'too many'
    for (const edge of await edgesOf(path)) {
      if (cameFrom.has(edge.to)) continue
      cameFrom.set(edge.to, path)
      waiting.push(edge.to)
    }
  }
  return null
}
