// Declared and locked dependencies of the npm family, and what changed in them.
import { baseName } from './file-kinds.ts'
import { objectOf } from './resolve-import.ts'

export interface LockedPackage {
  name: string
  version: string
  licence: string | null
  hasInstallScript: boolean
  resolved: string | null
}

const fields = ['dependencies', 'devDependencies', 'optionalDependencies', 'peerDependencies'] as const

/** `name -> range` over all fields of a package.json. */
export function declaredIn(manifest: Record<string, unknown> | null): Map<string, string> {
  const declared = new Map<string, string>()
  for (const field of fields) {
    for (const [name, range] of Object.entries(objectOf(manifest?.[field]))) declared.set(name, String(range))
  }
  return declared
}

/** Packages of a lockfile by `name@version`; null for formats that are not read in full. */
export function lockedIn(path: string, text: string | null): Map<string, LockedPackage> | null {
  if (text === null) return new Map()
  const read = lockReaders[baseName(path)]
  return read ? new Map(read(text).map((one) => [`${one.name}@${one.version}`, one])) : null
}

const lockReaders: Record<string, (text: string) => LockedPackage[]> = {
  'package-lock.json': readNpmLock,
  'npm-shrinkwrap.json': readNpmLock,
  'yarn.lock': readYarnLock,
  'pnpm-lock.yaml': readPnpmLock,
}

function readNpmLock(text: string): LockedPackage[] {
  let document: Record<string, unknown>
  try {
    document = objectOf(JSON.parse(text))
  } catch {
    return []
  }
  return Object.entries(objectOf(document.packages)).flatMap(([path, raw]) => {
    const at = path.lastIndexOf('node_modules/')
    const one = objectOf(raw)
    if (at < 0 || one.link === true) return []
    return [
      {
        name: typeof one.name === 'string' ? one.name : path.slice(at + 'node_modules/'.length),
        version: String(one.version ?? ''),
        licence: typeof one.license === 'string' ? one.license : null,
        hasInstallScript: one.hasInstallScript === true,
        resolved: typeof one.resolved === 'string' ? one.resolved : null,
      },
    ]
  })
}

function readYarnLock(text: string): LockedPackage[] {
  return text.split(/\n(?=\S)/).flatMap((block) => {
    const name = /^"?(@?[^@\s"]+)@/.exec(block)?.[1]
    const version = /^ {2}version:? "?([^"\n]+)"?/m.exec(block)?.[1]
    const resolved = /^ {2}resolved "([^"]+)"/m.exec(block)?.[1] ?? null
    return name && version ? [{ name, version, licence: null, hasInstallScript: false, resolved }] : []
  })
}

function readPnpmLock(text: string): LockedPackage[] {
  const from = text.search(/^packages:/m)
  const blocks = from < 0 ? [] : text.slice(from).split(/\n(?= {2}\S)/)
  return blocks.flatMap((block) => {
    const match = /^ {2}['"]?\/?(@?[^@\s'"]+)[@/]([^:'"(\s]+)/.exec(block)
    if (!match) return []
    const hasInstallScript = /^ {4}requiresBuild: true/m.test(block)
    const resolved = /tarball: ([^,}\s]+)/.exec(block)?.[1] ?? null
    return [{ name: match[1] ?? '', version: match[2] ?? '', licence: null, hasInstallScript, resolved }]
  })
}
