// Where candidates differ: their hunks grouped by the lines of the base they touch, each group agreed on or not.
import type { Diff, FileDiff, Hunk } from '@seatrial/protocol/diff'

export interface Cluster {
  id: string
  path: string
  /** Lines of the base, from 1. */
  from: number
  to: number
  /** Hunks by candidate, in the order the candidates were given; empty where a candidate leaves the lines alone. */
  hunks: Hunk[][]
  /** Candidates of one number made the same edit; null where there is none. */
  edits: (number | null)[]
  agreed: boolean
}

/** A file that changes as a whole in some candidate (binary, mode, rename) and cannot be picked by hunk. */
export interface WholeFile {
  path: string
  by: boolean[]
}

/** The changed lines with their place in the base: two hunks with the same text here make the same edit. */
export function editOf(hunks: readonly Hunk[]): string {
  const edits: string[] = []
  for (const hunk of hunks) {
    let line = hunk.oldStart
    for (const text of hunk.lines) {
      if (text.startsWith('+')) edits.push(`${line}${text}`)
      else if (text.startsWith('-')) edits.push(`${line++}${text}`)
      else if (!text.startsWith('\\')) line++
    }
  }
  return edits.join('\n')
}

const numbered = (texts: readonly string[]): (number | null)[] => {
  const known = new Map<string, number>()
  return texts.map((text) => {
    if (text === '') return null
    if (!known.has(text)) known.set(text, known.size)
    return known.get(text)!
  })
}

function ofFile(path: string, files: readonly (FileDiff | undefined)[]): Cluster[] {
  const all = files
    .flatMap((file, candidate) => (file?.hunks ?? []).map((hunk) => ({ hunk, candidate })))
    .sort((a, b) => a.hunk.oldStart - b.hunk.oldStart)
  const groups: { from: number; to: number; parts: typeof all }[] = []
  for (const part of all) {
    const from = part.hunk.oldStart
    const to = from + Math.max(part.hunk.oldLines, 1) - 1
    const last = groups.at(-1)
    if (last && from <= last.to) {
      last.parts.push(part)
      last.to = Math.max(last.to, to)
    } else groups.push({ from, to, parts: [part] })
  }
  return groups.map(({ from, to, parts }) => {
    const hunks = files.map((_, candidate) =>
      parts.filter((part) => part.candidate === candidate).map(({ hunk }) => hunk),
    )
    const edits = numbered(hunks.map(editOf))
    return { id: `${path}:${from}`, path, from, to, hunks, edits, agreed: edits.every((edit) => edit === 0) }
  })
}

export function clustersOf(diffs: readonly Diff[]): { clusters: Cluster[]; whole: WholeFile[] } {
  const maps = diffs.map((diff) => new Map(diff.files.map((file) => [file.path, file])))
  const paths = [...new Set(diffs.flatMap((diff) => diff.files.map(({ path }) => path)))].sort()
  const clusters: Cluster[] = []
  const whole: WholeFile[] = []
  for (const path of paths) {
    const files = maps.map((map) => map.get(path))
    clusters.push(...ofFile(path, files))
    const by = files.map((file) => file !== undefined && file.hunks.length === 0)
    if (by.includes(true)) whole.push({ path, by })
  }
  return { clusters, whole }
}

/** Choice by cluster: a candidate's index, or null for none of them. */
export type Picks = Readonly<Record<string, number | null>>

/** What to compose: everything agreed on, and what was picked where they differ. */
export function composition(
  clusters: readonly Cluster[],
  trialIds: readonly string[],
  picks: Picks,
): { trialId: string; hunks: string[] }[] {
  const wanted = trialIds.map((trialId) => ({ trialId, hunks: [] as string[] }))
  for (const cluster of clusters) {
    const index = cluster.agreed ? 0 : (picks[cluster.id] ?? null)
    if (index === null) continue
    wanted[index]?.hunks.push(...(cluster.hunks[index] ?? []).map(({ id }) => id))
  }
  return wanted.filter(({ hunks }) => hunks.length > 0)
}
