// Decodes a picture to pixels after its head has been judged, and encodes it again at the size an engine can take.
// What leaves here is our own PNG: no metadata, no odd colour types, nothing of the sender's encoding.

import { ResizeFit, Transformer } from '@napi-rs/image'
import { Refusal } from '@seatrial/protocol'
import { type PictureHead, sniffPicture } from './sniff.ts'

export interface Pixels {
  width: number
  height: number
  /** Three bytes per pixel; transparency is laid on white. */
  rgb: Uint8Array
}

export const mostEncodedBytes = 20 << 20
export const mostPixels = 50_000_000

/** Judges the head. `claimed` is what the sender said it is. Throws `Refusal` with one sentence. */
export function judgePicture(bytes: Uint8Array, claimed: string | null, name = 'The picture'): PictureHead {
  if (bytes.length > mostEncodedBytes) {
    throw new Refusal(
      'unprocessable',
      `${name} has ${mega(bytes.length)} MB; at most ${mega(mostEncodedBytes)} MB are taken.`,
    )
  }
  const head = sniffPicture(bytes)
  if (!head) throw new Refusal('unprocessable', `${name} is not a PNG, JPEG, WebP or GIF picture.`)
  const said = claimed === 'image/jpg' ? 'image/jpeg' : claimed
  if (said !== null && said !== head.mediaType) {
    throw new Refusal('unprocessable', `${name} is said to be ${said} but is ${head.mediaType}.`)
  }
  if (head.width * head.height > mostPixels) {
    const pixels = Math.round((head.width * head.height) / 1e6)
    throw new Refusal(
      'unprocessable',
      `${name} has ${pixels} megapixels (${head.width} x ${head.height}); at most ${mostPixels / 1e6} are decoded.`,
    )
  }
  return head
}

/** Decodes, shrunk so that neither side exceeds `longestSide`. */
export async function readPicture(
  bytes: Uint8Array,
  options: { claimed?: string | null; longestSide?: number; name?: string } = {},
): Promise<Pixels> {
  const head = judgePicture(bytes, options.claimed ?? null, options.name)
  const longest = options.longestSide ?? Number.POSITIVE_INFINITY
  try {
    const picture = new Transformer(bytes).rotate()
    if (Math.max(head.width, head.height) > longest) {
      picture.resize({ width: longest, height: longest, fit: ResizeFit.Inside })
    }
    // A pass through PNG settles orientation, size and colour type in one place.
    const settled = new Transformer(await picture.png())
    const { width, height, colorType } = await settled.metadata()
    return { width, height, rgb: toRgb(await settled.rawPixels(), width * height, colorType) }
  } catch (error) {
    throw new Refusal('unprocessable', `${options.name ?? 'The picture'} is damaged: ${(error as Error).message}`)
  }
}

export async function writePng(pixels: Pixels): Promise<Uint8Array> {
  const rgba = new Uint8Array(pixels.width * pixels.height * 4)
  for (let i = 0, o = 0; o < rgba.length; i += 3, o += 4) {
    rgba[o] = pixels.rgb[i]!
    rgba[o + 1] = pixels.rgb[i + 1]!
    rgba[o + 2] = pixels.rgb[i + 2]!
    rgba[o + 3] = 255
  }
  return Transformer.fromRgbaPixels(rgba, pixels.width, pixels.height).png()
}

/** A PNG for an engine: at most `mostTokens` patches of `patch` pixels a side (28 for this family of models). */
export async function pictureForEngine(
  bytes: Uint8Array,
  options: { claimed: string | null; mostTokens: number; patch?: number },
): Promise<Uint8Array> {
  const head = judgePicture(bytes, options.claimed)
  const patch = options.patch ?? 28
  const tokens = (scale: number) => Math.ceil((head.width * scale) / patch) * Math.ceil((head.height * scale) / patch)
  let scale = Math.min(1, Math.sqrt((options.mostTokens * patch * patch) / (head.width * head.height)))
  while (scale > 0.01 && tokens(scale) > options.mostTokens) scale *= 0.99
  const longestSide = Math.max(1, Math.floor(Math.max(head.width, head.height) * scale))
  return writePng(await readPicture(bytes, { claimed: options.claimed, longestSide }))
}

const channels = [1, 2, 3, 4]

function toRgb(raw: Uint8Array, count: number, colorType: number): Uint8Array {
  const wide = colorType >= 4
  if (colorType > 7) throw new Error('its colours are floating-point numbers')
  const step = channels[colorType % 4]!
  const values = wide ? Uint8Array.from(new Uint16Array(raw.buffer, raw.byteOffset, count * step), (v) => v >> 8) : raw
  const rgb = new Uint8Array(count * 3)
  const grey = step < 3
  const alpha = step % 2 === 0
  for (let i = 0; i < count; i++) {
    const from = i * step
    const opacity = alpha ? values[from + step - 1]! / 255 : 1
    for (let c = 0; c < 3; c++) {
      const value = values[grey ? from : from + c]!
      rgb[i * 3 + c] = Math.round(value * opacity + 255 * (1 - opacity))
    }
  }
  return rgb
}

const mega = (bytes: number) => Math.round(bytes / 1e5) / 10
