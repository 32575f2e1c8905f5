// Fetches one file into place: resumes what is there, hashes while it streams, and a wrong byte means no file at all.
import { createHash, type Hash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { setTimeout as pause } from 'node:timers/promises'
import { Refusal } from '@seatrial/protocol'
import { ask, type RemoteFile } from './remote.ts'

export interface Download {
  file: RemoteFile
  /** Required: without a checksum nothing is fetched. */
  sha256: string
  bytes: number
  to: string
  signal: AbortSignal
  /** Told of every chunk, with the bytes there so far. */
  progress(doneBytes: number): void
  /** Waits between tries, in milliseconds. */
  waitsMs?: number[]
}

const defaultWaitsMs = [500, 2000, 5000, 10_000]

/** Resolves once the file is in place and its SHA-256 is right. A part that is kept can be resumed later. */
export async function download(options: Download): Promise<void> {
  const part = `${options.to}.part`
  await keepOnlyOurPart(part, options)
  const waits = options.waitsMs ?? defaultWaitsMs
  for (let attempt = 0; ; attempt++) {
    try {
      await fetchRest(part, options)
      break
    } catch (error) {
      const lost = !(error instanceof Refusal) || (error.code === 'unavailable' && attempt > 0)
      if (options.signal.aborted || !lost || attempt >= waits.length) throw error
      await pause(waits[attempt], undefined, { signal: options.signal })
    }
  }
  await rename(part, options.to)
  await rm(`${part}.for`, { force: true })
}

/** A part of another version of the file is thrown away. */
async function keepOnlyOurPart(part: string, options: Download): Promise<void> {
  const mark = `${options.sha256} ${options.bytes}`
  const there = await readFile(`${part}.for`, 'utf8').catch(() => null)
  if (there !== mark) await rm(part, { force: true })
  const size = await sizeOf(part)
  if (size > options.bytes) await rm(part, { force: true })
  await writeFile(`${part}.for`, mark)
}

async function fetchRest(part: string, options: Download): Promise<void> {
  const { signal, bytes } = options
  const hash = createHash('sha256')
  let done = await hashWhatIsThere(part, hash)
  options.progress(done)
  if (done < bytes) {
    const response = await ask(options.file.url, { headers: done > 0 ? { range: `bytes=${done}-` } : {}, signal })
    const resumes = response.status === 206 && startOf(response) === done
    if (done > 0 && !resumes) {
      // The server starts over, so do we.
      await response.body?.cancel()
      await rm(part, { force: true })
      throw new Error('the server does not resume')
    }
    const file = await open(part, done > 0 ? 'a' : 'w')
    try {
      for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
        done += chunk.length
        if (done > bytes)
          throw new Refusal('unprocessable', `The server sends more than the ${bytes} bytes it announced.`)
        hash.update(chunk)
        await file.write(chunk)
        options.progress(done)
      }
      await file.sync()
    } finally {
      await file.close()
    }
    if (done < bytes) throw new Error('the connection ended early')
  }
  const found = hash.digest('hex')
  if (found === options.sha256) return
  await rm(part, { force: true })
  throw new Refusal(
    'unprocessable',
    `The file is not what it should be: its SHA-256 is ${found.slice(0, 12)}… and should be ${options.sha256.slice(0, 12)}…; it was thrown away.`,
  )
}

async function hashWhatIsThere(part: string, hash: Hash): Promise<number> {
  const size = await sizeOf(part)
  if (size > 0) for await (const chunk of createReadStream(part, { highWaterMark: 1 << 20 })) hash.update(chunk)
  return size
}

const sizeOf = async (path: string) => (await stat(path).catch(() => null))?.size ?? 0

function startOf(response: Response): number | null {
  const match = /^bytes (\d+)-/.exec(response.headers.get('content-range') ?? '')
  return match ? Number(match[1]) : null
}
