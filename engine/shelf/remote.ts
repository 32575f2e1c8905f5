// A file at the hub or a mirror: what it is before it is fetched, and its bytes by range.
import { Refusal } from '@seatrial/protocol'
import type { Ranges } from '../gguf/read.ts'

export const hub = 'https://huggingface.co'

export interface RemoteFile {
  url: string
  bytes: number | null
  /** SHA-256 as the hub's record of large files says, or null. */
  sha256: string | null
  commit: string | null
}

export function fileUrl(mirror: string, repo: string, revision: string, name: string): string {
  assertMirror(mirror)
  const path = [...repo.split('/'), 'resolve', revision, ...name.split('/')].map(encodeURIComponent).join('/')
  return `${mirror.replace(/\/$/, '')}/${path}`
}

/** Plain http is for mirrors on this machine only. */
export function assertMirror(mirror: string): void {
  const url = URL.canParse(mirror) ? new URL(mirror) : null
  const local = url !== null && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && local)) return
  throw new Refusal('bad_request', `The mirror ${mirror} must be an https address, or http on this machine.`)
}

const sha = /^"?(?:sha256:)?([0-9a-f]{64})"?$/

/** Asks for the head only. The first answer carries the record of large files; the last one the size. */
export async function describeRemote(url: string, signal: AbortSignal): Promise<RemoteFile> {
  const first = await ask(url, { method: 'HEAD', redirect: 'manual', signal })
  const found = sha.exec(first.headers.get('x-linked-etag') ?? '') ?? sha.exec(first.headers.get('etag') ?? '')
  const commit = first.headers.get('x-repo-commit')
  let bytes = numberOf(first.headers.get('x-linked-size'))
  if (bytes === null) {
    const last = first.status >= 300 && first.status < 400 ? await ask(url, { method: 'HEAD', signal }) : first
    bytes = numberOf(last.headers.get('content-length'))
  }
  return { url, bytes, sha256: found?.[1] ?? null, commit }
}

/** Reads by range; servers that ignore ranges are refused rather than read to the end. */
export function remoteRanges(file: RemoteFile, signal: AbortSignal): Ranges {
  return {
    bytes: file.bytes,
    async read(start, length) {
      const last = Math.min(start + length, file.bytes ?? Number.POSITIVE_INFINITY) - 1
      const response = await ask(file.url, { headers: { range: `bytes=${start}-${last}` }, signal })
      if (response.status !== 206) {
        await response.body?.cancel()
        throw new Refusal('unavailable', `${new URL(file.url).host} does not answer range requests.`)
      }
      return new Uint8Array(await response.arrayBuffer())
    },
  }
}

/** A request whose failures are sentences. Redirects to plain http elsewhere are not followed. */
export async function ask(url: string, init: RequestInit): Promise<Response> {
  const { host } = new URL(url)
  let response: Response
  try {
    response = await fetch(url, init)
  } catch (error) {
    if (init.signal?.aborted) throw error
    throw new Refusal(
      'unavailable',
      `${host} cannot be reached; name a mirror in house.toml (\`model_mirror\`), or bring files with \`seatrial models import\`.`,
    )
  }
  if (response.url && response.url !== url) assertMirror(response.url)
  if (response.ok || (response.status >= 300 && response.status < 400)) return response
  await response.body?.cancel()
  const why: Record<number, string> = {
    401: `${host} wants a login for this file`,
    403: `${host} does not give out this file`,
    404: `${host} has no such file (${new URL(url).pathname})`,
    416: `${host} has a shorter file than expected`,
  }
  throw new Refusal('unavailable', `${why[response.status] ?? `${host} answered ${response.status}`}.`)
}

function numberOf(text: string | null): number | null {
  const value = text === null ? Number.NaN : Number(text)
  return Number.isFinite(value) ? value : null
}
