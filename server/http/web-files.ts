// Serves the built web app from memory-mapped knowledge of one folder: no path ever leaves it.
import { createHash } from 'node:crypto'
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { extname, join, relative, sep } from 'node:path'

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
  type: string
  etag: string
}

export interface WebFiles {
  serve(path: string, ifNoneMatch: string | null): Response
}

/** Lists `dir` once. Unknown paths get the page itself, so that the app's own addresses work. */
export function openWebFiles(dir: string): WebFiles {
  const files = new Map<string, WebFile>()
  const walk = (folder: string): void => {
    for (const name of readdirSync(folder)) {
      const path = join(folder, name)
      if (statSync(path).isDirectory()) walk(path)
      else {
        const etag = `"${createHash('sha256').update(readFileSync(path)).digest('hex').slice(0, 16)}"`
        const url = `/${relative(dir, path).split(sep).join('/')}`
        files.set(url, { path, type: types[extname(name)] ?? 'application/octet-stream', etag })
      }
    }
  }
  if (existsSync(dir)) walk(dir)
  return {
    serve(path, ifNoneMatch) {
      const file = files.get(path) ?? files.get('/index.html')
      if (!file) {
        return new Response('The web app is not built; run `npm run build -w web`.\n', { status: 503 })
      }
      const headers = {
        'content-type': file.type,
        etag: file.etag,
        // Vite puts a hash of the content into the names under assets/.
        'cache-control': path.startsWith('/assets/') ? 'public, max-age=31536000, immutable' : 'no-cache',
      }
      if (ifNoneMatch === file.etag) return new Response(null, { status: 304, headers })
      return new Response(readFileSync(file.path), { headers })
    },
  }
}
