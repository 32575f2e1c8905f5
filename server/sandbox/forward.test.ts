import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { expect, test } from 'vitest'
import { listenInside } from './forward.ts'

/** A house that starts the helper, says its pid and dies so many milliseconds later. */
const doomed = `
const { spawn } = require('node:child_process')
const [source, ms] = process.argv.slice(1)
const helper = spawn(process.execPath, ['-e', source, String(process.pid), '0', '0'], { stdio: ['ignore', 'ignore', 'ignore', 'ipc'] })
process.stdout.write(helper.pid + '\\n', () => setTimeout(() => process.kill(process.pid, 'SIGKILL'), Number(ms)))
`

// With these it is killed before the helper runs, while it opens ports, and when the first is handed over.
test.each([0, 30, 60, 200])('what opens the ports does not outlive a house that is killed after %i ms', async (ms) => {
  const house = spawn(process.execPath, ['-e', doomed, listenInside, String(ms)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  const exited = once(house, 'exit')
  const [pid] = (await once(house.stdout, 'data')) as [Buffer]
  await exited
  await expect.poll(() => isRunning(Number(String(pid))), { timeout: 5000 }).toBe(false)
})

function isRunning(pid: number): boolean {
  try {
    return !/\) Z/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return false
  }
}
