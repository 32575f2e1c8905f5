// The `refactor` command. Results go to stdout, refusals to stderr in one sentence with the exit code of their kind.
import { resolve } from 'node:path'
import { Refusal } from '@seatrial/protocol'
import { Command, CommanderError } from 'commander'
import { ZodError } from 'zod'
import { readSteps } from './steps/read-steps.ts'
import { complete, runSteps } from './steps/run-steps.ts'
import { summary } from './steps/summary.ts'
import { toolNamed } from './tools.ts'

type Flags = Record<string, unknown>

/** Command line to tool: the arguments by name, and the flags each command takes. */
const commands: { command: string; tool: string; flags: string[] }[] = [
  { command: 'symbols <symbol>', tool: 'find_symbol', flags: ['--file <path>'] },
  { command: 'references <symbol>', tool: 'references', flags: ['--at <place>', '--engine <name>'] },
  { command: 'import-chain <from> [to]', tool: 'import_chain', flags: [] },
  {
    command: 'rename <symbol> <to>',
    tool: 'rename_symbol',
    flags: ['--at <place>', '--everywhere', '--dry-run', '--engine <name>'],
  },
  { command: 'move <from> <to>', tool: 'move_file', flags: ['--dry-run', '--engine <name>'] },
  {
    command: 'rewrite <pattern> <replacement>',
    tool: 'rewrite',
    flags: ['--within <path>', '--dry-run', '--engine <name>'],
  },
  { command: 'diagnostics [files...]', tool: 'diagnostics', flags: ['--engine <name>'] },
  { command: 'verify [files...]', tool: 'verify', flags: ['--base <revision>'] },
]

const exits = { failed: 1, usage: 2, bug: 70 }

/** Runs one command line and gives its exit code; never throws. */
export async function runCli(
  argv: string[],
  out: (text: string) => void,
  err: (text: string) => void,
): Promise<number> {
  let exit = 0
  const program = new Command('refactor')
    .description('Exact refactoring of TypeScript and JavaScript: the same edits every time, no model needed.')
    .option('--root <folder>', 'the root of the code', '.')
    .option('--json', 'print the result as JSON')
    .exitOverride()
    .configureOutput({ writeOut: (text) => out(text.trimEnd()), writeErr: (text) => err(text.trimEnd()) })
  const globals = (): { root: string; json: boolean } => {
    const { root, json } = program.opts<{ root: string; json?: boolean }>()
    return { root: resolve(root), json: json ?? false }
  }
  for (const { command, tool: name, flags } of commands) {
    const tool = toolNamed(name)
    const added = program.command(command).description(tool.about)
    for (const flag of flags) added.option(flag)
    added.option('--json', 'print the result as JSON').option('--root <folder>', 'the root of the code')
    added.action(async (...given: unknown[]) => {
      const names = added.registeredArguments.map((one) => one.name())
      const { json = false, root, ...options } = given[names.length] as Flags
      const input = Object.fromEntries(
        names
          .map((each, index) => [each, given[index]])
          .filter(([, value]) => value !== undefined && !(Array.isArray(value) && value.length === 0)),
      )
      const result = await tool.run(root ? resolve(String(root)) : globals().root, { ...input, ...options })
      out(json || globals().json ? JSON.stringify(result, null, 2) : tool.say(result))
      if (tool.failed?.(result)) exit = exits.failed
    })
  }
  program
    .command('do <sentences...>')
    .description('Carry out plain sentences: "rename X to Y then move a.ts to lib/a.ts".')
    .option('--json', 'print the result as JSON')
    .action(async (sentences: string[], options: { json?: boolean }) => {
      const read = readSteps(sentences.join(' '))
      if ('unclear' in read) throw new Refusal('bad_request', read.unclear)
      const outcome = await runSteps(globals().root, complete(read.steps), async () => {}, new AbortController().signal)
      out(options.json || globals().json ? JSON.stringify(outcome, null, 2) : summary(outcome))
      if (outcome.refused || outcome.verification?.ok === false) exit = exits.failed
    })
  program
    .command('mcp')
    .description('Serve the tools over MCP on stdio, or on HTTP with --port and a bearer token in REFACTOR_TOKEN.')
    .option('--port <number>', 'serve HTTP on 127.0.0.1 instead')
    .action(async (options: { port?: string }) => {
      const { serveHttp, serveStdio } = await import('./mcp.ts')
      if (options.port === undefined) return serveStdio(globals().root)
      const token = process.env.REFACTOR_TOKEN
      if (!token)
        throw new Refusal('unauthenticated', 'Set REFACTOR_TOKEN to the bearer token that callers must bring.')
      const server = await serveHttp({ root: globals().root, port: Number(options.port), token })
      err(`Serving MCP on ${server.url}`)
      await server.closed
    })
  program
    .command('agent')
    .description('Serve the agent over ACP on stdio.')
    .action(async () => (await import('./agent.ts')).serveAgent())

  try {
    await program.parseAsync(argv, { from: 'user' })
    return exit
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exits.usage
    if (error instanceof Refusal) {
      err(`refactor: ${error.message}`)
      return error.exitCode
    }
    if (error instanceof ZodError) {
      err(`refactor: ${error.issues.map((one) => `${one.path.join('.')}: ${one.message}`).join('; ')}.`)
      return exits.usage
    }
    err(`refactor: this is a bug: ${(error as Error).stack ?? error}`)
    return exits.bug
  }
}

if (import.meta.main) {
  process.exitCode = await runCli(
    process.argv.slice(2),
    (text) => process.stdout.write(`${text}\n`),
    (text) => process.stderr.write(`${text}\n`),
  )
}
