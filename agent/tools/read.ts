// Reads a file with line numbers, or lists a folder.
import { readdir, readFile, stat } from 'node:fs/promises'
import { z } from 'zod'
import { placeInside } from './place.ts'
import { type AgentTool, clip } from './tool.ts'

const schema = z.object({
  path: z.string().describe('File or folder, relative to the working directory.'),
  offset: z.number().int().min(1).optional().describe('First line, from 1.'),
  limit: z.number().int().min(1).optional().describe('Number of lines; 2000 when left out.'),
})

export const read: AgentTool<z.infer<typeof schema>> = {
  name: 'read',
  description: 'Read a text file (each line is shown as `NUMBER|TEXT`) or list a folder.',
  schema,
  kind: 'read',
  title: ({ path }) => `Read ${path}`,
  paths: ({ path }) => [path],
  async run({ path, offset = 1, limit = 2000 }, world) {
    const file = await placeInside(world.cwd, path, 'read')
    const found = await stat(file)
    if (found.isDirectory()) {
      const entries = await readdir(file, { withFileTypes: true })
      return (
        entries
          .map((entry) => entry.name + (entry.isDirectory() ? '/' : ''))
          .sort()
          .join('\n') || '(empty folder)'
      )
    }
    if (!found.isFile()) throw new Error(`${path} is neither a file nor a folder.`)
    if (found.size > 20_000_000) throw new Error(`${path} has ${found.size} bytes; look at parts of it with bash.`)
    const bytes = await readFile(file)
    if (bytes.subarray(0, 8000).includes(0)) return `(binary file of ${bytes.length} bytes)`
    const lines = bytes.toString('utf8').split('\n')
    if (lines.at(-1) === '') lines.pop()
    if (lines.length === 0) return '(empty file)'
    const part = lines.slice(offset - 1, offset - 1 + limit)
    if (part.length === 0) throw new Error(`${path} has only ${lines.length} lines.`)
    const shown = part.map((line, index) => `${offset + index}|${line.length > 2000 ? clip(line, 2000) : line}`)
    const rest = lines.length - (offset - 1 + part.length)
    return clip(shown.join('\n'), world.maxOutput) + (rest > 0 ? `\n(${rest} more lines)` : '')
  },
}
