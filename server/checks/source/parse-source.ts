// Parses JavaScript and TypeScript with oxc, refusing what could exhaust the parser's stack.
import { type Comment, type EcmaScriptModule, type Program, parseSync } from 'oxc-parser'
import { isScript } from './file-kinds.ts'

/** Any node of the tree: oxc's types name more than 150 kinds, of which each reader here needs a few. */
export interface SyntaxNode {
  type: string
  start: number
  end: number
  // biome-ignore lint/suspicious/noExplicitAny: an ESTree node's fields depend on its type
  [field: string]: any
}

export interface Source {
  path: string
  text: string
  program: Program & SyntaxNode
  module: EcmaScriptModule
  comments: Comment[]
  /** False where the parser found an error; the tree may then be empty. */
  sound: boolean
  /** 1-based line of an offset. */
  lineAt(offset: number): number
  slice(node: { start: number; end: number }): string
}

const most = { characters: 1_000_000, depth: 1_000, chain: 4_000 }

/** Null for other languages, and for sources that are too large or nested too deep to be read safely. */
export function parseSource(path: string, text: string): Source | null {
  if (!isScript(path) || !isSafe(text)) return null
  const lang = /\.[cm]?ts$/.test(path)
    ? /\.d\.[cm]?ts$/.test(path)
      ? 'dts'
      : 'ts'
    : path.endsWith('.tsx')
      ? 'tsx'
      : 'jsx'
  const parsed = parseSync(path, text, { lang })
  const lineAt = lineFinder(text)
  return {
    path,
    text,
    program: parsed.program as Program & SyntaxNode,
    module: parsed.module,
    comments: parsed.comments,
    sound: parsed.errors.length === 0,
    lineAt,
    slice: (node) => text.slice(node.start, node.end),
  }
}

/** A cheap bound on how deep a parser has to go: open brackets, and operators in one statement that nest to the right. */
function isSafe(text: string): boolean {
  if (text.length > most.characters) return false
  let depth = 0
  let chain = 0
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (code === 40 || code === 91 || code === 123 || code === 60) {
      if (++depth > most.depth) return false
    } else if (code === 41 || code === 93 || code === 125 || code === 62) depth = Math.max(0, depth - 1)
    else if (code === 59) chain = 0
    else if (code === 63 || code === 61 || code === 33 || code === 126) {
      if (++chain > most.chain) return false
    }
  }
  return !/(?:\b(?:keyof|typeof|void|await|delete|readonly|unique|new)\s+){500}/.test(text)
}

function lineFinder(text: string): (offset: number) => number {
  let starts: number[] | null = null
  return (offset) => {
    if (!starts) {
      starts = [0]
      for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
    }
    let low = 0
    let high = starts.length - 1
    while (low < high) {
      const middle = (low + high + 1) >> 1
      if ((starts[middle] ?? 0) <= offset) low = middle
      else high = middle - 1
    }
    return low + 1
  }
}
