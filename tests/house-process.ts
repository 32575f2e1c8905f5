// A house as its own process, to be killed the hard way.
import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { createInterface } from 'node:readline'
import type { Readable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { type Client, createClient } from '@seatrial/protocol/client'
import { houseNodeArgs, houseNodeEnv } from '../cli/house-launch.ts'

export interface WorkerProcess {
  child: ChildProcess
  /** How it ended although nobody ended it, with the end of what it complained; null while all is well. */
  endedItself(): string | null
  /** SIGKILL, and wait until it is gone. Nothing gets a chance to tidy up. */
  kill(): Promise<void>
  /** The polite way. */
  stop(): Promise<void>
}

export interface HouseProcess extends WorkerProcess {
  client: Client
  url: string
  token: string
}

export const main = resolve(import.meta.dirname, '../server/main.ts')

/** Starts a house on a data folder and waits until it says where it listens. */
export async function startHouseProcess(dataDir: string, env: Record<string, string> = {}): Promise<HouseProcess> {
  const { line, ...ends } = await startMain([], { SEATRIAL_HOME: dataDir, SEATRIAL_PORT: '0', ...env })
  const { url } = JSON.parse(line) as { url: string }
  const token = readFileSync(join(dataDir, 'token'), 'utf8').trim()
  return { ...ends, url, token, client: createClient({ baseUrl: url, token }) }
}

/** Starts a worker on a data folder of its own; `env` names the database. */
export async function startWorkerProcess(dataDir: string, env: Record<string, string>): Promise<WorkerProcess> {
  const { line: _, ...ends } = await startMain(['worker'], { SEATRIAL_HOME: dataDir, ...env })
  return ends
}

/** Starts a house and kills it so many milliseconds later, wherever its start may be by then. Returns its pid. */
export async function killAtStart(dataDir: string, env: Record<string, string>, afterMs: number): Promise<number> {
  const child = spawnMain([], { SEATRIAL_HOME: dataDir, SEATRIAL_PORT: '0', ...env }, 'ignore')
  const exited = once(child, 'exit')
  await once(child, 'spawn')
  await Promise.race([exited, sleep(afterMs)])
  child.kill('SIGKILL')
  await exited
  return child.pid as number
}

/** Node is started the way the CLI does it. */
function spawnMain(args: string[], env: Record<string, string>, output: 'pipe' | 'ignore'): ChildProcess {
  return spawn(process.execPath, [...houseNodeArgs, main, ...args], {
    env: { ...process.env, ...houseNodeEnv, SEATRIAL_WORKERS: '2', ...env },
    stdio: ['ignore', output, output],
  })
}

async function startMain(args: string[], env: Record<string, string>): Promise<WorkerProcess & { line: string }> {
  const child = spawnMain(args, env, 'pipe')
  let errors = ''
  child.stderr?.on('data', (chunk: Buffer) => {
    errors = (errors + chunk).slice(-10_000)
  })
  const exited = once(child, 'exit')
  const [line] = (await Promise.race([
    once(createInterface(child.stdout as Readable), 'line'),
    exited.then(([code]) => {
      throw new Error(`It ended with ${code}: ${errors}`)
    }),
  ])) as [string]
  let asked = false
  let by = ''
  void exited.then(([code, signal]) => {
    if (!asked) by = `${signal ?? code}`
  })
  const end = async (signal: NodeJS.Signals): Promise<void> => {
    asked = true
    child.kill(signal)
    await exited
  }
  return {
    child,
    line,
    endedItself: () => (by === '' ? null : `ended with ${by}: ${errors}`),
    kill: () => end('SIGKILL'),
    stop: () => end('SIGTERM'),
  }
}
