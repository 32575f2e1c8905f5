// Which package in which version a lockfile pins, over all ecosystems that advisories speak of.
import type { Ecosystem } from '../advisories/osv.ts'
import { lockedIn } from './dependencies.ts'
import { baseName } from './file-kinds.ts'
import { objectOf } from './resolve-import.ts'

export interface Pinned {
  ecosystem: Ecosystem
  name: string
  version: string
}

interface Reader {
  file: RegExp
  ecosystem: Ecosystem
  read(text: string, path: string): { name: string; version: string }[]
}

const matches = (text: string, pattern: RegExp): { name: string; version: string }[] =>
  [...text.matchAll(pattern)].map(([, name = '', version = '']) => ({ name, version }))
const tomlPackages = (text: string) =>
  matches(text, /^\[\[package\]\]\r?\nname = "([^"\n]+)"\r?\nversion = "([^"\n]+)"/gm)
const npm = (text: string, path: string) => [...(lockedIn(path, text)?.values() ?? [])]

const readers: readonly Reader[] = [
  { file: /^(?:package-lock\.json|npm-shrinkwrap\.json|yarn\.lock|pnpm-lock\.yaml)$/, ecosystem: 'npm', read: npm },
  { file: /^Cargo\.lock$/, ecosystem: 'crates.io', read: tomlPackages },
  { file: /^(?:poetry|uv|pdm)\.lock$/, ecosystem: 'PyPI', read: tomlPackages },
  { file: /^Pipfile\.lock$/, ecosystem: 'PyPI', read: readPipfile },
  {
    file: /^requirements[\w.-]*\.txt$/,
    ecosystem: 'PyPI',
    read: (text) => matches(text, /^([A-Za-z0-9][\w.-]*)(?:\[[^\]\n]*\])?\s*===?\s*([\w.!+-]+)/gm),
  },
  {
    file: /^go\.mod$/,
    ecosystem: 'Go',
    read: (text) => matches(text, /^(?:require )?\s*([\w.~-]+\.[\w./~-]+) v(\d[\w.+-]*)/gm),
  },
]

export const pinsPackages = (path: string): boolean => readers.some(({ file }) => file.test(baseName(path)))

export function pinnedIn(path: string, text: string | null): Pinned[] {
  const reader = readers.find(({ file }) => file.test(baseName(path)))
  if (!reader || text === null) return []
  return reader.read(text, path).map(({ name, version }) => ({ ecosystem: reader.ecosystem, name, version }))
}

function readPipfile(text: string): { name: string; version: string }[] {
  let lock: Record<string, unknown>
  try {
    lock = objectOf(JSON.parse(text))
  } catch {
    return []
  }
  return [lock.default, lock.develop].flatMap((group) =>
    Object.entries(objectOf(group)).flatMap(([name, one]) => {
      const version = /^==(.+)$/.exec(String(objectOf(one).version ?? ''))?.[1]
      return version ? [{ name, version }] : []
    }),
  )
}
