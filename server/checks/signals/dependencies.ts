// New dependencies: licences, install scripts, and whether the lockfile follows the manifest.
import satisfies from 'spdx-satisfies'
import { count, listNames } from '../names.ts'
import { declaredIn, type LockedPackage, lockedIn } from '../source/dependencies.ts'
import { baseName, folderOf, isLockfile, lockfiles } from '../source/file-kinds.ts'
import { objectOf } from '../source/resolve-import.ts'
import { bad, type Draft, good, neutral, notMeasured, type Place, place } from './draft.ts'
import { addedLines, existsInBase, existsInHead, type Facts, oldPathOf, readObject } from './facts.ts'

interface NewDependency {
  name: string
  /** As declared, or as locked. */
  version: string
  path: string
  line: number | null
  locked: LockedPackage | null
}

const isManifest = (path: string): boolean => baseName(path) === 'package.json' && !path.includes('node_modules/')
const foreignManifest = /(?:^|\/)(?:Cargo\.toml|go\.mod|pyproject\.toml|requirements[^/]*\.txt|Gemfile|composer\.json)$/

/** Packages newly declared in a manifest or newly locked, locked data attached where there is any. */
async function newDependencies(facts: Facts): Promise<NewDependency[]> {
  const locked = new Map<string, { one: LockedPackage; path: string }>()
  const before = new Set<string>()
  for (const file of facts.files.filter((one) => isLockfile(one.path))) {
    const base = lockedIn(file.path, existsInBase(file) ? await facts.text('base', oldPathOf(file)) : null)
    for (const one of base?.values() ?? []) before.add(one.name)
    const head = lockedIn(file.path, existsInHead(file) ? await facts.text('head', file.path) : null)
    for (const [key, one] of head ?? []) if (!base?.has(key)) locked.set(one.name, { one, path: file.path })
  }
  const found = new Map<string, NewDependency>()
  for (const file of facts.files.filter((one) => isManifest(one.path) && existsInHead(one))) {
    const base = declaredIn(existsInBase(file) ? await facts.json('base', oldPathOf(file)) : null)
    const head = declaredIn(await facts.json('head', file.path))
    for (const [name, version] of head) {
      if (base.has(name) || /^(?:workspace|file|link|portal):/.test(version)) continue
      const line = addedLines(file).find((one) => one.text.includes(`"${name}"`))?.line ?? null
      found.set(name, { name, version, path: file.path, line, locked: locked.get(name)?.one ?? null })
    }
  }
  for (const [name, { one, path }] of locked) {
    if (!found.has(name) && !before.has(name))
      found.set(name, { name, version: one.version, path, line: null, locked: one })
  }
  return [...found.values()]
}

/** Licences that may be taken in without asking: permissive ones, and weak copyleft by file. */
const allowed = [
  ...['MIT', 'MIT-0', 'ISC', '0BSD', 'BSD-2-Clause', 'BSD-3-Clause', 'Apache-2.0', 'Zlib', 'Unlicense', 'CC0-1.0'],
  ...[
    'CC-BY-3.0',
    'CC-BY-4.0',
    'BlueOak-1.0.0',
    'Python-2.0',
    'MPL-2.0',
    'BSL-1.0',
    'WTFPL',
    'Artistic-2.0',
    'OFL-1.1',
  ],
]

