// For tests: a hub on loopback that serves files as the real one does, and can misbehave on request.
import { createHash } from 'node:crypto'
import { readFileSync } from 'node:fs'
import { createServer } from 'node:http'
import type { AddressInfo } from 'node:net'

export interface Hub {
  url: string
  /** Every request as `METHOD PATH RANGE`. */
  requests: string[]
  /** Bytes sent in bodies. */
  sent: number
  /** Bends the next answers: cut a body off after so many bytes, or send other bytes. */
  cutAfter: number | null
  bytes(path: string, content: Uint8Array): void
  recordSha: boolean
  ranges: boolean
  /** When set, bodies wait for it. */
  gate: Promise<void> | null
  close(): Promise<void>
}

/** Serves `files` (path to content) at `/OWNER/NAME/resolve/REVISION/FILE`. */
export async function openHub(files: Record<string, string>): Promise<Hub> {
  const contents = new Map<string, Uint8Array>(
    Object.entries(files).map(([path, file]) => [path, new Uint8Array(readFileSync(file))]),
  )
  const truth = new Map([...contents].map(([path, bytes]) => [path, createHash('sha256').update(bytes).digest('hex')]))
  const server = createServer(async (request, response) => {
    const path = decodeURIComponent(request.url ?? '')
    hub.requests.push(`${request.method} ${path} ${request.headers.range ?? ''}`.trim())
    const content = contents.get(path)
    if (!content) return response.writeHead(404).end()
    const headers: Record<string, string> = { 'x-repo-commit': 'a'.repeat(40) }
    if (hub.recordSha) headers['x-linked-etag'] = `"${truth.get(path)}"`
    const match = hub.ranges ? /^bytes=(\d+)-(\d*)$/.exec(request.headers.range ?? '') : null
    const from = match ? Number(match[1]) : 0
    const to = match?.[2] ? Math.min(Number(match[2]), content.length - 1) : content.length - 1
    if (match) headers['content-range'] = `bytes ${from}-${to}/${content.length}`
    headers['content-length'] = String(to - from + 1)
    response.writeHead(match ? 206 : 200, headers)
    if (request.method === 'HEAD') return response.end()
    const body = content.subarray(from, to + 1)
    const wholeFile = !match?.[2]
    if (wholeFile && hub.gate) {
      response.write(body.subarray(0, 1000))
      await hub.gate
      return response.end(body.subarray(1000))
    }
    if (wholeFile && hub.cutAfter !== null && hub.cutAfter < body.length) {
      const cut = hub.cutAfter
      hub.cutAfter = null
      hub.sent += cut
      return response.write(body.subarray(0, cut), () => setImmediate(() => response.destroy()))
    }
    hub.sent += body.length
    response.end(body)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const hub: Hub = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    requests: [],
    sent: 0,
    cutAfter: null,
    recordSha: true,
    ranges: true,
    gate: null,
    bytes: (path, content) => contents.set(path, content),
    close: () =>
      new Promise((resolve) => {
        server.closeAllConnections()
        server.close(() => resolve())
      }),
  }
  return hub
}
