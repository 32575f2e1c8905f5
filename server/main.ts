// Starts the house and stops it when asked. `node server/main.ts`; usually `seatrial up` does it.
import { readFileSync } from 'node:fs'
import { Refusal } from '@seatrial/protocol'
import { readConfig } from './config.ts'
import { openHouse } from './house.ts'

const { version } = JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }

try {
  const house = await openHouse(readConfig(process.env, version))
  process.stdout.write(`${JSON.stringify({ url: house.url })}\n`)
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void house.stop())
  await house.stopped
  process.exit(0)
} catch (error) {
  if (!(error instanceof Refusal)) throw error
  process.stderr.write(`${error.message}\n`)
  process.exit(error.exitCode)
}
