// The tools as one table, from which the command and the MCP server are both made.
import { z } from 'zod'
import {
  diagnostics,
  findSymbol,
  importChain,
  moveFile,
  references,
  renameSymbol,
  rewrite,
  verify,
  type WriteReport,
} from './index.ts'
import { aboutVerification, aboutWrite, leftoverLines } from './steps/summary.ts'

export type Tool = {
  name: string
  about: string
  writes: boolean
  input: z.ZodObject
  run(root: string, input: Record<string, unknown>): Promise<unknown>
  /** The result in words, for a terminal or an agent. */
  say(result: unknown): string
  /** Whether the result is a failure that a script should notice. */
  failed?(result: unknown): boolean
}

/** Keeps the types of one tool together; the table forgets them. */
const tool = <Shape extends z.ZodObject, Result>(one: {
  name: string
  about: string
  writes?: boolean
  input: Shape
  run(root: string, input: z.infer<Shape>): Promise<Result> | Result
  say(result: Result): string
  failed?(result: Result): boolean
}): Tool => ({
  ...one,
  writes: one.writes ?? false,
  run: async (root, input) => one.run(root, one.input.parse(input)),
  say: (result) => one.say(result as Result),
  ...(one.failed ? { failed: (result: unknown) => one.failed!(result as Result) } : {}),
})

const symbol = z.string().describe('A name, Class.member, or path#name')
const at = z
  .string()
  .optional()
  .describe('path, path:line or path:line:column, when the name is declared more than once')
const dryRun = z.boolean().optional().describe('Only report what would change')
const engine = z.enum(['ts7', 'tsserver']).optional().describe('Insist on one language server')
const writes = { dryRun, engine }

const sayWrite = (report: WriteReport): string =>
  [
    aboutWrite(report),
    ...(report.leftovers.length > 0 ? [`Left alone:\n${leftoverLines(report.leftovers)}`] : []),
    ...report.notes,
    ...report.newDiagnostics.map((one) => `New error: ${one.file}:${one.line} TS${one.code} ${one.message}`),
  ].join('\n')

const none = (lines: string[], otherwise: string): string => (lines.length > 0 ? lines.join('\n') : otherwise)

export const tools: Tool[] = [
  tool({
    name: 'find_symbol',
    about: 'Find where a name is declared: classes, functions, types, variables, members.',
    input: z.object({ symbol, file: z.string().optional().describe('Only in this file') }),
    run: (root, input) => findSymbol({ root, ...input }),
    say: (found) =>
      none(
        found.map(
          (one) =>
            `${one.file}:${one.line}:${one.column} ${one.kind}${one.container ? ` in ${one.container}` : ''}${one.exported ? ', exported' : ''}`,
        ),
        'Nothing by that name is declared here.',
      ),
    failed: (found) => found.length === 0,
  }),
  tool({
    name: 'references',
    about: 'List every use of a symbol over all projects of the tree.',
    input: z.object({ symbol, at, engine }),
    run: (root, input) => references({ root, ...input }),
    say: (found) =>
      none(
        found.references.map((one) => `${one.file}:${one.line}:${one.column} ${one.text}`),
        'No references.',
      ),
  }),
  tool({
    name: 'import_chain',
    about:
      'Show the shortest import chain from a file to another file or specifier, or what it imports and who imports it.',
    input: z.object({ from: z.string(), to: z.string().optional() }),
    run: (root, input) => importChain({ root, ...input }),
    say: (found) => {
      const line = (one: (typeof found.chain)[number]): string =>
        `${one.file}:${one.line} '${one.specifier}' -> ${one.to ?? 'not in this tree'}`
      if (found.to !== null)
        return none(
          found.chain.map(line),
          found.from === found.to ? 'That is the same file.' : `${found.from} does not import ${found.to}.`,
        )
      return [`Imports:`, ...found.imports.map(line), `Imported by:`, ...found.importers.map(line)].join('\n')
    },
  }),
  tool({
    name: 'rename_symbol',
    about:
      'Rename a symbol everywhere it is meant, over all projects; refuses on collisions and ambiguity and then changes nothing.',
    writes: true,
    input: z.object({
      symbol,
      to: z.string().describe('The new name'),
      at,
      everywhere: z.boolean().optional().describe('Also rename what re-exports call it'),
      ...writes,
    }),
    run: (root, input) => renameSymbol({ root, ...input }),
    say: sayWrite,
  }),
  tool({
    name: 'move_file',
    about: 'Move a file or folder and mend importers, package.json, tsconfig and mock paths.',
    writes: true,
    input: z.object({ from: z.string(), to: z.string(), ...writes }),
    run: (root, input) => moveFile({ root, ...input }),
    say: sayWrite,
  }),
  tool({
    name: 'rewrite',
    about: 'Rewrite code by an ast-grep pattern with $A and $$$REST variables.',
    writes: true,
    input: z.object({
      pattern: z.string(),
      replacement: z.string(),
      within: z.string().optional().describe('A file or folder to stay in'),
      ...writes,
    }),
    run: (root, input) => rewrite({ root, ...input }),
    say: sayWrite,
  }),
  tool({
    name: 'diagnostics',
    about: 'Type errors of files or folders as the language server sees them now.',
    input: z.object({ files: z.array(z.string()).optional(), engine }),
    run: (root, input) => diagnostics({ root, ...input }),
    say: (found) =>
      none(
        found.diagnostics.map((one) => `${one.file}:${one.line}:${one.column} TS${one.code} ${one.message}`),
        `No errors in ${found.files} files.`,
      ),
    failed: (found) => found.diagnostics.length > 0,
  }),
  tool({
    name: 'verify',
    about: "Type-check with the repository's own TypeScript in a clean copy and compare with a git revision (HEAD).",
    input: z.object({
      base: z.string().optional().describe('The git revision to compare with'),
      files: z.array(z.string()).optional().describe('Only the projects of these files'),
    }),
    run: (root, input) => verify({ root, ...input }),
    say: aboutVerification,
    failed: (result) => !result.ok,
  }),
]

export const toolNamed = (name: string): Tool => tools.find((one) => one.name === name)!
