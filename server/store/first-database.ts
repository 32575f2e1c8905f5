// The first database of a data folder, tables included. Making one takes seconds and hundreds of megabytes, so a process of its own does
// it, once per installation; every data folder gets a copy, complete or not at all.
import { execFile } from 'node:child_process'
import { createHash } from 'node:crypto'
import { constants, existsSync, readFileSync } from 'node:fs'
import { cp, mkdir, mkdtemp, readdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { migrationsFolder } from './pglite.ts'

const run = promisify(execFile)
const maker = fileURLToPath(new URL('../first-database-process.ts', import.meta.url))
const shelf = fileURLToPath(new URL('../../node_modules/.cache/seatrial', import.meta.url))

const isDatabase = (dir: string): boolean => existsSync(join(dir, 'PG_VERSION'))

/** Puts an empty database at `dir` unless there is one. The caller holds the lock of the data folder. */
export async function ensureDatabase(dir: string, templates: string = shelf): Promise<void> {
  if (isDatabase(dir)) return
  const there = await readdir(dir).catch(() => [])
  if (there.length > 0) throw new Error(`it holds ${there[0]}, but no database`)
  const fresh = `${dir}.new`
  await rm(fresh, { recursive: true, force: true })
  try {
    const template = await findOrMakeTemplate(templates)
    await mkdir(dirname(dir), { recursive: true })
    if (template) await cp(template, fresh, { recursive: true, mode: constants.COPYFILE_FICLONE })
    else await make(fresh)
    await reachDisk(fresh)
    await rename(fresh, dir)
  } catch (error) {
    await rm(fresh, { recursive: true, force: true })
    throw error
  }
}

/** The installation's template; null where nobody may write one. */
async function findOrMakeTemplate(templates: string): Promise<string | null> {
  const template = join(templates, `database-${edition()}`)
  if (isDatabase(template)) return template
  const made = await mkdir(templates, { recursive: true })
    .then(() => mkdtemp(join(templates, '.new-')))
    .catch(() => null)
  if (!made) return null
  try {
    await make(made)
    await reachDisk(made)
    // Two houses may make it at once; the first stays.
    await rename(made, template).catch((error: unknown) => {
      if (!isDatabase(template)) throw error
    })
    return template
  } finally {
    await rm(made, { recursive: true, force: true })
  }
}

/** What a template depends on: the database, the queue and the tables of the house. */
function edition(): string {
  const versions = ['@electric-sql/pglite', 'pg-boss'].map((name) => {
    const manifest = join(dirname(fileURLToPath(import.meta.resolve(name))), '..', 'package.json')
    return (JSON.parse(readFileSync(manifest, 'utf8')) as { version: string }).version
  })
  const journal = readFileSync(join(migrationsFolder, 'meta/_journal.json'), 'utf8')
  return createHash('sha256')
    .update(JSON.stringify([versions, journal]))
    .digest('hex')
    .slice(0, 12)
}

const make = (dir: string): Promise<unknown> => run(process.execPath, [maker, dir])

/** What was copied or made without syncing has to be there after a power cut before anything is acknowledged on top of it. */
const reachDisk = (dir: string): Promise<unknown> => run('sync', process.platform === 'linux' ? ['-f', dir] : [])
