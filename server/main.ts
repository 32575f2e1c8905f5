// Starts the house, or a worker for a house elsewhere, and stops it when asked. `node server/main.ts [worker]`; usually
// `seatrial up` or `seatrial worker` does it.
import { readFileSync } from 'node:fs'
import { Refusal } from '@seatrial/protocol'
import { readConfig } from './config.ts'
import { openHouse } from './house.ts'
import { openWorker } from './worker.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

try {
  const config = readConfig(process.env, version)
  const running = process.argv[2] === 'worker' ? await openWorker(config) : await openHouse(config)
  process.stdout.write(
    `${JSON.stringify('url' in running ? { url: running.url } : { worker: running.rooms.worker })}\n`,
  )
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void running.stop())
  const why = await running.stopped
  if (why) throw why
  process.exit(0)
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(error.exitCode)
}
