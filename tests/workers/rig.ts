// A house that only decides, and workers of their own data folders on one PostgreSQL; one worker may live behind a cable.
import { execFileSync, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, realpathSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import type { EventBody } from '@seatrial/protocol'
import { houseNodeArgs, houseNodeEnv } from '../../cli/house-launch.ts'
import { leftProcesses, unmountBelow } from '../house.ts'
import { type HouseProcess, main, startHouseProcess } from '../house-process.ts'
import { type Postgres, startPostgres } from '../postgres.ts'

export interface WorkerProcess {
  dataDir: string
  pid: number
  kill(): Promise<void>
  stop(): Promise<void>
}

export interface Cable {
  cut(): void
  mend(): void
}

export interface Rig {
  house: HouseProcess
  postgres: Postgres
  database: string
  worker(): Promise<WorkerProcess>
  /** A worker in a network namespace of its own; root only. */
  cabledWorker(): Promise<WorkerProcess & { cable: Cable }>
  /** The first event of a task that passes, from the beginning of the log on. */
  seen(task: string, passes: (body: EventBody) => boolean, times?: number): Promise<void>
  close(): Promise<string[]>
}

const outside = '10.231.7.1'
const inside = '10.231.7.2'

export async function openRig(): Promise<Rig> {
  const postgres = await startPostgres('*')
  const database = await postgres.fresh()
  const folders: string[] = []
  const folder = (name: string): string => {
    const dir = realpathSync(mkdtempSync(join(tmpdir(), `stw-${name}-`)))
    folders.push(dir)
    return dir
  }
  const house = await startHouseProcess(folder('house'), { DATABASE_URL: database, SEATRIAL_WORKERS: '0' })
  const workers: WorkerProcess[] = []

  const start = async (name: string, url: string, before: string[], plug?: (pid: number) => void) => {
    const dataDir = folder(name)
    const [program = process.execPath, ...args] = [...before, process.execPath, ...houseNodeArgs, main, 'worker']
    const child = spawn(program, args, {
      env: { ...process.env, ...houseNodeEnv, SEATRIAL_HOME: dataDir, SEATRIAL_WORKERS: '2', DATABASE_URL: url },
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    const lines = createInterface(child.stdout)
    const exited = once(child, 'exit')
    if (plug) {
      await once(lines, 'line')
      plug(child.pid as number)
      child.stdin.write('plugged\n')
    }
    await Promise.race([
      once(lines, 'line'),
      exited.then(([code]) => Promise.reject(new Error(`It ended with ${code}`))),
    ])
    const end = async (signal: NodeJS.Signals): Promise<void> => {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill(signal)
      await exited
    }
    const worker = { dataDir, pid: child.pid as number, kill: () => end('SIGKILL'), stop: () => end('SIGTERM') }
    workers.push(worker)
    return worker
  }

  return {
    house,
    postgres,
    database,
    worker: () => start('worker', database, []),
    async cabledWorker() {
      const link = `stw${process.pid}`
      const ip = (...args: string[]): void => void execFileSync('ip', args)
      const setUp = `echo ready; read -r _; ip link set lo up; ip address add ${inside}/30 dev eth0; ip link set eth0 up; exec "$@"`
      const url = database.replace('127.0.0.1', outside)
      const worker = await start('cut', url, ['unshare', '--net', '--', 'sh', '-c', setUp, 'sh'], (pid) => {
        ip('link', 'add', link, 'type', 'veth', 'peer', 'name', 'eth0', 'netns', String(pid))
        ip('address', 'add', `${outside}/30`, 'dev', link)
        ip('link', 'set', link, 'up')
      })
      return {
        ...worker,
        cable: { cut: () => ip('link', 'set', link, 'down'), mend: () => ip('link', 'set', link, 'up') },
      }
    },
    async seen(task, passes, times = 1) {
      let count = 0
      for await (const { body } of house.client.follow({ after: 0, task }))
        if (passes(body) && ++count === times) return
    },
    async close() {
      for (const worker of workers) await worker.stop()
      await house.stop()
      const left = folders.flatMap(leftProcesses)
      await postgres.remove()
      for (const dir of folders) {
        await unmountBelow(dir)
        await rm(dir, { recursive: true, force: true })
      }
      return left
    },
  }
}
