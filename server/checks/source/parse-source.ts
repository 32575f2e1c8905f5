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

const open = new Set('([{')
const close = new Set(')]}')
/** Signs that nest to the right when repeated within one statement: conditionals, assignments, arrows, negations. */
const chained = new Set('?=!~')
const prefixes = /(?:\b(?:keyof|typeof|void|await|delete|readonly|unique|new)\s+){500}/

/** A cheap bound on how deep a parser has to go. It may refuse a strange source; it must not let a deadly one through. */
function isSafe(text: string): boolean {
  if (text.length > most.characters) return false
  let depth = 0
  let angles = 0
  let chain = 0
  for (const sign of text) {
    if (open.has(sign)) depth++
    else if (close.has(sign)) depth = Math.max(0, depth - 1)
    else if (sign === '<') angles++
    else if (sign === '>') angles = Math.max(0, angles - 1)
    else if (chained.has(sign)) chain++
    // Comparisons open no type arguments: what a statement left open is forgotten with it.
    if (sign === ';' || sign === '{' || sign === '}') angles = 0
    if (sign === ';') chain = 0
    if (depth > most.depth || angles > most.depth || chain > most.chain) return false
  }
  return !prefixes.test(text)
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
