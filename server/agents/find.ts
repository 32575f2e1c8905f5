// Finds an agent's program on this machine: in the house, in the agents' folder, or on the user's PATH.
import { constants, existsSync } from 'node:fs'
import { access, open, readFile, realpath } from 'node:fs/promises'
import { arch, platform } from 'node:os'
import { delimiter, dirname, join } from 'node:path'
import type { CatalogEntry } from './entry.ts'

/** Where the house keeps and looks for things. */
export interface AgentPlaces {
  /** Folder under the data folder with one folder per installed agent. */
  agentsDir: string
  /** Folder that holds `agent/`, `refactor/` and `scripted/`. */
  houseDir: string
  /** Node that runs JavaScript agents. */
  nodeBinary: string
  /** The user's PATH, where agents with origin `user` are looked up. */
  path: string
  /** Environment for npm when it installs an agent (proxy, registry, cache). */
  npmEnv: Record<string, string | undefined>
}

/** What of the house its own agents and tools run from; the rest of its folder is not shown to anyone inside. */
const houseParts = ['agent', 'refactor', 'scripted', 'protocol', 'node_modules', 'package.json']

/** Host paths a found program needs to see, none below another. */
export function mountsFor(found: FoundProgram, places: AgentPlaces): string[] {
  const parts = houseParts.map((part) => join(places.houseDir, part)).filter(existsSync)
  const all = [...new Set([...found.mounts, ...parts, dirname(places.nodeBinary)])]
  return all.filter((path) => !all.some((other) => other !== path && path.startsWith(`${other}/`)))
}

export interface FoundProgram {
  /** The file to run. */
  file: string
  /** Run by Node instead of by itself. */
  javascript: boolean
  installDir: string
  version: string | null
  /** Its own folders, which must be visible, read-only, inside the sandbox. */
  mounts: string[]
}

/** The program, or one sentence that says what to do to get it. */
export async function findProgram(
  entry: CatalogEntry,
  places: AgentPlaces,
): Promise<{ found: FoundProgram } | { missing: string }> {
  const { program } = entry
  if (program.from === 'house') {
    const file = join(places.houseDir, program.file)
    if (!(await isFile(file))) return { missing: `This house comes without ${program.file}.` }
    const version = await readVersion(places.houseDir)
    return { found: { file, javascript: true, installDir: '', version, mounts: [] } }
  }
  if (program.from === 'npm') {
    const installDir = join(places.agentsDir, entry.id)
    const packageDir = join(installDir, 'node_modules', program.package)
    const file = (await nativeOf(installDir, program.native ?? [])) ?? (await binOf(packageDir, program.bin))
    if (!file) return { missing: `Not installed; run \`seatrial agents install ${entry.id}\`.` }
    const version = await readVersion(packageDir)
    return {
      found: { file, javascript: await isJavaScript(file), installDir, version, mounts: [installDir] },
    }
  }
  const file = await onPath(program.bin, places.path)
  if (!file) return { missing: `No \`${program.bin}\` on the PATH; install it with \`${program.hint}\`.` }
  const root = packageRoot(file)
  const version = root ? await readVersion(root.packageDir) : null
  return {
    found: {
      file,
      javascript: await isJavaScript(file),
      installDir: '',
      version,
      mounts: [root?.mount ?? dirname(file)],
    },
  }
}

async function isFile(file: string): Promise<boolean> {
  return access(file, constants.R_OK).then(
    () => true,
    () => false,
  )
}

async function readPackage(dir: string): Promise<{ version?: string; bin?: string | Record<string, string> } | null> {
  return readFile(join(dir, 'package.json'), 'utf8').then(JSON.parse, () => null)
}

async function readVersion(dir: string): Promise<string | null> {
  return (await readPackage(dir))?.version ?? null
}

async function binOf(packageDir: string, bin: string): Promise<string | null> {
  const manifest = await readPackage(packageDir)
  const relative = typeof manifest?.bin === 'string' ? manifest.bin : manifest?.bin?.[bin]
  if (!relative) return null
  return realpath(join(packageDir, relative)).catch(() => null)
}

async function nativeOf(installDir: string, candidates: string[]): Promise<string | null> {
  for (const candidate of candidates) {
    const file = join(installDir, 'node_modules', candidate.replace('PLATFORM-ARCH', `${platform()}-${arch()}`))
    if (await isFile(file)) return file
  }
  return null
}

async function onPath(bin: string, path: string): Promise<string | null> {
  for (const dir of path.split(delimiter).filter(Boolean)) {
    const file = join(dir, bin)
    const usable = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    )
    if (usable) return realpath(file)
  }
  return null
}

/** JavaScript by its name or by its first line; anything else runs by itself. */
async function isJavaScript(file: string): Promise<boolean> {
  if (/\.[cm]?[jt]s$/.test(file)) return true
  const handle = await open(file, 'r')
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(64), 0, 64, 0)
    return /^#!.*\bnode\b/.test(buffer.toString('latin1', 0, bytesRead))
  } finally {
    await handle.close()
  }
}

/** The outermost `node_modules` a file sits in, so that hoisted packages are seen too, and its own package's folder. */
function packageRoot(file: string): { mount: string; packageDir: string } | null {
  const first = file.indexOf('/node_modules/')
  if (first < 0) return null
  const last = file.lastIndexOf('/node_modules/') + '/node_modules/'.length
  const [scopeOrName = '', name = ''] = file.slice(last).split('/')
  const packageDir = file.slice(0, last) + (scopeOrName.startsWith('@') ? `${scopeOrName}/${name}` : scopeOrName)
  return { mount: file.slice(0, first + '/node_modules'.length), packageDir }
}
