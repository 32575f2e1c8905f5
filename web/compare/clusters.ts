// Where candidates differ: their hunks grouped by the lines of the base they touch, each group agreed on or not.
import type { ComposePick } from '@seatrial/protocol/decision'
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
  /** The file in each candidate, where it can only be taken as a whole; else null. */
  whole: (FileDiff | null)[] | null
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
    return {
      id: `${path}:${from}`,
      path,
      from,
      to,
      hunks,
      edits,
      agreed: edits.every((edit) => edit === 0),
      whole: null,
    }
  })
}

/** What happens to a file besides its lines. */
const kindOf = ({ status, oldPath, oldMode, newMode, binary }: FileDiff): string =>
  [status, oldPath, oldMode, newMode, binary].join()

/** Hunks say all there is to a file's change only when it stays a text in its place, with its mode, in every candidate. */
const byHunks = (files: readonly FileDiff[]): boolean =>
  files.every(
    (file) =>
      file.hunks.length > 0 &&
      kindOf(file) === kindOf(files[0]!) &&
      !['deleted', 'typechange'].includes(file.status) &&
      (file.status === 'added' || file.oldMode === file.newMode),
  )

/** Binary contents are not in a diff, so two of them never count as the same edit. */
function asWhole(path: string, files: readonly (FileDiff | undefined)[]): Cluster {
  const edits = numbered(
    files.map((file, candidate) =>
      file ? `${kindOf(file)}\n${file.binary && file.status !== 'deleted' ? candidate : editOf(file.hunks)}` : '',
    ),
  )
  const whole = files.map((file) => file ?? null)
  const hunks = files.map((file) => file?.hunks ?? [])
  return { id: `${path}:whole`, path, from: 0, to: 0, hunks, edits, agreed: edits.every((edit) => edit === 0), whole }
}

export function clustersOf(diffs: readonly Diff[]): Cluster[] {
  const maps = diffs.map((diff) => new Map(diff.files.map((file) => [file.path, file])))
  const paths = [...new Set(diffs.flatMap((diff) => diff.files.map(({ path }) => path)))].sort()
  return paths.flatMap((path) => {
    const files = maps.map((map) => map.get(path))
    return byHunks(files.flatMap((file) => file ?? [])) ? ofFile(path, files) : [asWhole(path, files)]
  })
}

/** Choice by cluster: a candidate's index, or null for none of them. */
export type Picks = Readonly<Record<string, number | null>>

/** What to compose: everything agreed on, and what was picked where they differ. */
export function composition(clusters: readonly Cluster[], trialIds: readonly string[], picks: Picks): ComposePick[] {
  const wanted: ComposePick[] = trialIds.map((trialId) => ({ trialId, hunks: [], files: [] }))
  for (const cluster of clusters) {
    const index = cluster.agreed ? 0 : (picks[cluster.id] ?? null)
    if (index === null) continue
    if (!cluster.whole) wanted[index]?.hunks.push(...(cluster.hunks[index] ?? []).map(({ id }) => id))
    else if (cluster.whole[index]) wanted[index]?.files.push(cluster.path)
  }
  return wanted.filter(({ hunks, files }) => hunks.length + files.length > 0)
}
