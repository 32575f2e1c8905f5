// The command line: one file per group of commands, one place where an error becomes a sentence and an exit code.
import { readFileSync } from 'node:fs'
import { Refusal } from '@seatrial/protocol'
import { Command, CommanderError } from 'commander'
import { addAgents } from './commands/agents.ts'
import { addDecide } from './commands/decide.ts'
import { addHouse } from './commands/house.ts'
import { addLook, showInbox } from './commands/look.ts'
import { addModels } from './commands/models.ts'
import { addPictures } from './commands/pictures.ts'
import { addProject } from './commands/project.ts'
import { addReview } from './commands/review.ts'
import { addRun } from './commands/run.ts'
import { addTune } from './commands/tune.ts'
import { addVerdicts } from './commands/verdicts.ts'
import { addWorker } from './commands/worker.ts'
import { addCompletion } from './completion.ts'
import { type Context, createContext, type GlobalOptions } from './context.ts'
import { exitCodes } from './exit-codes.ts'

const { version } = JSON.parse(readFileSync(new URL('./package.json', import.meta.url), 'utf8')) as { version: string }

const program = new Command('seatrial')
  .description('Background coding agents on models you own. Nothing ships that has not passed its sea trial.')
  .version(version)
  .option('--json', 'print one JSON document instead of text')
  .option('--no-input', 'never ask on the terminal')
  .option('--no-color', 'no colours')
  .showSuggestionAfterError()
  .exitOverride()

let made: Context | null = null
const context = (): Context => {
  made ??= createContext(program.opts<GlobalOptions>())
  return made
}

for (const add of [
  addRun,
  addLook,
  addReview,
  addDecide,
  addAgents,
  addProject,
  addModels,
  addPictures,
  addTune,
  addHouse,
  addWorker,
  addVerdicts,
  addCompletion,
])
  add(program, context)
program.action(() => showInbox(context()))

process.on('SIGINT', () => process.exit(exitCodes.interrupted))
// A reader that went away (`| head`) is not an error.
process.stdout.on('error', (error: NodeJS.ErrnoException) =>
  process.exit(error.code === 'EPIPE' ? 0 : exitCodes.failed),
)

try {
  await program.parseAsync()
} catch (error) {
  process.exitCode = tell(error)
}

function tell(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : exitCodes.usage
  if (error instanceof Refusal) {
    if (program.opts<GlobalOptions>().json) process.stdout.write(`${JSON.stringify(error.toBody())}\n`)
    process.stderr.write(`${error.message}\n`)
    return error.exitCode
  }
  process.stderr.write(`${error instanceof Error ? (error.stack ?? error.message) : String(error)}\n`)
  return exitCodes.failed
}
