// Serves the built web app from memory-mapped knowledge of one folder: no path ever leaves it.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'
import { gzipSync } from 'node:zlib'

export const securityHeaders: Record<string, string> = {
  'content-security-policy':
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self' 'unsafe-inline'; img-src 'self' data: blob:; " +
    "font-src 'self'; connect-src 'self'; worker-src 'self'; manifest-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
}

const types: Record<string, string> = {
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.png': 'image/png',
  '.ico': 'image/x-icon',
  '.woff2': 'font/woff2',
  '.wasm': 'application/wasm',
  '.json': 'application/json',
  '.webmanifest': 'application/manifest+json',
}

interface WebFile {
  path: string
  /** The same file as Brotli, where the build packed it. */
  packedPath: string | null
  type: string
  etag: string
}

/** What of a request decides the answer. */
export interface WebRequest {
  path: string
  ifNoneMatch: string | null
  acceptEncoding: string | null
}

export interface WebFiles {
  serve(request: WebRequest): Response
}

/** Hashed by the bundler, so that an old name never means new content. */
const assets = '/assets/'
const compressible = /^(text\/|application\/(json|manifest)|image\/svg)/

/** Lists `dir` once. Unknown paths get the page itself, so that the app's own addresses work; unknown assets do not. */
export function openWebFiles(dir: string): WebFiles {
  const files = new Map<string, WebFile>()
  const packed = new Map<string, Buffer<ArrayBuffer>>()
  const walk = (folder: string): void => {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name)
      if (statSync(path).isDirectory()) walk(path)
      else if (extname(name) !== '.br') {
        const etag = `"${createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16)}"`
        const url = `/${relative(dir, path).split(sep).join('/')}`
        const packedPath = existsSync(`${path}.br`) ? `${path}.br` : null
        files.set(url, { path, packedPath, type: types[extname(name)] ?? 'application/octet-stream', etag })
      }
    }
  }
  if (existsSync(dir)) walk(dir)
  /** Kept from the first request on: the files do not change while the house runs. */
  const once = (name: string, make: () => Buffer): Buffer<ArrayBuffer> => {
    const bytes = packed.get(name) ?? Buffer.from(make())
    packed.set(name, bytes)
    return bytes
  }
  const bodies = {
    br: ({ packedPath }: WebFile) => once(packedPath!, () => readFileSync(packedPath!)),
    gzip: ({ path }: WebFile) => once(path, () => gzipSync(readFileSync(path))),
    plain: ({ path }: WebFile) => readFileSync(path),
  }
  const encodingFor = (file: WebFile, accepted: string): keyof typeof bodies =>
    file.packedPath && /\bbr\b/.test(accepted)
      ? 'br'
      : compressible.test(file.type) && /\bgzip\b/.test(accepted)
        ? 'gzip'
        : 'plain'
  return {
    serve({ path, ifNoneMatch, acceptEncoding }) {
      const file = files.get(path) ?? (path.startsWith(assets) ? undefined : files.get('/index.html'))
      if (!file) {
        return files.size > 0
          ? new Response('There is no such file; reload the page.\n', { status: 404 })
          : new Response('The web app is not built; run `npm run build -w web`.\n', { status: 503 })
      }
      const encoding = encodingFor(file, acceptEncoding ?? '')
      const headers = {
        'content-type': file.type,
        etag: file.etag,
        vary: 'accept-encoding',
        'cache-control': path.startsWith(assets) ? 'public, max-age=31536000, immutable' : 'no-cache',
        ...(encoding === 'plain' ? {} : { 'content-encoding': encoding }),
      }
      if (ifNoneMatch === file.etag) return new Response(null, { status: 304, headers })
      return new Response(bodies[encoding](file), { headers })
    },
  }
}