export async function measureLicences(facts: Facts): Promise<Draft> {
  const own = facts.files.filter(
    (file) => /(?:^|\/)(?:LICEN[CS]E|COPYING|NOTICE)(?:\.\w+)?$/i.test(file.path) && folderOf(file.path) === '',
  )
  const said = /\blicen[cs]e|\bnotice\b/i.test(facts.prompt)
  if (own.length > 0 && !said) {
    const places = own.map((file) => place(file.path, file.hunks[0]?.newStart ?? null, "the project's own licence"))
    return bad('critical', `The project's own licence file ${listNames(own.map((file) => file.path))} changed`, {
      places,
    })
  }
  const relicensed = await changedLicenceField(facts)
  if (relicensed && !said)
    return bad('critical', `The licence field went from ${relicensed.from} to ${relicensed.to}`, {
      places: [relicensed.place],
    })
  const fresh = await newDependencies(facts)
  if (fresh.length === 0) {
    const foreign = facts.files.filter((file) => foreignManifest.test(file.path) && file.added > 0)
    if (foreign.length > 0)
      return notMeasured(`Licences of what ${listNames(foreign.map((file) => file.path))} declares were not read`)
    return good('No new dependency')
  }
  const judged = await Promise.all(fresh.map(async (one) => ({ one, licence: await licenceOf(facts, one) })))
  const wrong = judged.filter(({ licence }) => licence !== null && !isAllowed(licence))
  const unknown = judged.filter(({ licence }) => licence === null)
  const lists = {
    refused: wrong.map(({ one, licence }) => `${one.name} (${licence})`),
    unknown: unknown.map(({ one }) => one.name),
    taken: judged
      .filter(({ licence }) => licence !== null && isAllowed(licence))
      .map(({ one, licence }) => `${one.name} (${licence})`),
  }
  const places = [...wrong, ...unknown].map(({ one, licence }) =>
    place(one.path, one.line, `${one.name}: ${licence ?? 'licence unknown'}`),
  )
  const more = { lists, places, head: wrong.length }
  if (wrong.length > 0)
    return bad(
      'major',
      `${count(wrong.length, 'new dependency', 'new dependencies')} under another licence: ${listNames(lists.refused)}`,
      more,
    )
  if (unknown.length > 0) return notMeasured(`The licence of ${listNames(lists.unknown)} could not be read`, more)
  return good(`${count(fresh.length, 'new dependency', 'new dependencies')}, all permissively licensed`, more)
}

async function licenceOf(facts: Facts, one: NewDependency): Promise<string | null> {
  for (const dir of [folderOf(one.path), '']) {
    const text = await facts.readWorkspace?.(`${dir === '' ? '' : `${dir}/`}node_modules/${one.name}/package.json`)
    const manifest = readObject(text ?? null)
    const licence = manifest?.license ?? objectOf(manifest?.licence).type
    if (typeof licence === 'string') return licence
    const type = objectOf(licence).type
    if (typeof type === 'string') return type
  }
  return one.locked?.licence ?? null
}

function isAllowed(licence: string): boolean {
  try {
    return satisfies(licence, allowed)
  } catch {
    // "UNLICENSED", "SEE LICENSE IN ..." and free text are no grants.
    return false
  }
}

async function changedLicenceField(facts: Facts): Promise<{ from: string; to: string; place: Place } | null> {
  for (const file of facts.files.filter((one) => isManifest(one.path) && existsInBase(one) && existsInHead(one))) {
    const from = (await facts.json('base', oldPathOf(file)))?.license
    const to = (await facts.json('head', file.path))?.license
    const line = addedLines(file).find((one) => one.text.includes('"license"'))?.line ?? null
    if (typeof from === 'string' && from !== to)
      return { from, to: String(to ?? 'none'), place: place(file.path, line, 'license') }
  }
  return null
}

const installHooks = ['preinstall', 'install', 'postinstall', 'prepare', 'prepublish', 'preprepare', 'postprepare']

export async function measureInstallScripts(facts: Facts): Promise<Draft> {
  const places: Place[] = []
  const names: string[] = []
  for (const file of facts.files.filter((one) => isManifest(one.path) && existsInHead(one))) {
    const before = objectOf((existsInBase(file) ? await facts.json('base', oldPathOf(file)) : null)?.scripts)
    const after = objectOf((await facts.json('head', file.path))?.scripts)
    for (const hook of installHooks) {
      if (after[hook] === undefined || after[hook] === before[hook]) continue
      const line = addedLines(file).find((one) => one.text.includes(`"${hook}"`))?.line ?? null
      names.push(`${hook} of ${file.path}`)
      places.push(place(file.path, line, `${hook}: ${String(after[hook])}`))
    }
  }
  const fresh = await newDependencies(facts)
  let unknown = 0
  for (const one of fresh) {
    const hook = await installHookOf(facts, one)
    if (hook === null) unknown++
    if (!hook) continue
    names.push(one.name)
    places.push(place(one.path, one.line, `${one.name} runs a script when installed`))
  }
  const more = { lists: { new: names }, places, head: names.length }
  if (names.length > 0)
    return bad('major', `${count(names.length, 'script')} would run on install: ${listNames(names)}`, more)
  if (unknown > 0)
    return notMeasured(
      `${count(unknown, 'new dependency', 'new dependencies')} could not be looked into for install scripts`,
    )
  return good('Nothing new runs on install', more)
}

