// Finds the running house of a data folder, starts one in the background, stops it.
import { type ChildProcessByStdio, spawn } from 'node:child_process'
import { mkdirSync, openSync, readFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import type { Readable } from 'node:stream'
import { fileURLToPath } from 'node:url'
import { Refusal } from '@seatrial/protocol'
import { createClient } from '@seatrial/protocol/client'
import { houseNodeArgs, houseNodeEnv } from './house-launch.ts'

export interface Address {
  url: string
  token: string
}

/** The very first start makes a database; on a machine with twenty others waiting that took over a minute. */
const startDeadlineMs = 180_000
const main = join(dirname(dirname(fileURLToPath(import.meta.url))), 'server', 'main.ts')

/** The house that answers for a data folder, or null. */
export async function findHouse(dataDir: string): Promise<Address | null> {
  try {
    const { url } = JSON.parse(readFileSync(join(dataDir, 'house.json'), 'utf8')) as { url: string }
    const token = readFileSync(join(dataDir, 'token'), 'utf8').trim()
    await createClient({ baseUrl: url, token }).health({})
    return { url, token }
  } catch {
    return null
  }
}

function pidOf(dataDir: string): number | null {
  try {
    return (JSON.parse(readFileSync(join(dataDir, 'house.json'), 'utf8')) as { pid: number }).pid
  } catch {
    return null
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0)
  } catch {
    return false
  }
}

/** Asks a house to stop and waits until it no longer answers. */
export async function stopHouse(house: Address, dataDir: string): Promise<void> {
  const pid = pidOf(dataDir)
  await createClient({ baseUrl: house.url, token: house.token }).stopHouse({})
  const deadline = Date.now() + 30_000
  while (pid === null ? await findHouse(dataDir) : isAlive(pid)) {
    if (Date.now() > deadline)
      throw new Refusal('unavailable', `The house at ${house.url} does not stop; see house.log.`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

/** What a house says before it has a log of its own goes here. */
function openLog(dataDir: string): number {
  try {
    mkdirSync(dataDir, { recursive: true })
    return openSync(join(dataDir, 'house.out'), 'a')
  } catch (error) {
    const why = (error as Error).message
    throw new Refusal(
      'unprocessable',
      `The data folder ${dataDir} cannot be used (${why}); set SEATRIAL_HOME to one that can be written to.`,
    )
  }
}

/** Starts a house that outlives this command. Says so when it takes over a second. */
export async function startHouse(dataDir: string, talk: (text: string) => void): Promise<Address> {
  const log = openLog(dataDir)
  const child = spawn(process.execPath, [...houseNodeArgs, main], {
    detached: true,
    stdio: ['ignore', 'pipe', log],
    env: { ...houseNodeEnv, ...process.env, SEATRIAL_HOME: dataDir },
  }) as ChildProcessByStdio<null, Readable, null>
  const notice = setTimeout(() => talk('Starting the house (the first start takes a few seconds)…'), 1000)
  try {
    await new Promise<void>((resolve, reject) => {
      const deadline = setTimeout(() => reject(new Error('it did not answer within three minutes')), startDeadlineMs)
      const done = (error?: Error): void => {
        clearTimeout(deadline)
        if (error) reject(error)
        else resolve()
      }
      child.once('error', done)
      child.once('exit', (code) => done(new Error(`it ended with ${code}`)))
      child.stdout.once('data', () => done())
    })
  } catch (error) {
    // Somebody else may have started one at the same moment.
    const other = await findHouse(dataDir)
    if (other) return other
    const said = readFileSync(join(dataDir, 'house.out'), 'utf8').trim().split('\n').at(-1) ?? ''
    throw new Refusal('unavailable', `The house could not be started: ${said || (error as Error).message}`)
  } finally {
    clearTimeout(notice)
    child.stdout.destroy()
    child.unref()
  }
  const house = await findHouse(dataDir)
  if (!house)
    throw new Refusal('unavailable', `The house started but does not answer; see ${join(dataDir, 'house.out')}.`)
  return house
}
