// Replaces one text in a file.
import { readFile, writeFile } from 'node:fs/promises'
import { z } from 'zod'
import { findText } from './match.ts'
import { placeInside } from './place.ts'
import type { AgentTool } from './tool.ts'

const schema = z.object({
  path: z.string(),
  old: z.string().min(1).describe('Text to replace, with enough lines around it to be unique.'),
  new: z.string().describe('Text to put in its place.'),
  all: z.boolean().default(false).describe('Replace every occurrence.'),
})

export const edit: AgentTool<z.infer<typeof schema>> = {
  name: 'edit',
  description: 'Replace a text in a file. `old` must occur exactly once unless `all` is true; give no line numbers.',
  schema,
  kind: 'edit',
  title: ({ path }) => `Edit ${path}`,
  paths: ({ path }) => [path],
  async run({ path, old, new: replacement, all }, world) {
    const file = await placeInside(world.cwd, path, 'write')
    const text = await readFile(file, 'utf8')
    if (old === replacement) throw new Error('`old` and `new` are the same.')
    const matches = findText(text, old)
    if (matches.length === 0) throw new Error(`\`old\` is not in ${path}. Read the file again; ${nearest(text, old)}`)
    if (matches.length > 1 && !all) {
      const lines = matches.slice(0, 10).map((match) => text.slice(0, match.start).split('\n').length)
      throw new Error(
        `\`old\` occurs ${matches.length} times in ${path} (lines ${lines.join(', ')}); add lines around it.`,
      )
    }
    let result = text
    for (const match of matches.reverse()) {
      const put = match.indent ? indentBy(replacement, match.indent) : replacement
      result =
        result.slice(0, match.start) +
        (text.includes('\r\n') ? put.replace(/\r?\n/g, '\r\n') : put) +
        result.slice(match.end)
    }
    await writeFile(file, result)
    return `Replaced ${matches.length} occurrence${matches.length > 1 ? 's' : ''} in ${path}.`
  },
}

const indentBy = (text: string, indent: string): string =>
  text
    .replace(/^\n+|\n+$/g, '')
    .split('\n')
    .map((line) => (line ? indent + line : line))
    .join('\n')

/** Points at the line that shares most with the first telling line of what was looked for. */
function nearest(text: string, wanted: string): string {
  const words = new Set((wanted.split('\n').find((line) => line.trim()) ?? '').match(/\w{3,}/g) ?? [])
  let best = { score: 0, line: 0, text: '' }
  for (const [index, line] of text.split('\n').entries()) {
    const score = (line.match(/\w{3,}/g) ?? []).filter((word) => words.has(word)).length
    if (score > best.score) best = { score, line: index + 1, text: line.slice(0, 200) }
  }
  return best.score > 0 ? `the nearest line is ${best.line}: ${best.text}` : 'no line is like it.'
}
