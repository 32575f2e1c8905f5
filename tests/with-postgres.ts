// `npm run test:postgres`: the stories and a slice of chaos once more, on a private PostgreSQL server that ends with them.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join, resolve } from 'node:path'
import { startPostgres } from './postgres.ts'

const root = resolve(import.meta.dirname, '..')
const vitest = join(root, 'node_modules/vitest/vitest.mjs')
const runs = [
  ['--project', 'stories', ...process.argv.slice(2)],
  ['--config', 'tests/chaos/vitest.config.ts'],
]

const server = await startPostgres()
let failed = 0
try {
  for (const args of runs) {
    const env = {
      SEATRIAL_KILLS: '20',
      SEATRIAL_STORES: 'postgres',
      ...process.env,
      SEATRIAL_TEST_DATABASE: server.url,
    }
    const child = spawn(process.execPath, [vitest, 'run', ...args], { cwd: root, env, stdio: 'inherit' })
    const [code] = (await once(child, 'exit')) as [number | null]
    if (code !== 0) failed++
  }
} finally {
  await server.remove()
}
process.exitCode = failed === 0 ? 0 : 1
