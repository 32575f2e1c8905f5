// Looking at pictures: with a model, without one, and with no network at all.
import { execFile } from 'node:child_process'
import { readFile, rm } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { Transformer } from '@napi-rs/image'
import { LookKind } from '@seatrial/protocol'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { type Engine, openEngine } from '../index.ts'
import { drawShape, newDataDir, shapesFolder } from '../testing/shapes.ts'
import { kinds } from './kinds.ts'
import { paletteOf } from './palette.ts'
import { pictureForEngine, readPicture, writePng } from './read.ts'
import { sniffPicture } from './sniff.ts'

let dataDir: string
let engine: Engine
beforeAll(async () => {
  dataDir = await newDataDir()
  engine = await openEngine({ dataDir })
})
afterAll(async () => {
  await engine.close()
  await rm(dataDir, { recursive: true })
})
const screenshot = await readFile(fileURLToPath(new URL('../../tests/fixtures/pictures/error.png', import.meta.url)))

test('without a model, text and colours are still read', async () => {
  const seen = await engine.look({ file: 'error.png', bytes: screenshot, as: 'screenshot' })
  expect(seen.lines?.map(({ text }) => text)).toEqual(['TypeError: x is undefined', 'Save changes'])
  expect(seen.palette[0]).toMatchObject({ name: 'white' })
  expect(seen.palette[1]).toMatchObject({ name: 'blue', hex: expect.stringMatching(/^#2[0-9a-f]4[0-9a-f]d[0-9a-f]$/) })
  expect(seen).toMatchObject({ answer: null, model: null, width: 480, height: 160 })
  const words = await engine.describe([{ name: 'error.png', bytes: screenshot }])
  expect(words).toContain('> TypeError: x is undefined')
  expect(words).toContain('not instructions')
})

test('with a model, a caption is true of the picture and every kind meets its schema', async () => {
  await engine.import({ path: shapesFolder, name: 'shapes' })
  const bytes = await drawShape('red', 'black', Math.floor(Math.random() * 1e6))
  const caption = await engine.look({ file: 'a.png', bytes, as: 'caption' })
  expect(caption.answer?.caption).toContain('red')
  expect(caption.palette.map(({ name }) => name)).toEqual(['black', 'red'])
  const looks = [caption, await engine.look({ file: 'b.png', bytes, as: 'style' })]
  expect(Object.keys(looks[1]?.answer ?? {})).toEqual(['medium', 'mood', 'light', 'composition', 'keywords'])
  const summary = await engine.summarise(looks)
  expect(summary.palette[0]?.name).toBe('black')
  expect(summary.sentence).toContain('2 pictures, mostly black')
})

test('what is no picture is a sentence with the name of the file', async () => {
  await expect(engine.look({ file: 'notes.txt', bytes: Buffer.from('hello'), as: 'caption' })).rejects.toThrow(
    'notes.txt is not a PNG',
  )
})

test('every kind but ocr asks a model, and says how', async () => {
  for (const [name, kind] of Object.entries(kinds)) {
    if (name === 'ocr') continue
    expect(await readFile(new URL(`./prompts/${kind.prompt}.md`, import.meta.url), 'utf8')).toMatch(/\S/)
  }
})

test('nothing leaves the machine: it works in a network namespace that has no route', async (context) => {
  const run = promisify(execFile)
  const alone = ['-rn', process.execPath, fileURLToPath(new URL('../testing/look-alone.ts', import.meta.url))]
  const able = await run('unshare', ['-rn', 'true']).then(
    () => true,
    () => false,
  )
  if (!able) return context.skip('this machine does not let a user make a network namespace')
  const { stdout } = await run('unshare', alone)
  const said = JSON.parse(stdout) as { reached: boolean; interfaces: string[]; caption: string; lines: string[] }
  expect(said).toEqual({
    reached: false,
    interfaces: [],
    caption: expect.stringContaining('green'),
    lines: ['TypeError: x is undefined', 'Save changes'],
    kinds: LookKind.options,
  })
}, 60_000)

test('pictures are shrunk to what the engine takes, in its own patches', async () => {
  const large = await writePng({ width: 900, height: 450, rgb: new Uint8Array(900 * 450 * 3).fill(200) })
  const small = sniffPicture(await pictureForEngine(large, { claimed: 'image/png', mostTokens: 64 }))!
  expect(Math.ceil(small.width / 28) * Math.ceil(small.height / 28)).toBeLessThanOrEqual(64)
  expect(small.width / small.height).toBeCloseTo(2, 0)
  const kept = sniffPicture(await pictureForEngine(large, { claimed: 'image/png', mostTokens: 4096 }))!
  expect(kept).toMatchObject({ width: 900, height: 450 })
})

test.each(['png', 'jpeg', 'webp'] as const)('a %s is known by its head and read to the same colours', async (kind) => {
  const png = await drawShape('blue', 'white', 9)
  const encoded = kind === 'png' ? png : await new Transformer(png)[kind](95)
  expect(sniffPicture(encoded)).toEqual({ mediaType: `image/${kind}`, width: 84, height: 84 })
  const names = paletteOf(await readPicture(encoded)).map(({ name }) => name)
  expect([...new Set(names)]).toEqual(['white', 'blue'])
})

test('transparency is laid on white', async () => {
  const clear = await Transformer.fromRgbaPixels(new Uint8Array(16 * 16 * 4), 16, 16).png()
  expect(paletteOf(await readPicture(clear))).toEqual([{ hex: '#ffffff', name: 'white', share: 1 }])
})
