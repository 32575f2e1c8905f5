// `seatrial worker --connect postgres://...`: this machine works on trials of a house elsewhere, in the foreground.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { Refusal } from '@seatrial/protocol'
import type { Command } from 'commander'
import type { Context } from '../context.ts'
import { houseNodeArgs, houseNodeEnv } from '../house-launch.ts'

const main = join(dirname(dirname(dirname(fileURLToPath(import.meta.url)))), 'server', 'main.ts')

export function addWorker(program: Command, context: () => Context): void {
  program
    .command('worker')
    .description('work on trials of a house on another machine, until interrupted')
    .requiredOption('--connect <url>', 'the PostgreSQL both share (the DATABASE_URL of the house)')
    .option('--workers <n>', 'trials at a time', '2')
    .option('--home <folder>', 'where workspaces and base layers of this worker lie')
    .action(async (options: { connect: string; workers: string; home?: string }) => {
      if (!/^postgres(ql)?:/.test(options.connect))
        throw new Refusal(
          'bad_request',
          '--connect takes the address of a PostgreSQL, such as postgres://USER@HOST/DATABASE.',
        )
      const home = options.home ?? join(context().dataDir, 'worker')
      const child = spawn(process.execPath, [...houseNodeArgs, main, 'worker'], {
        stdio: ['ignore', 'pipe', 'inherit'],
        // The address holds a password: it is handed over in the environment, where other users cannot read it.
        env: {
          ...houseNodeEnv,
          ...process.env,
          DATABASE_URL: options.connect,
          SEATRIAL_HOME: home,
          SEATRIAL_WORKERS: options.workers,
        },
      })
      child.stdout.once('data', () =>
        context().talk(`Working on up to ${options.workers} trials at a time; Ctrl+C gives them back.`),
      )
      // Interrupting waits until the worker has given its trials back.
      process.removeAllListeners('SIGINT')
      for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill('SIGTERM'))
      const [code] = (await once(child, 'exit')) as [number | null]
      process.exitCode = code ?? 1
    })
}
