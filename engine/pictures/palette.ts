// The colours of a picture, counted by code: no model guesses a hex value.
import type { PaletteColour } from '@seatrial/protocol'
import type { Pixels } from './read.ts'

const names: Record<string, [number, number, number]> = {
  black: [0, 0, 0],
  white: [255, 255, 255],
  gray: [128, 128, 128],
  silver: [192, 192, 192],
  red: [220, 30, 30],
  maroon: [110, 20, 30],
  orange: [245, 140, 20],
  brown: [130, 80, 40],
  beige: [235, 220, 190],
  yellow: [240, 215, 40],
  olive: [120, 120, 30],
  lime: [140, 220, 50],
  green: [40, 150, 60],
  teal: [20, 130, 130],
  cyan: [60, 210, 225],
  blue: [40, 80, 220],
  navy: [20, 30, 90],
  purple: [140, 40, 170],
  violet: [180, 120, 230],
  magenta: [220, 40, 170],
  pink: [250, 170, 190],
}

interface Bucket {
  count: number
  sum: [number, number, number]
}

/** At most `most` colours that each cover 1% or more, largest first. Shares count all pixels. */
export function paletteOf({ rgb }: Pixels, most = 6): PaletteColour[] {
  const buckets = new Map<number, Bucket>()
  for (let i = 0; i < rgb.length; i += 3) {
    const key = ((rgb[i]! >> 4) << 8) | ((rgb[i + 1]! >> 4) << 4) | (rgb[i + 2]! >> 4)
    const bucket = buckets.get(key) ?? { count: 0, sum: [0, 0, 0] }
    bucket.count++
    for (const c of [0, 1, 2] as const) bucket.sum[c] += rgb[i + c]!
    buckets.set(key, bucket)
  }
  return merged([...buckets.values()], rgb.length / 3, most)
}

/** One palette of several, each picture counting the same. */
export function mergePalettes(palettes: PaletteColour[][], most = 6): PaletteColour[] {
  const buckets = palettes.flat().map(({ hex, share }): Bucket => {
    const [r, g, b] = [1, 3, 5].map((at) => Number.parseInt(hex.slice(at, at + 2), 16)) as [number, number, number]
    return { count: share, sum: [r * share, g * share, b * share] }
  })
  return merged(buckets, palettes.length, most)
}

/** Takes the largest bucket in turn and adds to it what looks the same. */
function merged(buckets: Bucket[], total: number, most: number): PaletteColour[] {
  const colours: { mean: number[]; count: number }[] = []
  for (const bucket of buckets.sort((a, b) => b.count - a.count)) {
    const mean = bucket.sum.map((sum) => sum / bucket.count)
    const near = colours.find((colour) => distance(colour.mean, mean) < 40)
    if (!near) {
      colours.push({ mean, count: bucket.count })
      continue
    }
    const count = near.count + bucket.count
    near.mean = near.mean.map((value, c) => (value * near.count + mean[c]! * bucket.count) / count)
    near.count = count
  }
  return colours
    .sort((a, b) => b.count - a.count)
    .map(({ mean, count }) => ({
      hex: hexOf(mean),
      name: nameOf(mean),
      share: Math.round((count / total) * 1000) / 1000,
    }))
    .filter(({ share }) => share >= 0.01)
    .slice(0, most)
}

/** Distance as the eye weighs it, near enough for naming: the red-mean formula. */
function distance(a: readonly number[], b: readonly number[]): number {
  const red = (a[0]! + b[0]!) / 2
  const [dr, dg, db] = [a[0]! - b[0]!, a[1]! - b[1]!, a[2]! - b[2]!]
  return Math.sqrt((2 + red / 256) * dr * dr + 4 * dg * dg + (2 + (255 - red) / 256) * db * db)
}

const hexOf = (mean: number[]) => `#${mean.map((value) => Math.round(value).toString(16).padStart(2, '0')).join('')}`

function nameOf(mean: number[]): string {
  const spread = Math.max(...mean) - Math.min(...mean)
  const greys = ['black', 'white', 'gray', 'silver']
  const known = Object.entries(names).filter(([name]) => spread < 18 || !greys.includes(name) || Math.max(...mean) < 45)
  return known.reduce((best, each) => (distance(mean, each[1]) < distance(mean, best[1]) ? each : best))[0]
}
