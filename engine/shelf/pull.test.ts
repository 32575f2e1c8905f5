// Pulling from a hub on loopback that behaves, breaks off, lies and dawdles.
import { createHash } from 'node:crypto'
import { mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import type { Entry } from '../catalogue/entry.ts'
import { type Hub, openHub } from '../testing/hub.ts'
import { newDataDir, shapesFolder } from '../testing/shapes.ts'
import { inspectRemote, type PullOptions, pullModel } from './pull.ts'
import { openPulls } from './pulls.ts'
import { openShelf, type Shelf } from './shelf.ts'

const entry: Entry = {
  name: 'shapes',
  title: 'Shapes',
  licence: 'Apache-2.0',
  licenceUrl: 'https://www.apache.org/licenses/LICENSE-2.0',
  repo: 'seatrial/shapes',
  revision: 'main',
  files: [
    { name: 'model.gguf', part: 'weights', bytes: null, sha256: null },
    { name: 'mmproj.gguf', part: 'projector', bytes: null, sha256: null },
  ],
  roles: ['chat', 'vision'],
  contextTokens: 4096,
  cacheBytesPerToken: 768,
  smaller: 'tiny-shapes',
  template: null,
  base: null,
  note: '',
}
const at = (name: string) => `/seatrial/shapes/resolve/main/${name}`

let hub: Hub
let folder: string
let shelf: Shelf

beforeEach(async () => {
  hub = await openHub({
    [at('model.gguf')]: `${shapesFolder}model.gguf`,
    [at('mmproj.gguf')]: `${shapesFolder}mmproj.gguf`,
  })
  folder = await newDataDir()
  shelf = openShelf(join(folder, 'models'))
})
afterEach(async () => {
  await hub.close()
  await rm(folder, { recursive: true })
})

const options = (change: Partial<PullOptions> = {}): PullOptions => ({
  mirror: hub.url,
  contextTokens: 4096,
  memory: 8e9,
  evenIfTooBig: false,
  signal: new AbortController().signal,
  progress: () => undefined,
  waitsMs: [1, 1],
  ...change,
})
const nothingInstalled = async () => expect(await shelf.list()).toEqual([])

test('a pull ends on the shelf, with checksums, commit and every step told', async () => {
  const states: string[] = []
  const installed = await pullModel(shelf, entry, options({ progress: (pull) => states.push(pull.state) }))
  expect([...new Set(states)]).toEqual(['checking', 'downloading', 'verifying', 'done'])
  const sha256 = createHash('sha256')
    .update(await readFile(`${shapesFolder}model.gguf`))
    .digest('hex')
  expect(installed.files[0]).toMatchObject({ part: 'weights', sha256 })
  expect(installed.revision).toBe('a'.repeat(40))
  expect((await readdir(join(shelf.folder, 'shapes'))).sort()).toEqual(['mmproj.gguf', 'model.gguf', 'model.json'])
  await expect(pullModel(shelf, entry, options())).rejects.toThrow('is here already')
})

test('a broken connection is resumed from where it broke, byte for byte', async () => {
  hub.cutAfter = 700_000
  await pullModel(shelf, entry, options())
  expect(hub.requests.filter((line) => line.startsWith('GET') && /bytes=\d+-$/.test(line)).length).toBe(1)
  expect(await readFile(join(shelf.folder, 'shapes', 'model.gguf'))).toEqual(
    await readFile(`${shapesFolder}model.gguf`),
  )
})

test('a pull that was stopped goes on later, and a part of another file is not reused', async () => {
  const stop = new AbortController()
  const progress = (pull: { doneBytes: number }) => {
    if (pull.doneBytes > 100_000) stop.abort()
  }
  await expect(pullModel(shelf, entry, options({ signal: stop.signal, progress }))).rejects.toThrow()
  await nothingInstalled()
  const part = join(shelf.folder, '.pulls', 'shapes', 'model.gguf.part')
  const kept = (await readFile(part)).length
  expect(kept).toBeGreaterThan(100_000)
  hub.requests.length = 0
  await pullModel(shelf, entry, options())
  expect(hub.requests).toContain(`GET ${at('model.gguf')} bytes=${kept}-`)

  await shelf.remove('shapes')
  await mkdir(join(shelf.folder, '.pulls', 'shapes'), { recursive: true })
  await writeFile(part, 'something else')
  await writeFile(`${part}.for`, 'another 1')
  await pullModel(shelf, entry, options())
  expect((await shelf.list()).length).toBe(1)
})

test('a server that cannot resume starts over', async () => {
  hub.cutAfter = 500_000
  const pulled = pullModel(shelf, entry, {
    ...options(),
    progress: () => {
      hub.ranges = hub.cutAfter !== null
    },
  })
  await pulled
  expect(await readFile(join(shelf.folder, 'shapes', 'model.gguf'))).toEqual(
    await readFile(`${shapesFolder}model.gguf`),
  )
})

test('wrong bytes are thrown away and nothing is installed', async () => {
  const bytes = new Uint8Array(await readFile(`${shapesFolder}model.gguf`))
  bytes[bytes.length - 5]! ^= 1
  hub.bytes(at('model.gguf'), bytes)
  await expect(pullModel(shelf, entry, options())).rejects.toThrow('is not what it should be')
  await nothingInstalled()
  expect(await readdir(join(shelf.folder, '.pulls'))).toEqual([])
})

test('a catalogue checksum that the hub contradicts stops the pull', async () => {
  const files = entry.files.map((file) => ({ ...file, sha256: 'b'.repeat(64) }))
  await expect(pullModel(shelf, { ...entry, files }, options())).rejects.toThrow(
    'not the file of the catalogue any more',
  )
  await nothingInstalled()
})

test('a size that the hub contradicts stops the pull too, and the context asked for is the one served', async () => {
  const files = entry.files.map((file) => ({ ...file, bytes: 12 }))
  await expect(pullModel(shelf, { ...entry, files }, options())).rejects.toThrow(
    'not the file of the catalogue any more',
  )
  await nothingInstalled()
  expect((await pullModel(shelf, entry, options({ servedTokens: 1024 }))).contextTokens).toBe(1024)
})

test('without any checksum nothing is fetched', async () => {
  hub.recordSha = false
  await expect(pullModel(shelf, entry, options())).rejects.toThrow('Nobody says what the SHA-256')
  await nothingInstalled()
})

test('too little memory is refused with the numbers and what is smaller, after reading the head only', async () => {
  await expect(pullModel(shelf, entry, options({ memory: 100_000_000 }))).rejects.toThrow(
    /shapes needs \d+ MiB of memory \(weights 2 MiB, cache for 4096 tokens 3 MiB, projector 1 MiB, compute \d+ MiB\) and this machine has 96 MiB; tiny-shapes is smaller\./,
  )
  expect(hub.requests.filter((line) => line.startsWith('GET') && !/bytes=\d+-\d+$/.test(line))).toEqual([])
})

test('too little disk is refused before anything is fetched', async () => {
  const files = entry.files.map((file) => ({ ...file, bytes: 1e15 }))
  await expect(pullModel(shelf, { ...entry, files }, options({ memory: 1e18 }))).rejects.toThrow(/the disk has .* free/)
  await nothingInstalled()
})

test('the cache of a model is layers x heads x (key + value) x 2 bytes x context', async () => {
  const { fit } = await inspectRemote(shelf, entry, options({ contextTokens: 1024 }))
  expect(fit.need.cache).toBe(3 * 2 * (32 + 32) * 2 * 1024)
  expect(fit.fits).toBe(true)
})

test('a file that is missing, and a hub that is away, are sentences', async () => {
  const files = [{ name: 'gone.gguf', part: 'weights' as const, bytes: null, sha256: null }]
  await expect(pullModel(shelf, { ...entry, files }, options())).rejects.toThrow('has no such file')
  await expect(pullModel(shelf, entry, options({ mirror: 'http://127.0.0.1:9' }))).rejects.toThrow('cannot be reached')
  await expect(pullModel(shelf, entry, options({ mirror: 'http://example.org' }))).rejects.toThrow('must be an https')
  await nothingInstalled()
})

test('a projector of another model is refused and nothing stays', async () => {
  const bytes = Buffer.from(await readFile(`${shapesFolder}mmproj.gguf`))
  const key = bytes.indexOf('clip.vision.projection_dim') + 'clip.vision.projection_dim'.length + 4
  bytes.writeUInt32LE(5120, key)
  await hub.close()
  const bent = join(folder, 'mmproj.gguf')
  await writeFile(bent, bytes)
  hub = await openHub({ [at('model.gguf')]: `${shapesFolder}model.gguf`, [at('mmproj.gguf')]: bent })
  await expect(pullModel(shelf, entry, options())).rejects.toThrow(
    'gives 5120 numbers per picture token and the weights take 96',
  )
  await nothingInstalled()
})

test('two pulls of one model at once: the second is refused, in one process and across two', async () => {
  let open = () => {}
  hub.gate = new Promise((resolve) => {
    open = resolve
  })
  const pulls = openPulls(shelf, { mirror: hub.url, memory: 8e9, waitsMs: [], find: () => entry })
  const input = { name: 'shapes', licence: 'Apache-2.0', contextTokens: 4096, servedTokens: null, evenIfTooBig: false }
  expect(() => pulls.start({ ...input, licence: 'MIT' })).toThrow('is under Apache-2.0')
  const first = pulls.start(input)
  expect(() => pulls.start(input)).toThrow('is being pulled already')
  await expect.poll(() => pulls.list()[0]?.state).toBe('downloading')
  await expect(pullModel(shelf, entry, options())).rejects.toThrow('is being pulled already')
  open()
  await first.finished
  expect(pulls.list()).toMatchObject([{ name: 'shapes', state: 'done' }])
})

test('a lock of a dead process does not count', async () => {
  await mkdir(join(shelf.folder, '.pulls'), { recursive: true })
  await writeFile(join(shelf.folder, '.pulls', 'shapes.lock'), '4194303')
  await pullModel(shelf, entry, options())
  expect((await shelf.list()).length).toBe(1)
})
