// Writes a whole file.
import { mkdir, writeFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { placeInside } from './place.ts'
import type { AgentTool } from './tool.ts'

const schema = z.object({ path: z.string(), text: z.string().describe('The whole new content.') })

export const write: AgentTool<z.infer<typeof schema>> = {
  name: 'write',
  description: 'Create a file or replace its whole content. To change a part of a file use edit.',
  schema,
  kind: 'edit',
  title: ({ path }) => `Write ${path}`,
  paths: ({ path }) => [path],
  async run({ path, text }, world) {
    const file = await placeInside(world.cwd, path, 'write')
    await mkdir(dirname(file), { recursive: true })
    await writeFile(file, text)
    return `Wrote ${text.split('\n').length} lines to ${path}.`
  },
}
