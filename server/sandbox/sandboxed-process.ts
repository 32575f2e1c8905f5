// A launcher that waits in a room, and the command it becomes: its streams, its end, a kill that leaves nothing behind.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync } from 'node:fs'
import type { Readable, Writable } from 'node:stream'
import { setTimeout as sleep } from 'node:timers/promises'
import { descriptors, type Order } from './launch.ts'
import { sealed } from './leaked-descriptors.ts'
import { isAlive, signal } from './process-tree.ts'
import type { SandboxedProcess } from './sandbox.ts'
import { launcherEnv } from './tools.ts'

/** What the sandbox itself needs of a process besides the port. */
export interface RunningProcess extends SandboxedProcess {
  /** Every process this one started is a descendant of these. */
  readonly roots: number[]
  /** Resolves when the command is under way, or ended before it was. */
  readonly begun: Promise<unknown>
}

export interface Launcher {
  /** False when it ended while it waited. */
  readonly waits: boolean
  /** Becomes the command; once only. */
  start(order: Order): RunningProcess
  /** Ends one that was not needed. */
  dismiss(): Promise<void>
}

/** Sends one ahead; `seccomp` is an open file with the filter and is closed here; `leaked` descriptors are kept out. */
export function sendLauncher([command, ...args]: [string, ...string[]], seccomp: number, leaked: number[]): Launcher {
  const child = spawn(command, args, {
    env: launcherEnv,
    cwd: '/',
    stdio: sealed(['pipe', 'pipe', 'pipe', 'pipe', seccomp, 'pipe', 'pipe'], leaked),
  })
  closeSync(seccomp)
  const streams: readonly unknown[] = child.stdio
  const write = (descriptor: number, text: string): void => {
    const stream = streams[descriptor] as Writable
    // The launcher may die before it has read; its exit code says so.
    stream.on('error', () => {})
    stream.end(text)
  }
  child.stdin?.on('error', () => {})
  let init: number | null = null
  let killed = false
  let report = ''
  const info = streams[descriptors.info] as Readable
  const begun = Promise.race([once(info, 'data'), once(info, 'close')])
  info.on('data', (chunk: Buffer) => {
    report += chunk.toString()
    const pid = /"child-pid": (\d+)/.exec(report)?.[1]
    if (!pid || init !== null) return
    init = Number(pid)
    if (killed) signal(init, 'SIGKILL')
  })
  const exited = new Promise<{ code: number | null; signal: string | null }>((resolve) => {
    child.once('error', () => resolve({ code: 127, signal: null }))
    child.once('exit', (code, name) => resolve(killed ? { code: null, signal: 'SIGKILL' } : { code, signal: name }))
  })
  const isRunning = (): boolean => child.pid !== undefined && child.exitCode === null && child.signalCode === null
  return {
    get waits() {
      return isRunning()
    },
    async dismiss() {
      if (isRunning()) child.kill('SIGKILL')
      await exited
    },
    start({ words, hidden }) {
      write(descriptors.args, hidden)
      write(descriptors.order, `${words}\n`)
      return {
        pid: child.pid ?? 0,
        get roots() {
          return [child.pid, init].filter((pid) => pid !== null && pid !== undefined)
        },
        begun,
        stdin: child.stdin as Writable,
        stdout: child.stdout as Readable,
        stderr: child.stderr as Readable,
        exited,
        async kill() {
          if (isRunning()) {
            killed = true
            // The first process of the pid namespace takes all others with it, and its parent leaves only after it.
            if (init === null || !signal(init, 'SIGKILL')) child.kill('SIGKILL')
            await exited
            if (!info.closed) await once(info, 'close')
          }
          for (let waitMs = 1; init !== null && isAlive(init); waitMs = Math.min(waitMs * 2, 20)) await sleep(waitMs)
        },
      }
    },
  }
}

/** All of a stream as text; for short answers of trusted helpers and for tests. */
export async function readAll(stream: NodeJS.ReadableStream): Promise<string> {
  const chunks: Buffer[] = []
  stream.on('data', (chunk: Buffer) => chunks.push(chunk))
  await once(stream, 'close')
  return Buffer.concat(chunks).toString()
}
