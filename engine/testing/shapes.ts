// For tests: pictures of one shape on one background, drawn anew each time, and an engine that has the fixture model.
import { mkdtemp } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { writePng } from '../pictures/read.ts'

export const shapesFolder = fileURLToPath(new URL('../../tests/fixtures/shapes/', import.meta.url))

export const colours = {
  red: [220, 30, 30],
  green: [30, 160, 60],
  blue: [40, 70, 220],
  yellow: [235, 215, 40],
  orange: [245, 140, 20],
  purple: [140, 40, 170],
} as const
export const backgrounds = { white: [250, 250, 250], black: [5, 5, 5], gray: [128, 128, 128] } as const

export type Colour = keyof typeof colours
export type Background = keyof typeof backgrounds

/** An 84 x 84 PNG; `seed` moves and sizes the shape, so that no two seeds give the same picture. */
export async function drawShape(colour: Colour, background: Background, seed: number): Promise<Uint8Array> {
  const side = 84
  const random = randomFrom(seed)
  const between = (from: number, to: number) => from + Math.floor(random() * (to - from + 1))
  const jitter = (rgb: readonly number[]) => rgb.map((value) => Math.max(0, Math.min(255, value + between(-8, 8))))
  const radius = between(15, 28)
  const x = between(radius + 2, side - radius - 2)
  const y = between(radius + 2, side - radius - 2)
  const inside = forms[between(0, forms.length - 1)]!
  const [front, back] = [jitter(colours[colour]), jitter(backgrounds[background])]
  const rgb = new Uint8Array(side * side * 3)
  for (let i = 0; i < side * side; i++) {
    rgb.set(inside((i % side) - x, Math.floor(i / side) - y, radius) ? front : back, i * 3)
  }
  return writePng({ width: side, height: side, rgb })
}

const forms: ((dx: number, dy: number, r: number) => boolean)[] = [
  (dx, dy, r) => dx * dx + dy * dy <= r * r,
  (dx, dy, r) => Math.abs(dx) <= r * 0.85 && Math.abs(dy) <= r * 0.85,
]

export function randomFrom(seed: number): () => number {
  let state = (seed * 2654435761 + 1) >>> 0
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0
    return state / 4294967296
  }
}

export const dataUrl = (png: Uint8Array) => `data:image/png;base64,${Buffer.from(png).toString('base64')}`

export const newDataDir = () => mkdtemp(join(tmpdir(), 'seatrial-engine-'))
