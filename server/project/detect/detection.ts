// What one detector found: everything is optional, and each finding names the file it came from.
import { constants } from 'node:fs'
import { access, readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { type CheckSpec, Refusal } from '@seatrial/protocol'
import { commandDirs } from '../command-dirs.ts'

export interface Detection {
  /** File that gave it away, relative to the repository. */
  from: string
  setup?: string[]
  lockfiles?: string[]
  checks?: CheckSpec[]
  env?: Record<string, string>
  carry?: string[]
  /** Egress preset that the set-up needs. */
  preset?: string
}

/** A folder being looked at; `at` is its path relative to the repository, '' at the top. */
export interface Place {
  root: string
  at: string
  /** Names of the entries in it. */
  names: Set<string>
}

export async function lookAt(root: string, at: string): Promise<Place> {
  const names = await readdir(join(root, at)).catch(() => [])
  return { root, at, names: new Set(names) }
}

export const fileIn = (place: Place, name: string): string => (place.at ? `${place.at}/${name}` : name)

export const textIn = (place: Place, name: string): Promise<string> =>
  readFile(join(place.root, place.at, name), 'utf8').catch(() => '')

/** A JSON file that must be well-formed if it is there. */
// biome-ignore lint/suspicious/noExplicitAny: other people's files, read defensively
export async function jsonIn(place: Place, name: string): Promise<Record<string, any> | null> {
  if (!place.names.has(name)) return null
  try {
    const value = JSON.parse((await textIn(place, name)).replace(/^\uFEFF/, ''))
    if (value !== null && typeof value === 'object' && !Array.isArray(value)) return value
  } catch {
    // said below
  }
  throw new Refusal('unprocessable', `${fileIn(place, name)} is no valid JSON.`)
}

/** A command to be run in the place. */
export const inPlace = (place: Place, command: string): string =>
  place.at ? `cd ${quote(place.at)} && ${command}` : command

export const quote = (text: string): string =>
  /^[\w@%+=:,./-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`

export function check(
  place: Place,
  kind: CheckSpec['kind'],
  command: string,
  report: CheckSpec['report'] = null,
  name: string = kind,
): CheckSpec {
  return {
    name: place.at ? `${name} (${place.at})` : name,
    kind,
    command,
    cwd: place.at || '.',
    timeoutSeconds: 900,
    report,
  }
}

/** Whether set-up and checks will find a command: the PATH of the person who asks does not matter. */
export async function hasCommand(name: string, dirs: readonly string[] = commandDirs): Promise<boolean> {
  for (const dir of dirs) {
    const found = await access(join(dir, name), constants.X_OK).then(
      () => true,
      () => false,
    )
    if (found) return true
  }
  return false
}

export const exists = (path: string): Promise<boolean> =>
  access(path).then(
    () => true,
    () => false,
  )
