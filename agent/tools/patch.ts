// Reads a patch: the `*** Begin Patch` form that models are trained on, or a unified diff.
export interface Hunk {
  /** Lines of context and removal, as they must be in the file. */
  before: string[]
  after: string[]
  /** Text after `@@`, a line that comes before the hunk. */
  anchor: string
}

export type FileChange =
  | { kind: 'add'; path: string; text: string }
  | { kind: 'delete'; path: string }
  | { kind: 'update'; path: string; to: string; hunks: Hunk[] }

/** Throws one sentence when the text is neither form. */
export function parsePatch(text: string): FileChange[] {
  const lines = text.replaceAll('\r\n', '\n').replace(/\n$/, '').split('\n')
  const changes = /^\*\*\* (Add|Update|Delete) File: /m.test(text) ? parseMarked(lines) : parseUnified(lines)
  if (changes.length === 0) {
    throw new Error('No file in the patch; begin with `*** Begin Patch` and `*** Update File: PATH`.')
  }
  return changes
}

function parseMarked(lines: string[]): FileChange[] {
  const changes: FileChange[] = []
  for (const line of lines) {
    const start = /^\*\*\* (Add|Update|Delete) File: (.+)$/.exec(line)
    if (start) {
      const path = start[2]!.trim()
      if (start[1] === 'Add') changes.push({ kind: 'add', path, text: '' })
      else if (start[1] === 'Delete') changes.push({ kind: 'delete', path })
      else changes.push({ kind: 'update', path, to: path, hunks: [] })
      continue
    }
    const change = changes.at(-1)
    if (!change || /^\*\*\* (End Patch|End of File|Begin Patch)/.test(line)) continue
    const move = /^\*\*\* Move to: (.+)$/.exec(line)
    if (change.kind === 'add') change.text += `${line.startsWith('+') ? line.slice(1) : line}\n`
    else if (change.kind === 'update' && move) change.to = move[1]!.trim()
    else if (change.kind === 'update') addLine(change.hunks, line)
  }
  return changes
}

function parseUnified(lines: string[]): FileChange[] {
  const changes: FileChange[] = []
  const bare = (path: string): string =>
    path
      .trim()
      .split('\t')[0]!
      .replace(/^[ab]\//, '')
  for (const [index, line] of lines.entries()) {
    if (line.startsWith('--- ') && lines[index + 1]?.startsWith('+++ ')) {
      const from = line.slice(4)
      const to = lines[index + 1]!.slice(4)
      if (from.startsWith('/dev/null')) changes.push({ kind: 'add', path: bare(to), text: '' })
      else if (to.startsWith('/dev/null')) changes.push({ kind: 'delete', path: bare(from) })
      else changes.push({ kind: 'update', path: bare(from), to: bare(to), hunks: [] })
      continue
    }
    if (line.startsWith('+++ ') || /^(diff|index|new file|deleted file|similarity|rename) /.test(line)) continue
    const change = changes.at(-1)
    if (change?.kind === 'add' && line.startsWith('+')) change.text += `${line.slice(1)}\n`
    else if (change?.kind === 'update') addLine(change.hunks, line.replace(/^@@ -[\d,]+ \+[\d,]+ @@.*/, '@@'))
  }
  return changes
}

function addLine(hunks: Hunk[], line: string): void {
  if (line.startsWith('@@')) {
    hunks.push({ before: [], after: [], anchor: line.slice(2).replace(/@@$/, '').trim() })
    return
  }
  if (hunks.length === 0) hunks.push({ before: [], after: [], anchor: '' })
  const hunk = hunks.at(-1)!
  const sign = line[0]
  if (sign === '\\') return
  if (sign === '+') hunk.after.push(line.slice(1))
  else if (sign === '-') hunk.before.push(line.slice(1))
  else {
    // A context line whose leading space was forgotten is taken as it is.
    const text = sign === ' ' ? line.slice(1) : line
    hunk.before.push(text)
    hunk.after.push(text)
  }
}
