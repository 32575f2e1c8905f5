// Finds text by regular expression, or files by glob, with whatever fast searcher is there.
import { execFile } from 'node:child_process'
import { promisify } from 'node:util'
import { z } from 'zod'
import { placeInside } from './place.ts'
import { type AgentTool, clip, type World } from './tool.ts'

const schema = z.object({
  pattern: z.string().optional().describe('Extended regular expression; leave out to list files.'),
  path: z.string().default('.').describe('Folder or file to search in.'),
  glob: z.string().optional().describe('Only files that match, e.g. `**/*.ts`.'),
  ignoreCase: z.boolean().default(false),
})
type Input = z.infer<typeof schema>

const run = promisify(execFile)

/** Tried in order; the next one is asked when a program is absent or the folder is no repository. */
const searchers: ((input: Input) => [string, string[]])[] = [
  ({ pattern, path, glob, ignoreCase }) => {
    const where = glob ? `:(glob)${path === '.' ? '' : `${path}/`}${glob}` : path
    if (pattern === undefined) return ['git', ['ls-files', '-co', '--exclude-standard', '--', where]]
    const flags = ['-nIE', '--untracked', ...(ignoreCase ? ['-i'] : [])]
    return ['git', ['-c', 'core.fsmonitor=false', 'grep', ...flags, '-e', pattern, '--', where]]
  },
  ({ pattern, path, glob, ignoreCase }) => {
    const name = glob?.split('/').at(-1)
    if (pattern === undefined) return ['find', [path, '-type', 'f', ...(name ? ['-name', name] : [])]]
    const flags = ['-rnIE', ...(ignoreCase ? ['-i'] : []), ...(name ? [`--include=${name}`] : [])]
    return ['grep', [...flags, '--exclude-dir=node_modules', '--exclude-dir=.git', '-e', pattern, path]]
  },
]

export const search: AgentTool<Input> = {
  name: 'search',
  description: 'Search file contents with a regular expression, or list files by glob. Ignored files are left out.',
  schema,
  kind: 'search',
  title: ({ pattern, glob, path }) => `Search ${pattern ?? glob ?? path}`,
  paths: ({ path }) => [path],
  async run(input, world) {
    await placeInside(world.cwd, input.path, 'read')
    const output = await searchWith(input, world)
    const lines = output
      .split('\n')
      .filter(Boolean)
      .map((line) => clip(line, 400))
    if (lines.length === 0) return 'Nothing found.'
    const more = lines.length > 200 ? `\n(${lines.length - 200} more; narrow the search)` : ''
    return clip(lines.slice(0, 200).join('\n'), world.maxOutput) + more
  },
}

async function searchWith(input: Input, world: World): Promise<string> {
  let last: unknown
  for (const make of searchers) {
    const [program, args] = make(input)
    const options = {
      cwd: world.cwd,
      env: world.commandEnv,
      signal: world.signal,
      maxBuffer: 32 << 20,
      timeout: 60_000,
    }
    try {
      return (await run(program, args, options)).stdout
    } catch (error) {
      const failed = error as { code?: unknown; stdout?: string; stderr?: string }
      if (failed.code === 1 && !failed.stderr) return failed.stdout ?? ''
      if (failed.code === 'ERR_CHILD_PROCESS_STDIO_MAXBUFFER') return failed.stdout ?? ''
      last = failed.stderr || error
    }
  }
  throw new Error(`The search failed: ${String(last).trim()}`)
}
