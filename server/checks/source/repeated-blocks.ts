// Blocks of added lines that stand elsewhere too: hashes of windows of tokens, names and literals as written.

export interface Block {
  path: string
  line: number
  lines: number
  otherPath: string
  otherLine: number
}

interface Token {
  text: string
  line: number
}

const windowTokens = 50
const fewestLines = 5
const mostTokens = 40_000

/** Code tokens without comments, imports and pure punctuation lines. */
function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let inComment = false
  for (const [index, raw] of text.split('\n').entries()) {
    let line = raw.slice(0, 2000)
    if (inComment) {
      const end = line.indexOf('*/')
      if (end < 0) continue
      line = line.slice(end + 2)
      inComment = false
    }
    line = line.replace(/\/\*.*?\*\//g, ' ').replace(/(^|\s)(?:\/\/|#(?!\[)).*$/, '$1')
    const open = line.indexOf('/*')
    if (open >= 0) {
      line = line.slice(0, open)
      inComment = true
    }
    if (/^\s*(?:import\b|from\b|use\b|package\b|export\s+(?:\*|\{[^}]*\})\s+from\b)/.test(line)) continue
    for (const match of line.matchAll(/[\w$]+|"[^"]*"|'[^']*'|`[^`]*`|[^\s\w]/g)) {
      if (!/^[;,]$/.test(match[0])) tokens.push({ text: match[0], line: index + 1 })
    }
    if (tokens.length > mostTokens) break
  }
  return tokens
}

interface File {
  path: string
  tokens: Token[]
  /** One number per distinct token text. */
  ids: Int32Array
}
interface Start {
  file: File
  at: number
}

/** `added` are the changed files' added lines; each of their blocks is looked for in all `texts`, itself included. */
export function repeatedBlocks(
  texts: ReadonlyMap<string, string>,
  added: ReadonlyMap<string, ReadonlySet<number>>,
): Block[] {
  const numbers = new Map<string, number>()
  const files = [...texts].map(([path, text]): File => {
    const tokens = tokensOf(text)
    const ids = tokens.map(({ text: word }) => {
      const known = numbers.get(word) ?? numbers.size + 1
      numbers.set(word, known)
      return known
    })
    return { path, tokens, ids: Int32Array.from(ids) }
  })
  // Only windows of new code are kept; everything else streams past them.
  const fresh = new Map<number, Start[]>()
  const old: [number, Start][] = []
  for (const file of files) {
    const lines = added.get(file.path)
    forEachWindow(file, (hash, at) => {
      if (lines && isFresh(file, at, lines)) fresh.set(hash, [...(fresh.get(hash) ?? []), { file, at }])
      else if (lines) old.push([hash, { file, at }])
    })
  }
  const matches = new Map<File, Map<number, Start>>()
  const match = (start: Start, other: Start): void => {
    const known = matches.get(start.file) ?? new Map<number, Start>()
    if (!known.has(start.at)) known.set(start.at, other)
    matches.set(start.file, known)
  }
  const compare = (hash: number, other: Start): void => {
    for (const start of fresh.get(hash) ?? []) if (sameWindow(start, other)) match(start, other)
  }
  for (const [hash, start] of old) compare(hash, start)
  for (const file of files) if (!added.has(file.path)) forEachWindow(file, (hash, at) => compare(hash, { file, at }))
  for (const starts of fresh.values()) {
    for (const [index, start] of starts.entries()) {
      const first = starts
        .slice(0, index)
        .find((one) => sameWindow(one, start) && (one.file !== start.file || start.at - one.at >= windowTokens))
      if (first) match(start, first)
    }
  }
  return [...matches].flatMap(([file, found]) => blocksOf(file, found))
}

/** Runs of matching windows, each as one block. */
function blocksOf(file: File, found: ReadonlyMap<number, Start>): Block[] {
  const blocks: Block[] = []
  const starts = [...found.keys()].toSorted((a, b) => a - b)
  for (let index = 0; index < starts.length; ) {
    let end = index
    while (starts[end + 1] === (starts[end] ?? 0) + 1) end++
    const at = starts[index] as number
    const other = found.get(at) as Start
    const first = file.tokens[at]?.line ?? 1
    const last = file.tokens[(starts[end] as number) + windowTokens - 1]?.line ?? first
    if (last - first + 1 >= fewestLines) {
      const otherLine = other.file.tokens[other.at]?.line ?? 1
      blocks.push({ path: file.path, line: first, lines: last - first + 1, otherPath: other.file.path, otherLine })
    }
    index = end + 1
  }
  return blocks
}

const factor = 16_777_619

function forEachWindow(file: File, visit: (hash: number, at: number) => void): void {
  const { ids } = file
  let lead = 1
  for (let n = 1; n < windowTokens; n++) lead = Math.imul(lead, factor)
  let hash = 0
  for (let at = 0; at < ids.length; at++) {
    if (at >= windowTokens) hash = (hash - Math.imul(ids[at - windowTokens] as number, lead)) | 0
    hash = (Math.imul(hash, factor) + (ids[at] as number)) | 0
    if (at >= windowTokens - 1) visit(hash, at - windowTokens + 1)
  }
}

const isFresh = (file: File, at: number, lines: ReadonlySet<number>): boolean =>
  file.tokens.slice(at, at + windowTokens).every((token) => lines.has(token.line))

function sameWindow(a: Start, b: Start): boolean {
  for (let n = 0; n < windowTokens; n++) if (a.file.ids[a.at + n] !== b.file.ids[b.at + n]) return false
  return true
}
