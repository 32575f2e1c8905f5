import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { brotliCompressSync, brotliDecompressSync, gunzipSync } from 'node:zlib'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openWebFiles, type WebFiles } from './web-files.ts'

let dir: string
let web: WebFiles
const plain = { ifNoneMatch: null, acceptEncoding: null }

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'web-files-'))
  mkdirSync(join(dir, 'assets'))
  writeFileSync(join(dir, 'index.html'), '<title>Seatrial</title>')
  writeFileSync(join(dir, 'assets/app-1.js'), 'export const one = 1\n'.repeat(500))
  writeFileSync(join(dir, 'assets/first-1.js'), 'export const first = 1\n')
  writeFileSync(join(dir, 'assets/first-1.js.br'), brotliCompressSync('export const first = 1\n'))
  web = openWebFiles(dir)
})
afterAll(() => rmSync(dir, { recursive: true }))

test('addresses of the app get the page, missing assets do not', async () => {
  expect(await web.serve({ ...plain, path: '/tasks/t-1' }).text()).toContain('Seatrial')
  expect(web.serve({ ...plain, path: '/assets/old-0.js' }).status).toBe(404)
  expect(await web.serve({ ...plain, path: '/../../etc/passwd' }).text()).toContain('Seatrial')
})

test('text is packed for those who take it, and is the same text', async () => {
  const packed = web.serve({ ...plain, path: '/assets/app-1.js', acceptEncoding: 'gzip, br' })
  expect(packed.headers.get('content-encoding')).toBe('gzip')
  const bytes = Buffer.from(await packed.arrayBuffer())
  const whole = await web.serve({ ...plain, path: '/assets/app-1.js' }).text()
  expect(bytes.length).toBeLessThan(whole.length / 5)
  expect(gunzipSync(bytes).toString()).toBe(whole)
})

test('what the build packed goes as Brotli to those who take it, and is no address of its own', async () => {
  const packed = web.serve({ ...plain, path: '/assets/first-1.js', acceptEncoding: 'gzip, deflate, br' })
  expect(packed.headers.get('content-encoding')).toBe('br')
  expect(brotliDecompressSync(Buffer.from(await packed.arrayBuffer())).toString()).toBe('export const first = 1\n')
  const plainly = web.serve({ ...plain, path: '/assets/first-1.js', acceptEncoding: 'gzip' })
  expect(plainly.headers.get('content-encoding')).toBe('gzip')
  expect(web.serve({ ...plain, path: '/assets/first-1.js.br' }).status).toBe(404)
})

test('what a browser has is not sent again', () => {
  const etag = web.serve({ ...plain, path: '/' }).headers.get('etag')
  expect(web.serve({ ...plain, path: '/', ifNoneMatch: etag }).status).toBe(304)
})

test('without a build it says how to make one', async () => {
  const none = openWebFiles(join(dir, 'nowhere')).serve({ ...plain, path: '/' })
  expect(none.status).toBe(503)
  expect(await none.text()).toContain('npm run build')
})
