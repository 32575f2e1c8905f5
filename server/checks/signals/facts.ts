// The input of a measurement with what several measurements share: cached files, parsed sources, changed lines.
import type { FileDiff } from '@seatrial/protocol'
import { parseSource, type Source } from '../source/parse-source.ts'
import type { SignalInput } from './signal-input.ts'

export interface Line {
  line: number
  text: string
}

export interface Facts extends SignalInput {
  files: FileDiff[]
  /** Parsed source of a file on one side; null when absent, not a script, or unsafe to parse. */
  source(side: 'base' | 'head', path: string): Promise<Source | null>
  text(side: 'base' | 'head', path: string): Promise<string | null>
  /** Parsed JSON object of a file, or null. */
  json(side: 'base' | 'head', path: string): Promise<Record<string, unknown> | null>
  paths(side: 'base' | 'head'): Promise<ReadonlySet<string>>
  /** Paths whose text may hold one of the words: a superset of those that do. */
  mayHold(side: 'base' | 'head', words: string[]): Promise<string[]>
}

const mostWords = 100

export function gatherFacts(input: SignalInput): Facts {
  const text = once((key: string) => {
    const path = key.slice(1)
    return key.startsWith('b') ? input.readBase(path) : input.readHead(path)
  })
  const textOf = (side: 'base' | 'head', path: string): Promise<string | null> => text(side[0] + path)
  const source = once(async (key: string) => {
    const found = await text(key)
    return found === null ? null : parseSource(key.slice(1), found)
  })
  const paths = once(async (side: string) => new Set(await input.listFiles(side as 'base' | 'head')))
  return {
    ...input,
    files: input.diff.files,
    text: textOf,
    source: (side, path) => source(side[0] + path),
    json: async (side, path) => readObject(await textOf(side, path)),
    paths,
    mayHold: async (side, words) => {
      const kept = words.filter((word) => word !== '' && !word.includes('\n'))
      if (kept.length === 0) return []
      const all = await paths(side)
      if (!input.findText || kept.length > mostWords) return [...all]
      return (await input.findText(side, kept)).filter((path) => all.has(path))
    },
  }
}

function once<T>(read: (key: string) => Promise<T>): (key: string) => Promise<T> {
  const known = new Map<string, Promise<T>>()
  return (key) => {
    const found = known.get(key) ?? read(key)
    known.set(key, found)
    return found
  }
}

export function readObject(text: string | null): Record<string, unknown> | null {
  if (text === null) return null
  try {
    const value: unknown = JSON.parse(text)
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null
  } catch {
    return null
  }
}

/** Lines the candidate added, numbered as in the candidate. */
export function addedLines(file: FileDiff): Line[] {
  return file.hunks.flatMap((hunk) => {
    let line = hunk.newStart
    return hunk.lines.flatMap((text) => {
      if (text.startsWith('-') || text.startsWith('\\')) return []
      const here = line++
      return text.startsWith('+') ? [{ line: here, text: text.slice(1) }] : []
    })
  })
}

/** Lines the candidate removed, numbered as in the base. */
export function removedLines(file: FileDiff): Line[] {
  return file.hunks.flatMap((hunk) => {
    let line = hunk.oldStart
    return hunk.lines.flatMap((text) => {
      if (text.startsWith('+') || text.startsWith('\\')) return []
      const here = line++
      return text.startsWith('-') ? [{ line: here, text: text.slice(1) }] : []
    })
  })
}

export const oldPathOf = (file: FileDiff): string => file.oldPath ?? file.path
export const existsInHead = (file: FileDiff): boolean => file.status !== 'deleted'
export const existsInBase = (file: FileDiff): boolean => file.status !== 'added'
