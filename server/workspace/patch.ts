// Reads what `git diff-tree --raw -p -z` prints, byte by byte, into files and hunks with stable ids.
import { createHash } from 'node:crypto'

/** A hunk as bytes: every string holds one character per byte. */
export interface RawHunk {
  id: string
  oldStart: number
  oldLines: number
  newStart: number
  newLines: number
  section: string
  lines: string[]
}

export interface RawFile {
  path: string
  oldPath: string | null
  status: 'A' | 'D' | 'M' | 'R' | 'C' | 'T'
  oldMode: string
  newMode: string
  oldSha: string
  newSha: string
  binary: boolean
  hunks: RawHunk[]
}

/** One way to ask, so that ids are the same whenever the same two trees are compared. */
export const diffArgs: readonly string[] = [
  ...['diff-tree', '-r', '--raw', '-p', '-z', '--no-abbrev', '--full-index', '--no-ext-diff', '--no-textconv'],
  ...['-M50%', '-l2000', '--diff-algorithm=histogram', '--unified=3', '--ignore-submodules=all', '--no-color'],
]

/** Parses the whole output. */
export function parseDiff(out: Buffer): RawFile[] {
  const files: RawFile[] = []
  let at = 0
  const field = (): string => {
    const end = out.indexOf(0, at)
    const text = out.toString('latin1', at, end)
    at = end + 1
    return text
  }
  while (out[at] === 58) {
    const [oldMode = '', newMode = '', oldSha = '', newSha = '', letter = ''] = field().slice(1).split(' ')
    const status = letter.charAt(0) as RawFile['status']
    const first = field()
    const oldPath = status === 'R' || status === 'C' ? first : null
    const path = oldPath === null ? first : field()
    files.push({ path, oldPath, status, oldMode, newMode, oldSha, newSha, binary: false, hunks: [] })
  }
  if (out[at] === 0) at++
  const sections = splitSections(out.toString('latin1', at))
  let next = 0
  for (const file of files) {
    // A change of type is printed as a deletion and an addition.
    const count = file.status === 'T' ? 2 : 1
    for (const section of sections.slice(next, next + count)) readSection(file, section)
    next += count
  }
  return files
}

function splitSections(text: string): string[][] {
  const sections: string[][] = []
  const lines = text.split('\n')
  if (lines.at(-1) === '') lines.pop()
  for (const line of lines) {
    if (line.startsWith('diff --git ')) sections.push([])
    sections.at(-1)?.push(line)
  }
  return sections
}

const header = /^@@ -(\d+)(?:,(\d+))? \+(\d+)(?:,(\d+))? @@ ?(.*)$/s

function readSection(file: RawFile, lines: string[]): void {
  for (const line of lines) {
    const found = header.exec(line)
    if (found) {
      const [, oldStart = '', oldLines = '1', newStart = '', newLines = '1', section = ''] = found
      const numbers = { oldStart: +oldStart, oldLines: +oldLines, newStart: +newStart, newLines: +newLines }
      file.hunks.push({ id: '', ...numbers, section, lines: [] })
    } else if (file.hunks.length > 0) file.hunks.at(-1)?.lines.push(line)
    else if (line.startsWith('Binary files ') || line === 'GIT binary patch') file.binary = true
  }
  for (const hunk of file.hunks) hunk.id ||= hunkId(file.path, hunk)
}

/** First 12 hex characters of SHA-256 over path, old start and the hunk's lines. */
export function hunkId(path: string, hunk: Pick<RawHunk, 'oldStart' | 'lines'>): string {
  const text = `${path}\0${hunk.oldStart}\0${hunk.lines.join('\n')}`
  return createHash('sha256').update(text, 'latin1').digest('hex').slice(0, 12)
}