/** Null when neither lockfile nor installed manifest tells. */
async function installHookOf(facts: Facts, one: NewDependency): Promise<boolean | null> {
  if (one.locked?.hasInstallScript) return true
  const text = await facts.readWorkspace?.(`node_modules/${one.name}/package.json`)
  const scripts = text ? objectOf(readObject(text)?.scripts) : null
  if (scripts) return ['preinstall', 'install', 'postinstall'].some((hook) => scripts[hook] !== undefined)
  return one.locked && baseName(one.path) !== 'yarn.lock' ? false : null
}

export async function measureLockfile(facts: Facts): Promise<Draft> {
  const locks = facts.files.filter((file) => isLockfile(file.path))
  const strange = await strangeSources(facts)
  if (strange.length > 0) {
    return bad(
      'critical',
      `${count(strange.length, 'package')} locked to an unusual address: ${listNames(strange.map((one) => one.text))}`,
      { places: strange },
    )
  }
  const paths = await facts.paths('head')
  const changed: string[] = []
  const missing: Place[] = []
  for (const file of facts.files.filter((one) => isManifest(one.path) && existsInHead(one))) {
    const before = declaredIn(existsInBase(file) ? await facts.json('base', oldPathOf(file)) : null)
    const after = declaredIn(await facts.json('head', file.path))
    const moved = [...new Set([...before.keys(), ...after.keys()])].filter(
      (name) => before.get(name) !== after.get(name),
    )
    const outside = moved.filter(
      (name) => !/^(?:workspace|file|link|portal):/.test(after.get(name) ?? before.get(name) ?? ''),
    )
    if (outside.length === 0) continue
    changed.push(file.path)
    const lock = lockAbove(paths, file.path)
    const line = addedLines(file).find((one) => outside.some((name) => one.text.includes(`"${name}"`)))?.line ?? null
    if (lock && !locks.some((one) => one.path === lock))
      missing.push(place(file.path, line, `${outside.join(', ')} not in ${lock}`))
  }
  if (missing.length > 0)
    return bad(
      'major',
      `Dependencies changed in ${listNames(missing.map((one) => one.path))} but not in the lockfile`,
      { places: missing },
    )
  const alone = locks.filter((file) => {
    const manifest = lockfiles[baseName(file.path)] ?? ''
    const dir = folderOf(file.path)
    return !facts.files.some((one) => baseName(one.path) === manifest && (dir === '' || one.path.startsWith(`${dir}/`)))
  })
  if (alone.length > 0 && !/\block|\bupdat|\bupgrad|\bdependenc|\bbump/i.test(facts.prompt)) {
    const places = alone.map((file) =>
      place(file.path, file.hunks[0]?.newStart ?? null, 'changed without its manifest'),
    )
    return bad('major', `${listNames(alone.map((file) => file.path))} changed without its manifest`, { places })
  }
  if (changed.length + locks.length === 0) return good('No dependency changed')
  return neutral('Lockfile and manifest changed together')
}

function lockAbove(paths: ReadonlySet<string>, manifest: string): string | null {
  for (let dir = folderOf(manifest); ; dir = folderOf(dir)) {
    const found = Object.keys(lockfiles)
      .filter((name) => lockfiles[name] === 'package.json')
      .map((name) => (dir === '' ? name : `${dir}/${name}`))
      .find((path) => paths.has(path))
    if (found || dir === '') return found ?? null
  }
}

/** Newly locked packages that come from git, plain http, or a host that no other package uses. */
async function strangeSources(facts: Facts): Promise<Place[]> {
  const places: Place[] = []
  for (const file of facts.files.filter((one) => isLockfile(one.path) && existsInHead(one) && existsInBase(one))) {
    const base = lockedIn(file.path, await facts.text('base', oldPathOf(file)))
    const head = lockedIn(file.path, await facts.text('head', file.path))
    const hostOf = (url: string | null): string | null =>
      /^[a-z+]+:\/\/(?:[^@/]*@)?([^/:]+)/.exec(url ?? '')?.[1] ?? null
    const known = new Set([...(base?.values() ?? [])].map((one) => hostOf(one.resolved)))
    for (const [key, one] of head ?? []) {
      const was = base?.get(key)
      if (!one.resolved || was?.resolved === one.resolved) continue
      const plain = /^(?:http:|git[+:]|file:)/.test(one.resolved)
      if (!plain && (known.size === 0 || known.has(hostOf(one.resolved)))) continue
      const line = addedLines(file).find((added) => added.text.includes(one.resolved ?? ''))?.line ?? null
      places.push(place(file.path, line, `${one.name} from ${hostOf(one.resolved) ?? one.resolved}`))
    }
  }
  return places
}
