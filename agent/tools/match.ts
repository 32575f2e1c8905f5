// Finds where a text the model remembers is in a file: exactly, or forgiving the ways in which models misremember.
export interface Match {
  start: number
  end: number
  /** Line indentation to put before every line of the replacement. */
  indent: string
}

type Fold = (line: string) => string

/** From strict to forgiving; the first that finds anything decides. */
const folds: { name: string; fold: Fold }[] = [
  { name: 'line ends', fold: (line) => line.replace(/\r$/, '') },
  { name: 'trailing space', fold: (line) => line.trimEnd() },
  { name: 'typographic characters', fold: (line) => plainMarks(line).trimEnd() },
  { name: 'indentation', fold: (line) => plainMarks(line).trim().replace(/\s+/g, ' ') },
]

const plainMarks = (text: string): string =>
  text
    .replace(/[\u2018\u2019\u201b]/g, "'")
    .replace(/[\u201c\u201d]/g, '"')
    .replace(/[\u2010-\u2015\u2212]/g, '-')
    .replace(/\u00a0/g, ' ')

/** All places where `wanted` is in `text`; more than one means it is ambiguous. */
export function findText(text: string, wanted: string): Match[] {
  const exact: Match[] = []
  for (let at = text.indexOf(wanted); at >= 0; at = text.indexOf(wanted, at + wanted.length)) {
    exact.push({ start: at, end: at + wanted.length, indent: '' })
  }
  if (exact.length > 0) return exact
  const lines = splitLines(text)
  const needle = wanted.replace(/^\n+|\n+$/g, '').split('\n')
  for (const { fold } of folds) {
    const found = findLines(
      lines.map((line) => fold(line.text)),
      needle.map(fold),
      0,
    )
    if (found.length === 0) continue
    return found.map((first) => {
      const last = lines[first + needle.length - 1]!
      const ends = last.start + last.text.replace(/\r$/, '').length
      return { start: lines[first]!.start, end: ends, indent: indentGap(lines[first]!.text, needle[0]!) }
    })
  }
  return []
}

/** Indices of the lines from which on all of `needle` follows. */
export function findLines(lines: string[], needle: string[], from: number): number[] {
  const found: number[] = []
  if (needle.length === 0 || needle.every((line) => line === '')) return found
  for (let first = from; first + needle.length <= lines.length; first += 1) {
    if (needle.every((line, offset) => lines[first + offset] === line)) found.push(first)
  }
  return found
}

/** Where `needle` starts in `lines` from `from` on, as forgiving as needed; -1 when nowhere. */
export function seekLines(lines: string[], needle: string[], from: number): number {
  for (const fold of [(line: string) => line, ...folds.map((entry) => entry.fold)]) {
    const [first] = findLines(lines.map(fold), needle.map(fold), from)
    if (first !== undefined) return first
  }
  return -1
}

function splitLines(text: string): { text: string; start: number }[] {
  let start = 0
  return text.split('\n').map((line) => {
    const entry = { text: line, start }
    start += line.length + 1
    return entry
  })
}

/** What the file's line has before it that the remembered line has not. */
function indentGap(actual: string, remembered: string): string {
  const have = /^[ \t]*/.exec(actual)![0]
  const had = /^[ \t]*/.exec(remembered)![0]
  return have.endsWith(had) ? have.slice(0, have.length - had.length) : ''
}
