// Findings of compilers and linters, read from what they print: one entry per output format.
import { posix } from 'node:path'
import type { Diagnostic } from '@seatrial/protocol'

/** Reads every finding of one format; `[]` when the text is of another. */
type Read = (text: string) => Diagnostic[]

interface LineFormat {
  line: RegExp
  /** Groups of `line`, by number. */
  path: number
  at: number
  code: number | string
  message: number
}

// Formats that say everything on one line.
const lineFormats: LineFormat[] = [
  // tsc --pretty false
  { line: /^(.+?)\((\d+),\d+\): error (TS\d+): (.*)$/, path: 1, at: 2, code: 3, message: 4 },
  // tsc --pretty, the default on a terminal
  { line: /^(.+?):(\d+):\d+ - error (TS\d+): (.*)$/, path: 1, at: 2, code: 3, message: 4 },
  // mypy
  { line: /^(\S+\.pyi?):(\d+)(?::\d+)?: error: (.*?)\s+\[([\w-]+)\]$/, path: 1, at: 2, code: 4, message: 3 },
  // pyright
  { line: /^\s*(\S+\.pyi?):(\d+):\d+ - error: (.*?) \((report\w+)\)$/, path: 1, at: 2, code: 4, message: 3 },
  // ruff (concise), flake8
  { line: /^(\S+\.pyi?):(\d+):\d+: ([A-Z]+\d+) (?:\[\*\] )?(.*)$/, path: 1, at: 2, code: 3, message: 4 },
  // eslint --format unix, oxlint --format unix
  { line: /^(\S.*?):(\d+):\d+: (.*) \[(?:Error|Warning)\/([^\]]+)\]$/, path: 1, at: 2, code: 4, message: 3 },
  // go build, go vet
  { line: /^(?:vet: )?(\S+\.go):(\d+):\d+: (.*)$/, path: 1, at: 2, code: 'go', message: 3 },
  // GitHub annotations: biome --reporter=github, oxlint --format=github
  {
    line: /^::(?:error|warning) (?:.*?,)?file=([^,]+),(?:.*?,)?line=(\d+)(?:,[^:]*)?::(.*)$/,
    path: 1,
    at: 2,
    code: 'lint',
    message: 3,
  },
]

const readLines: Read = (text) =>
  text.split('\n').flatMap((line) => {
    if (line.length > 4000) return []
    for (const format of lineFormats) {
      const match = format.line.exec(line)
      if (!match) continue
      const code = typeof format.code === 'string' ? format.code : (match[format.code] ?? '')
      return [finding(match[format.path], match[format.at], code, match[format.message])]
    }
    return []
  })

/** eslint's default: a path on its own line, findings indented below. */
const readStylish: Read = (text) => {
  const found: Diagnostic[] = []
  let path: string | null = null
  for (const line of text.split('\n')) {
    const match = /^ {2,}(\d+):\d+ {2,}(?:error|warning) {2,}(.*?)(?: {2,}(\S+))?$/.exec(line)
    if (match && path) found.push(finding(path, match[1], match[3] ?? 'syntax', match[2]))
    else if (/^\S.*\.\w+$/.test(line)) path = line
    else if (line.trim() === '') path = null
  }
  return found
}

/** biome's default: `path:line:col rule ━━━`, the message after a cross. */
const readBiome: Read = (text) => {
  const found: Diagnostic[] = []
  let open: { path: string; line: string; code: string } | null = null
  for (const line of text.split('\n')) {
    const head = /^(\S+?)(?::(\d+):\d+)? ((?:lint|assist|suppressions)\/\S+|parse|format|organizeImports)\b.*━/.exec(
      line,
    )
    const message = /^\s+[×✖!ℹ]\s+(.*)$/.exec(line)
    if (head) open = { path: head[1] ?? '', line: head[2] ?? '1', code: head[3] ?? '' }
    else if (open && message) {
      found.push(finding(open.path, open.line, open.code, message[1]))
      open = null
    }
  }
  return found
}

/** A message line followed by a line with the place: oxlint's default, and rustc. */
const readPointed: Read = (text) => {
  const found: Diagnostic[] = []
  let open: { code: string; message: string } | null = null
  for (const line of text.split('\n')) {
    const oxlint = /^\s*[x×!⚠]\s+([\w-]+\([\w/-]+\)): (.*)$/.exec(line)
    const rustc = /^(?:error|warning)(?:\[(E\d+|[\w:]+)\])?: (.*)$/.exec(line)
    const place = /(?:[,╭][-─]\[|^\s*--> )(\S+?):(\d+):\d+\]?/.exec(line)
    if (oxlint || rustc) open = { code: oxlint?.[1] ?? rustc?.[1] ?? 'rustc', message: oxlint?.[2] ?? rustc?.[2] ?? '' }
    else if (open && place) {
      found.push(finding(place[1], place[2], open.code, open.message))
      open = null
    }
  }
  return found
}

/** JSON of eslint and of oxlint, also with other lines around it. */
const readJson: Read = (text) => {
  const eslint = text.indexOf('[{"filePath":')
  const oxlint = text.search(/\{\s*"diagnostics":/)
  const start = eslint >= 0 ? eslint : oxlint
  if (start < 0) return []
  const end = text.lastIndexOf(eslint >= 0 ? ']' : '}')
  let document: unknown
  try {
    document = JSON.parse(text.slice(start, end + 1))
  } catch {
    return []
  }
  return eslint >= 0 ? fromEslint(document as EslintFile[]) : fromOxlint(document as OxlintReport)
}

interface EslintFile {
  filePath?: string
  messages?: { ruleId?: string | null; line?: number; message?: string }[]
}
interface OxlintReport {
  diagnostics?: { code?: string; message?: string; filename?: string; labels?: { span?: { line?: number } }[] }[]
}

const fromEslint = (files: EslintFile[]): Diagnostic[] =>
  files.flatMap((file) =>
    (file.messages ?? []).map((one) =>
      finding(file.filePath, String(one.line ?? 1), one.ruleId ?? 'syntax', one.message),
    ),
  )

const fromOxlint = (report: OxlintReport): Diagnostic[] =>
  (report.diagnostics ?? []).map((one) =>
    finding(one.filename, String(one.labels?.[0]?.span?.line ?? 1), one.code ?? 'oxlint', one.message),
  )

const formats: Read[] = [readJson, readLines, readStylish, readBiome, readPointed]
const most = 10_000

/** All findings in the output, paths relative to the tree's root; null when none could be read. */
export function readDiagnostics(output: string, cwd = '.', root: string | null = null): Diagnostic[] | null {
  const text = output.slice(0, 16 * 1024 * 1024)
  for (const read of formats) {
    const found = read(text)
    if (found.length === 0) continue
    return found.slice(0, most).map((one) => ({ ...one, path: fromRoot(one.path, cwd, root) }))
  }
  return null
}

/** A path as a tool printed it, made relative to the tree's root. */
export function fromRoot(path: string, cwd: string, root: string | null): string {
  const plain = path.replace(/^file:\/\//, '')
  if (root !== null && (plain === root || plain.startsWith(`${root}/`))) return posix.relative(root, plain)
  return posix.isAbsolute(plain) ? plain : posix.normalize(posix.join(cwd, plain))
}

function finding(path = '', line = '1', code = '', message = ''): Diagnostic {
  return { path: path.trim(), line: Number(line), code: code.slice(0, 100), message: message.trim().slice(0, 500) }
}
