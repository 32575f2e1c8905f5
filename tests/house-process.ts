// A house as its own process, to be killed the hard way.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import { type Client, createClient } from '@seatrial/protocol/client'

export interface HouseProcess {
  child: ChildProcess
  client: Client
  url: string
  token: string
  /** SIGKILL, and wait until it is gone. Nothing gets a chance to tidy up. */
  kill(): Promise<void>
  /** The polite way. */
  stop(): Promise<void>
}

export const main = resolve(import.meta.dirname, '../server/main.ts')

/** Starts a house on a data folder and waits until it says where it listens. */
export async function startHouseProcess(dataDir: string, env: Record<string, string> = {}): Promise<HouseProcess> {
  const child = spawn(process.execPath, [main], {
    env: { ...process.env, SEATRIAL_HOME: dataDir, SEATRIAL_PORT: '0', SEATRIAL_WORKERS: '2', ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let errors = ''
  child.stderr.on('data', (chunk: Buffer) => {
    errors += chunk
  })
  const exited = once(child, 'exit')
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), 'line'),
    exited.then(([code]) => {
      throw new Error(`The house ended with ${code}: ${errors}`)
    }),
  ])) as [string]
  const { url } = JSON.parse(line) as { url: string }
  const token = readFileSync(join(dataDir, 'token'), 'utf8').trim()
  return {
    child,
    url,
    token,
    client: createClient({ baseUrl: url, token }),
    async kill() {
      child.kill('SIGKILL')
      await exited
    },
    async stop() {
      child.kill('SIGTERM')
      await exited
    },
  }
}
