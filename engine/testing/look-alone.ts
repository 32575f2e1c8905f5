// For the proof that nothing leaves the machine: run in a network namespace of its own, looks, and tries to get out.
import { readFile, rm } from 'node:fs/promises'
import { connect } from 'node:net'
import { networkInterfaces } from 'node:os'
import { fileURLToPath } from 'node:url'
import { LookKind } from '@seatrial/protocol'
import { openEngine } from '../index.ts'
import { drawShape, newDataDir, shapesFolder } from './shapes.ts'

const dataDir = await newDataDir()
const engine = await openEngine({ dataDir })
await engine.import({ path: shapesFolder, name: 'shapes' })
const seen = await engine.look({ file: 'a.png', bytes: await drawShape('green', 'black', 4), as: 'caption' })
const bytes = await readFile(fileURLToPath(new URL('../../tests/fixtures/pictures/error.png', import.meta.url)))
const read = await engine.look({ file: 'error.png', bytes, as: 'ocr' })
const kinds: string[] = []
for (const as of LookKind.options) kinds.push((await engine.look({ file: 'error.png', bytes, as })).kind)
// An address reserved for documentation: nobody answers there, and without a route not even the attempt gets out.
const reached = await new Promise<boolean>((resolve) => {
  const socket = connect({ host: '192.0.2.1', port: 80 })
  socket.once('connect', () => resolve(true))
  socket.once('error', (error: NodeJS.ErrnoException) => resolve(error.code !== 'ENETUNREACH'))
})
console.log(
  JSON.stringify({
    reached,
    interfaces: Object.keys(networkInterfaces()),
    caption: seen.answer?.caption,
    lines: read.lines?.map(({ text }) => text),
    kinds,
  }),
)
await engine.close()
await rm(dataDir, { recursive: true })
