// What a mention of a word in a file is: code, comment, string or docs.
import { isCode } from '../tree/list-files.ts'
import { type Node, parse, walk } from './parse.ts'
import { specifiersIn } from './specifiers.ts'

/** `path` is a module specifier. */
export type Mention = 'comment' | 'string' | 'docs' | 'code' | 'config' | 'path'

type Span = { start: number; end: number; why: Mention }

/** A classifier for offsets in one file; parses the file once. */
export function classify(file: string, text: string): (offset: number) => Mention {
  if (!isCode(file)) {
    const why: Mention = /\.(?:jsonc?|ya?ml|toml|ini|cfg|config|lock)$/.test(file) ? 'config' : 'docs'
    return () => why
  }
  const result = parse(file, text)
  const spans: Span[] = result.comments.map((one) => ({ start: one.start, end: one.end, why: 'comment' }))
  for (const one of specifiersIn(file, text)) spans.unshift({ start: one.start, end: one.end, why: 'path' })
  walk(result.program, (node: Node) => {
    const isString =
      node.type === 'Literal'
        ? typeof node.value === 'string'
        : node.type === 'TemplateElement' || node.type === 'JSXText'
    if (isString) spans.push({ start: node.start, end: node.end, why: 'string' })
  })
  return (offset) => spans.find((span) => span.start <= offset && offset < span.end)?.why ?? 'code'
}
