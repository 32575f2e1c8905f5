// One house per data folder: two processes on one embedded database lose data, so the lock is ours.

import { createHash } from 'node:crypto'
import { closeSync, mkdirSync, openSync, readFileSync, unlinkSync, writeSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { Refusal } from '@seatrial/protocol'

interface Holder {
  pid: number
  /** Start time of the process in clock ticks, so that a reused pid is not mistaken for the holder. */
  started: string
  boot: string
}

const read = (path: string): string => {
  try {
    return readFileSync(path, 'utf8').trim()
  } catch {
    return ''
  }
}

const startedAt = (pid: number): string => read(`/proc/${pid}/stat`).split(') ')[1]?.split(' ')[19] ?? ''
const bootId = (): string => read('/proc/sys/kernel/random/boot_id')

function alive(holder: Holder): boolean {
  if (holder.pid === process.pid || holder.boot !== bootId()) return false
  try {
    process.kill(holder.pid, 0)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false
  }
  return holder.started === '' || holder.started === startedAt(holder.pid)
}

/** Takes the lock of a data folder or refuses; a lock is stolen only from a dead process, never by age. */
export async function lockDataFolder(dataDir: string): Promise<() => void> {
  mkdirSync(dataDir, { recursive: true })
  const path = join(dataDir, 'house.lock')
  const guard = await takeSocket(dataDir)
  for (let attempt = 0; attempt < 2; attempt++) {
    try {
      const descriptor = openSync(path, 'wx', 0o600)
      const holder: Holder = { pid: process.pid, started: startedAt(process.pid), boot: bootId() }
      writeSync(descriptor, JSON.stringify(holder))
      closeSync(descriptor)
      return () => {
        unlinkSync(path)
        guard.close()
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
      const holder = parseHolder(read(path))
      if (holder && alive(holder)) {
        guard.close()
        throw inUse(dataDir, holder.pid)
      }
      unlinkSync(path)
    }
  }
  guard.close()
  throw inUse(dataDir, null)
}

const inUse = (dataDir: string, pid: number | null) =>
  new Refusal(
    'conflict',
    `Another house${pid ? ` (process ${pid})` : ''} already uses ${dataDir}; stop it with \`seatrial down\` or set SEATRIAL_HOME to another folder.`,
  )

function parseHolder(text: string): Holder | null {
  try {
    return JSON.parse(text) as Holder
  } catch {
    return null
  }
}

/** An abstract socket closes the moment its owner dies, whatever the lock file says. Linux only; elsewhere a no-op. */
function takeSocket(dataDir: string): Promise<{ close(): void }> {
  if (process.platform !== 'linux') return Promise.resolve({ close() {} })
  const name = `\0seatrial-${createHash('sha256').update(dataDir).digest('hex').slice(0, 32)}`
  return new Promise((resolve, reject) => {
    const server = createServer()
    server.once('error', (error: NodeJS.ErrnoException) =>
      reject(
        error.code === 'EADDRINUSE'
          ? inUse(dataDir, parseHolder(read(join(dataDir, 'house.lock')))?.pid ?? null)
          : error,
      ),
    )
    server.listen(name, () => {
      server.unref()
      resolve({ close: () => server.close() })
    })
  })
}
