// Whether tests reach the changed lines, from the coverage files that the checks left: istanbul JSON or lcov.
import { posix } from 'node:path'
import coverage from 'istanbul-lib-coverage'
import { count } from '../names.ts'
import { isProduct } from '../source/file-kinds.ts'
import { bad, type Draft, good, neutral, notMeasured, place } from './draft.ts'
import { addedLines, type Facts, readObject } from './facts.ts'

/** Where runners leave coverage, relative to the root. */
export const coveragePaths = ['coverage/coverage-final.json', 'coverage/lcov.info', 'lcov.info', 'coverage.lcov']

/** Coverage files that were written since `before` was read; one left by an earlier tree says nothing. */
export function freshCoverage(
  before: Record<string, string>,
  after: Record<string, string>,
): Record<string, string> | null {
  const fresh = Object.entries(after).filter(([path, text]) => before[path] !== text)
  return fresh.length > 0 ? Object.fromEntries(fresh) : null
}

/** Hits by line of each file, by path as the report has it. */
type Hits = Map<string, Map<number, number>>

export async function measureCoverage(facts: Facts): Promise<Draft> {
  if (facts.coverage === null) return notMeasured('The checks left no coverage')
  const hits: Hits = new Map()
  for (const [path, text] of Object.entries(facts.coverage)) {
    const found = path.endsWith('.json') ? fromIstanbul(text) : fromLcov(text)
    for (const [file, lines] of found) hits.set(file, lines)
  }
  if (hits.size === 0) return notMeasured('The coverage files could not be read')
  const changed = facts.files.filter((file) => isProduct(file.path) && file.status !== 'deleted')
  const judged: string[] = []
  const missed: { path: string; line: number; text: string }[] = []
  let reachable = 0
  for (const file of changed) {
    const lines = linesOf(hits, file.path)
    if (!lines) continue
    judged.push(file.path)
    for (const { line, text } of addedLines(file)) {
      const times = lines.get(line)
      if (times === undefined) continue
      reachable++
      if (times === 0) missed.push({ path: file.path, line, text })
    }
  }
  if (judged.length === 0) return notMeasured('No changed file is in the coverage files')
  const lists = { judged }
  const places = missed.map((one) => place(one.path, one.line, one.text.trim()))
  if (reachable === 0) return neutral('No changed line can be covered', { lists })
  const share = (reachable - missed.length) / reachable
  const percent = Math.round(share * 100)
  const more = { lists, places, head: percent }
  const sentence = `Tests reach ${percent}% of ${count(reachable, 'changed line')}`
  if (share >= 0.8) return good(sentence, more)
  if (share >= 0.5) return bad('minor', sentence, more)
  return bad(missed.length >= 5 || share < 0.2 ? 'major' : 'minor', sentence, more)
}

/** Reports name files absolutely or from the root. */
function linesOf(hits: Hits, path: string): Map<number, number> | null {
  for (const [file, lines] of hits) if (file === path || file.endsWith(`/${path}`)) return lines
  return null
}

function fromIstanbul(text: string): Hits {
  const data = readObject(text)
  const hits: Hits = new Map()
  if (!data) return hits
  for (const [path, raw] of Object.entries(data)) {
    try {
      const file = coverage.createFileCoverage(raw as Parameters<typeof coverage.createFileCoverage>[0])
      hits.set(path, new Map(Object.entries(file.getLineCoverage()).map(([line, times]) => [Number(line), times])))
    } catch {
      // A file entry of another shape is left out: its lines stay not measured.
    }
  }
  return hits
}

function fromLcov(text: string): Hits {
  const hits: Hits = new Map()
  let open: Map<number, number> | null = null
  for (const line of text.split('\n')) {
    if (line.startsWith('SF:')) {
      open = new Map()
      hits.set(posix.normalize(line.slice(3).trim()), open)
    } else if (line.startsWith('DA:')) {
      const [at, times] = line.slice(3).split(',')
      open?.set(Number(at), Number(times))
    } else if (line.startsWith('end_of_record')) open = null
  }
  return hits
}
