// Pulls a model of the catalogue: judged by its remote head before anything is fetched, whole on the shelf or not at all.
import { mkdir, readFile, rm, statfs } from 'node:fs/promises'
import { join } from 'node:path'
import { type Fit, type ModelFile, type Pull, Refusal } from '@seatrial/protocol'
import { entryOf } from '../catalogue/entries.ts'
import type { Entry } from '../catalogue/entry.ts'
import { judgeProjector, judgeWeights } from '../gguf/judge.ts'
import { readGguf, readGgufFile } from '../gguf/read.ts'
import { download } from './download.ts'
import { judgeFit, memoryNeed, smallerFor } from './fit.ts'
import { takeLock } from './lock.ts'
import { describeRemote, fileUrl, type RemoteFile, remoteRanges } from './remote.ts'
import type { Installed, Shelf } from './shelf.ts'

export interface PullOptions {
  mirror: string
  contextTokens: number
  /** Serve it with this much at most; null leaves that to the house. */
  servedTokens?: number | null
  memory: number
  /** Go on although the machine is too small. */
  evenIfTooBig: boolean
  signal: AbortSignal
  progress(pull: Pull): void
  waitsMs?: number[]
}

const spareDisk = 512 << 20

type Found = { file: ModelFile; remote: RemoteFile }

/** What the entry's files are at the hub, and whether they fit: reads heads only. */
export async function inspectRemote(
  shelf: Shelf,
  entry: Entry,
  options: Pick<PullOptions, 'mirror' | 'contextTokens' | 'memory' | 'signal'>,
): Promise<{ files: Found[]; fit: Fit }> {
  const files = await Promise.all(
    entry.files.map(async (file) => {
      const url = fileUrl(options.mirror, entry.repo, entry.revision, file.name)
      return { file, remote: await describeRemote(url, options.signal) }
    }),
  )
  const weights = files.find(({ file }) => file.part === 'weights')!
  const head = await readGguf(remoteRanges(weights.remote, options.signal))
  judgeWeights(head)
  const projector = files.find(({ file }) => file.part === 'projector')
  const bytes = ({ file, remote }: Found) => file.bytes ?? remote.bytes ?? 0
  await mkdir(shelf.folder, { recursive: true })
  const { bavail, bsize } = await statfs(shelf.folder)
  const contextTokens = Math.min(options.contextTokens, entry.contextTokens)
  const fit = judgeFit({
    name: entry.name,
    need: memoryNeed(head, contextTokens, projector ? bytes(projector) : 0),
    memory: options.memory,
    downloadBytes: files.reduce((sum, found) => sum + bytes(found), 0),
    disk: Math.max(0, bavail * bsize - spareDisk),
    instead: smallerFor(entry, contextTokens, options.memory, entryOf),
  })
  return { files, fit }
}

export async function pullModel(shelf: Shelf, entry: Entry, options: PullOptions): Promise<Installed> {
  if (await shelf.find(entry.name)) throw new Refusal('conflict', `"${entry.name}" is here already.`)
  const folder = join(shelf.folder, '.pulls', entry.name)
  await mkdir(folder, { recursive: true })
  const unlock = await takeLock(`${folder}.lock`)
  if (!unlock) throw new Refusal('conflict', `"${entry.name}" is being pulled already.`)
  const report = progressOf(entry.name, options.progress)
  try {
    report({ state: 'checking' })
    const { files, fit } = await inspectRemote(shelf, entry, options)
    refuseMisfit(fit, options.evenIfTooBig)
    const whole = files.map((found) => ({ ...found, ...promiseOf(entry, found) }))
    const totalBytes = whole.reduce((sum, { bytes }) => sum + bytes, 0)
    let before = 0
    for (const { file, remote, sha256, bytes } of whole) {
      report({ state: 'downloading', file: file.name, doneBytes: before, totalBytes })
      await download({
        file: remote,
        sha256,
        bytes,
        to: join(folder, localName(file)),
        signal: options.signal,
        progress: (done) => report({ doneBytes: before + done }),
        ...(options.waitsMs ? { waitsMs: options.waitsMs } : {}),
      })
      before += bytes
    }
    report({ state: 'verifying', doneBytes: totalBytes })
    const head = await readGgufFile(join(folder, 'model.gguf'))
    judgeWeights(head)
    const projector = whole.find(({ file }) => file.part === 'projector')
    if (projector) judgeProjector(await readGgufFile(join(folder, 'mmproj.gguf')), head)
    const installed = await describe(entry, whole, options.servedTokens ?? null)
    await shelf.put(installed, folder)
    report({ state: 'done' })
    return installed
  } catch (error) {
    const unusable = error instanceof Refusal && error.code === 'unprocessable'
    if (unusable) await rm(folder, { recursive: true, force: true })
    throw error
  } finally {
    await unlock()
  }
}

