// Installs an agent's pinned packages into a folder of its own, complete or not at all.
import { execFile } from 'node:child_process'
import { access, chmod, mkdir, mkdtemp, realpath, rename, rm, writeFile } from 'node:fs/promises'
import { delimiter, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { Refusal } from '@seatrial/protocol'
import type { CatalogEntry } from './entry.ts'
import type { AgentPlaces } from './find.ts'

const run = promisify(execFile)

/**
 * Runs npm under the house's own Node, because an older Node makes npm pick older packages without a word.
 * Install scripts of third parties are not run: none of the catalog needs one.
 */
export async function installEntry(entry: CatalogEntry, places: AgentPlaces, signal?: AbortSignal): Promise<void> {
  const { program } = entry
  if (program.from === 'path')
    throw new Refusal('unprocessable', `Install ${entry.label} yourself: \`${program.hint}\`.`)
  if (program.from === 'house') throw new Refusal('unprocessable', `${entry.label} comes with the house.`)
  const npm = await findNpm(places.path)
  await mkdir(places.agentsDir, { recursive: true })
  const fresh = await mkdtemp(join(places.agentsDir, `.${entry.id}-`))
  try {
    const manifest = { name: `seatrial-agent-${entry.id}`, private: true, dependencies: program.packages }
    await writeFile(join(fresh, 'package.json'), JSON.stringify(manifest, null, 2))
    const args = [npm, 'install', '--ignore-scripts', '--no-audit', '--no-fund', '--omit=dev', '--loglevel=error']
    const env = { ...places.npmEnv, PATH: [dirname(places.nodeBinary), places.path].join(delimiter) }
    await run(places.nodeBinary, args, { cwd: fresh, env, maxBuffer: 1 << 24, ...(signal ? { signal } : {}) })
    // Another user runs the agent, so the folder must not stay private as `mkdtemp` makes it.
    await chmod(fresh, 0o755)
    const target = join(places.agentsDir, entry.id)
    await rm(target, { recursive: true, force: true })
    await rename(fresh, target)
  } catch (error) {
    await rm(fresh, { recursive: true, force: true })
    if (signal?.aborted) throw error
    const said = (error as { stderr?: string }).stderr?.trim().split('\n').slice(-3).join(' ') ?? String(error)
    throw new Refusal('unavailable', `npm could not install ${entry.label}: ${said}`)
  }
}

async function findNpm(path: string): Promise<string> {
  for (const dir of path.split(delimiter).filter(Boolean)) {
    const file = join(dir, 'npm')
    const there = await access(file).then(
      () => true,
      () => false,
    )
    if (there) return realpath(file)
  }
  throw new Refusal('unavailable', 'No `npm` on the PATH; it is needed to install agents.')
}
