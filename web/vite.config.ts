// Builds the page into web/dist, which the house serves under `/`. In development the API is another process's.
import { readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { promisify } from 'node:util'
import { brotliCompress } from 'node:zlib'
import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig, type Plugin } from 'vite'

const house = 'http://127.0.0.1:7420'

/** What the first load needs is packed once, when built, as tightly as it goes: too slow for the house to do when asked. */
const packFirstLoad: Plugin = {
  name: 'pack-first-load',
  apply: 'build',
  async writeBundle({ dir = '' }, bundle) {
    const page = bundle['index.html']
    if (page?.type !== 'asset') return
    const named = [...String(page.source).matchAll(/"\/(assets\/[^"]+\.(?:js|css))"/g)].map(([, name]) => name!)
    const pack = promisify(brotliCompress)
    await Promise.all(
      ['index.html', ...new Set(named)].map(async (name) =>
        writeFile(join(dir, `${name}.br`), await pack(await readFile(join(dir, name)))),
      ),
    )
  },
}

export default defineConfig(({ command }) => {
  // A build started by a test must not become a development build of React.
  if (command === 'build') process.env.NODE_ENV = 'production'
  return {
    root: import.meta.dirname,
    resolve: { alias: [{ find: /^shiki(\/.*)?$/, replacement: `${import.meta.dirname}/review/no-shiki.ts` }] },
    plugins: [react(), tailwind(), packFirstLoad],
    build: { target: 'es2023', assetsInlineLimit: 0, reportCompressedSize: false, modulePreload: { polyfill: false } },
    worker: { format: 'es' },
    server: { proxy: { '/v1': house, '/health': house, '/compare': house } },
  }
})