function refuseMisfit(fit: Fit, evenIfTooBig: boolean): void {
  if (fit.downloadBytes > fit.disk) throw new Refusal('no_space', fit.sentence, fit)
  if (!fit.fits && !evenIfTooBig) throw new Refusal('unprocessable', fit.sentence, fit)
}

/** The checksum and size a file must have: the catalogue's, which the hub must not contradict, or the hub's. */
function promiseOf(entry: Entry, { file, remote }: Found): { sha256: string; bytes: number } {
  const sha256 = file.sha256 ?? remote.sha256
  const bytes = file.bytes ?? remote.bytes
  if (sha256 === null || bytes === null) {
    throw new Refusal('unavailable', `Nobody says what the SHA-256 of ${file.name} is, so it is not fetched.`)
  }
  const other = (ours: unknown, theirs: unknown) => ours !== null && theirs !== null && ours !== theirs
  if (other(file.sha256, remote.sha256) || other(file.bytes, remote.bytes)) {
    throw new Refusal('conflict', `${file.name} at ${entry.repo} is not the file of the catalogue any more.`)
  }
  return { sha256, bytes }
}

const localName = (file: ModelFile) => (file.part === 'weights' ? 'model.gguf' : 'mmproj.gguf')

async function describe(
  entry: Entry,
  files: (Found & { sha256: string; bytes: number })[],
  servedTokens: number | null,
): Promise<Installed> {
  return {
    name: entry.name,
    title: entry.title,
    licence: entry.licence,
    licenceUrl: entry.licenceUrl,
    source: `huggingface:${entry.repo}`,
    revision: files[0]?.remote.commit ?? entry.revision,
    roles: entry.roles,
    contextTokens: Math.min(entry.contextTokens, servedTokens ?? entry.contextTokens),
    files: files.map(({ file, sha256, bytes }) => ({ name: localName(file), part: file.part, sha256, bytes })),
    template: await templateText(entry.template),
    note: entry.note,
    installedAt: new Date().toISOString(),
  }
}

async function templateText(name: string | null): Promise<string | null> {
  return name === null ? null : readFile(new URL(`../catalogue/templates/${name}`, import.meta.url), 'utf8')
}

function progressOf(name: string, tell: (pull: Pull) => void): (change: Partial<Pull>) => void {
  const began = { at: performance.now(), bytes: -1 }
  let pull: Pull = {
    name,
    state: 'checking',
    file: null,
    doneBytes: 0,
    totalBytes: null,
    bytesPerSecond: 0,
    secondsLeft: null,
    sentence: null,
  }
  return (change) => {
    pull = { ...pull, ...change }
    if (pull.state === 'downloading' && began.bytes < 0)
      Object.assign(began, { at: performance.now(), bytes: pull.doneBytes })
    const seconds = (performance.now() - began.at) / 1000
    const speed = began.bytes < 0 || seconds <= 0 ? 0 : Math.max(0, (pull.doneBytes - began.bytes) / seconds)
    const left = pull.totalBytes === null || speed === 0 ? null : (pull.totalBytes - pull.doneBytes) / speed
    tell({ ...pull, bytesPerSecond: Math.round(speed), secondsLeft: left === null ? null : Math.ceil(left) })
  }
}
