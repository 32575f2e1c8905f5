// Builds the page into web/dist, which the house serves under `/`. In development the API is another process's.
import tailwind from '@tailwindcss/vite'
import react from '@vitejs/plugin-react'
import { defineConfig } from 'vite'

const house = 'http://127.0.0.1:7420'

export default defineConfig(({ command }) => {
  // A build started by a test must not become a development build of React.
  if (command === 'build') process.env.NODE_ENV = 'production'
  return {
    root: import.meta.dirname,
    resolve: { alias: [{ find: /^shiki(\/.*)?$/, replacement: `${import.meta.dirname}/review/no-shiki.ts` }] },
    plugins: [react(), tailwind()],
    build: { target: 'es2023', assetsInlineLimit: 0, reportCompressedSize: false, modulePreload: { polyfill: false } },
    worker: { format: 'es' },
    server: { proxy: { '/v1': house, '/health': house, '/compare': house } },
  }
})
