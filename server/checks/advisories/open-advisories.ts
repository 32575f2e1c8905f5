// Advisories that a person keeps on this machine: a folder or zip of OSV files, indexed once per state of it by package.
import { createHash } from 'node:crypto'
import { appendFile, mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { Refusal } from '@seatrial/protocol'
import { type Advisory, advisoriesOf, type Ecosystem, OsvRecord } from './osv.ts'
import { readZip } from './zip.ts'

export interface Advisories {
  /** Advisories about any of the packages. */
  about(ecosystem: Ecosystem, names: readonly string[]): Promise<Advisory[]>
  /** Day of the newest one, `YYYY-MM-DD`; empty when none says. */
  newest: string
  /** How many there are. */
  count: number
}

interface Meta {
  newest: string
  count: number
}

const buckets = 256
const bucketOf = (ecosystem: Ecosystem, name: string): string =>
  `${ecosystem.replace(/\W/g, '')}-${createHash('sha256').update(plain(ecosystem, name)).digest()[0]! % buckets}.ndjson`
/** PyPI takes `A.B` and `a-b` for the same. */
const plain = (ecosystem: Ecosystem, name: string): string =>
  ecosystem === 'PyPI' ? name.toLowerCase().replace(/[-_.]+/g, '-') : name

/** Opens `source`, a folder (its subfolders too) or a zip; the index is kept below `indexDir`. Refuses what is not there. */
export async function openAdvisories(source: string, indexDir: string): Promise<Advisories> {
  const state = await stateOf(source)
  const dir = join(indexDir, state)
  const kept = await readMeta(dir)
  const meta = kept ?? (await buildOnce(source, dir))
  if (!kept) await sweep(indexDir, state)
  return {
    ...meta,
    async about(ecosystem, names) {
      const wanted = new Set(names.map((name) => plain(ecosystem, name)))
      const found: Advisory[] = []
      for (const bucket of new Set([...wanted].map((name) => bucketOf(ecosystem, name)))) {
        const text = await readFile(join(dir, bucket), 'utf8').catch(() => '')
        for (const line of text.split('\n')) {
          if (line === '') continue
          const one = JSON.parse(line) as Advisory
          if (wanted.has(plain(ecosystem, one.name))) found.push(one)
        }
      }
      return found
    },
  }
}

const readMeta = async (dir: string): Promise<Meta | null> => {
  const text = await readFile(join(dir, 'meta.json'), 'utf8').catch(() => null)
  return text === null ? null : (JSON.parse(text) as Meta)
}

/** A name for what the source holds now: paths, sizes and times of the zip, or of the folders. */
async function stateOf(source: string): Promise<string> {
  const hash = createHash('sha256').update(`1\0${source}`)
  const look = async (path: string): Promise<void> => {
    const found = await stat(path).catch(() => null)
    if (!found)
      throw new Refusal('unprocessable', `There are no advisories at ${path}; see [advisories] in house.toml.`)
    hash.update(`${path}\0${found.mtimeMs}\0${found.isDirectory() ? '' : found.size}\0`)
    if (!found.isDirectory()) return
    const entries = await readdir(path, { withFileTypes: true })
    hash.update(`${entries.length}`)
    for (const entry of entries.filter((one) => one.isDirectory()).toSorted((a, b) => (a.name < b.name ? -1 : 1)))
      await look(join(path, entry.name))
  }
  await look(source)
  return hash.digest('hex').slice(0, 16)
}

async function* texts(source: string): AsyncGenerator<string> {
  if (!(await stat(source)).isDirectory()) {
    for await (const { text } of readZip(source, '.json')) yield text
    return
  }
  for (const entry of await readdir(source, { withFileTypes: true })) {
    const path = join(source, entry.name)
    if (entry.isDirectory()) yield* texts(path)
    else if (entry.name.endsWith('.json')) yield await readFile(path, 'utf8')
    else if (entry.name.endsWith('.zip')) for await (const { text } of readZip(path, '.json')) yield text
  }
}

/** Trials that ask at the same time wait for one index. */
const underWay = new Map<string, Promise<Meta>>()
function buildOnce(source: string, dir: string): Promise<Meta> {
  const building = underWay.get(dir) ?? build(source, dir).finally(() => underWay.delete(dir))
  underWay.set(dir, building)
  return building
}

const flushEvery = 5_000

async function build(source: string, dir: string): Promise<Meta> {
  const fresh = `${dir}.${process.pid}`
  await rm(fresh, { recursive: true, force: true })
  await mkdir(fresh, { recursive: true })
  const waiting = new Map<string, string[]>()
  const meta: Meta = { newest: '', count: 0 }
  const flush = async (): Promise<void> => {
    for (const [bucket, lines] of waiting) await appendFile(join(fresh, bucket), lines.join(''))
    waiting.clear()
  }
  for await (const text of texts(source)) {
    const record = readRecord(text)
    if (!record) continue
    for (const { ecosystem, advisory } of advisoriesOf(record)) {
      const bucket = bucketOf(ecosystem, advisory.name)
      const lines = waiting.get(bucket) ?? []
      waiting.set(bucket, lines)
      lines.push(`${JSON.stringify(advisory)}\n`)
    }
    meta.count++
    if (record.modified > meta.newest) meta.newest = record.modified
    if (meta.count % flushEvery === 0) await flush()
  }
  await flush()
  if (meta.count === 0) throw new Refusal('unprocessable', `${source} holds no advisory in the OSV format.`)
  meta.newest = meta.newest.slice(0, 10)
  await writeFile(join(fresh, 'meta.json'), JSON.stringify(meta))
  // Another process may have been faster: its index is as good.
  await rename(fresh, dir).catch(() => rm(fresh, { recursive: true, force: true }))
  return meta
}

function readRecord(text: string): OsvRecord | null {
  try {
    const read = OsvRecord.safeParse(JSON.parse(text))
    return read.success ? read.data : null
  } catch {
    // Not JSON: no advisory.
    return null
  }
}

/** Indexes of earlier states go. */
async function sweep(indexDir: string, keep: string): Promise<void> {
  for (const name of await readdir(indexDir))
    if (name !== keep && !name.includes('.')) await rm(join(indexDir, name), { recursive: true, force: true })
}
