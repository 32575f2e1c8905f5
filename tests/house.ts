// A house of one's own for a story: temp folders, a free port, real everything. Ends with a look for leaks.
import { existsSync, mkdtempSync, readdirSync, readFileSync, readlinkSync, realpathSync, rmSync } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { TaskState } from '@seatrial/protocol'
import type { TaskView } from '@seatrial/protocol/api'
import { type Client, createClient } from '@seatrial/protocol/client'
import { execa } from 'execa'
import { readConfig } from '../server/config.ts'
import { type House, openHouse } from '../server/house.ts'

export interface TestHouse {
  house: House
  client: Client
  dataDir: string
  /** Follows the log until the task is in one of the states; fails when it rests elsewhere. */
  until(taskId: string, ...states: TaskState[]): Promise<TaskView>
  /** Stops the house and starts another one on the same folder. */
  restart(): Promise<void>
  /** Stops the house and fails when a process, mount or socket of it is left. */
  close(): Promise<void>
}

const resting: TaskState[] = ['waiting', 'done', 'rejected', 'failed', 'cancelled']

export async function openTestHouse(options: { houseToml?: string; workers?: number } = {}): Promise<TestHouse> {
  const dataDir = realpathSync(mkdtempSync(join(tmpdir(), 'sth-')))
  if (options.houseToml) await writeFile(join(dataDir, 'house.toml'), options.houseToml)
  const config = readConfig(
    {
      PATH: process.env.PATH,
      DATABASE_URL: await freshDatabase(),
      SEATRIAL_HOME: dataDir,
      SEATRIAL_PORT: '0',
      SEATRIAL_WORKERS: String(options.workers ?? 2),
    },
    '0.0.0-test',
  )
  const test = {} as TestHouse
  const open = async (): Promise<void> => {
    test.house = await openHouse(config)
    test.client = createClient({ baseUrl: test.house.url, token: test.house.token })
  }
  await open()
  return Object.assign(test, {
    dataDir,
    async until(taskId: string, ...states: TaskState[]) {
      const control = new AbortController()
      const now = async () => test.client.getTask({ params: { id: taskId } })
      const task = await now()
      if (states.includes(task.state)) return task
      for await (const { body } of test.client.follow({ after: task.seq, task: task.id, signal: control.signal })) {
        if (body.type !== 'task.moved') continue
        if (states.includes(body.to)) {
          control.abort()
          return now()
        }
        if (resting.includes(body.to)) {
          control.abort()
          throw new Error(
            `Task ${task.id} is ${body.to} (${body.note}), wanted ${states}\n${await storyOf(test, task.id)}`,
          )
        }
      }
      throw new Error('The event stream ended')
    },
    async restart() {
      await test.house.stop()
      await open()
    },
    async close() {
      await test.house.stop()
      const left = leaks(dataDir)
      await unmountBelow(dataDir)
      rmSync(dataDir, { recursive: true, force: true })
      if (left.length > 0) throw new Error(`The house left something behind:\n${left.join('\n')}`)
    },
  })
}

/** What happened, for a failing test's message. */
async function storyOf(test: TestHouse, taskId: string): Promise<string> {
  const { events } = await test.client.listEvents({ query: { task: taskId, limit: 1000 } })
  const log = (() => {
    try {
      return readFileSync(join(test.dataDir, 'house.log'), 'utf8').slice(-3000)
    } catch {
      return ''
    }
  })()
  return `${events.map((event) => JSON.stringify(event.body).slice(0, 300)).join('\n')}\n${log}`
}

/** A new database on the server named by SEATRIAL_TEST_DATABASE, or none: then the store is the embedded one. */
export async function freshDatabase(): Promise<string | undefined> {
  const server = process.env.SEATRIAL_TEST_DATABASE
  if (!server) return undefined
  const { default: pg } = await import('pg')
  const name = `story_${crypto.randomUUID().slice(0, 8)}`
  const client = new pg.Client({ connectionString: server })
  await client.connect()
  await client.query(`create database ${name}`)
  await client.end()
  const url = new URL(server)
  url.pathname = `/${name}`
  return url.href
}

/** What is left of sandboxes when a house or worker ended in good order. Mounts of kept workspaces are not leaks. */
export const leaks = (dataDir: string): string[] => [...leftProcesses(dataDir), ...openSandboxes(dataDir)]

/** What sandboxes keep in `run`; one that was killed leaves it to its next start. */
export function openSandboxes(dataDir: string): string[] {
  const run = join(dataDir, 'run')
  return (existsSync(run) ? readdirSync(run) : [])
    .filter((name) => name !== 'gateway.sock')
    .map((name) => `run/${name}`)
}

/** Processes that name the folder or live in a sandbox over one of its trials. */
export function leftProcesses(dataDir: string): string[] {
  // What was killed a moment ago may still be on its way out.
  const deadline = performance.now() + 3_000
  while (processesOf(dataDir).length > 0 && performance.now() < deadline) Atomics.wait(pause, 0, 0, 50)
  return processesOf(dataDir).map(({ pid, line }) => `process ${pid}: ${line.slice(0, 200)}`)
}

const pause = new Int32Array(new SharedArrayBuffer(4))

/**
 * By command line, or by the folders bound where the process lives: inside a sandbox no command line names the folder.
 * Where something is mounted does not count: a namespace begins with a copy of all mounts, other houses' too.
 */
export function processesOf(dataDir: string): { pid: number; line: string }[] {
  const onDisk = join(placeOnDisk(dataDir), 'trials/')
  const own = readlinkSync('/proc/self/ns/mnt')
  const found: { pid: number; line: string }[] = []
  for (const pid of readdirSync('/proc').filter((name) => /^\d+$/.test(name) && Number(name) !== process.pid)) {
    try {
      const line = readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ')
      const inside = readlinkSync(`/proc/${pid}/ns/mnt`) !== own
      const holds = inside && mountsSeenBy(pid).some(({ root }) => root.startsWith(onDisk))
      if (holds || line.includes(dataDir)) found.push({ pid: Number(pid), line })
    } catch {
      // It ended while we looked.
    }
  }
  return found
}

/** What is mounted where a process lives: the folder of its file system, and where it appears. */
const mountsSeenBy = (pid: string): { root: string; at: string }[] =>
  readFileSync(`/proc/${pid}/mountinfo`, 'utf8')
    .trim()
    .split('\n')
    .map((mount) => {
      const [, , , root = '', at = ''] = mount.split(' ')
      return { root, at }
    })

/** The path of a folder within the file system that holds it, as a bind mount of it is told. */
function placeOnDisk(dir: string): string {
  const holds = ({ at }: { at: string }): boolean => at === '/' || dir === at || dir.startsWith(`${at}/`)
  const holder = mountsSeenBy('self')
    .filter(holds)
    .sort((a, b) => a.at.length - b.at.length)
    .at(-1)
  return join(holder?.root ?? '/', dir.slice(holder?.at === '/' ? 0 : (holder?.at.length ?? 0)))
}

/** Agent processes that work in one of the folders. */
export const agentsOf = (dataDirs: string[]): number[] =>
  dataDirs.flatMap((dir) =>
    processesOf(dir)
      .filter(({ line }) => /^\S*node .*scripted\/agent\.ts/.test(line))
      .map(({ pid }) => pid),
  )

export const mountsBelow = (dataDir: string): string[] =>
  readFileSync('/proc/self/mounts', 'utf8')
    .split('\n')
    .map((line) => line.split(' ')[1] ?? '')
    .filter((path) => path.startsWith(dataDir))

export async function unmountBelow(dataDir: string): Promise<void> {
  for (const path of mountsBelow(dataDir).toReversed()) await execa('umount', ['-l', path], { reject: false })
}

/** A real repository with one commit. Remove its folder when done. */
export async function makeRepo(files: Record<string, string>): Promise<string> {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'repo-')))
  await addFiles(dir, files)
  await git(dir, 'init', '-q', '-b', 'main')
  await commitAll(dir, 'Start')
  return dir
}

export async function addFiles(dir: string, files: Record<string, string>): Promise<void> {
  for (const [path, text] of Object.entries(files)) {
    await mkdir(dirname(join(dir, path)), { recursive: true })
    await writeFile(join(dir, path), text)
  }
}

export const git = async (dir: string, ...args: string[]): Promise<string> =>
  (await execa('git', args, { cwd: dir, env: { GIT_CONFIG_GLOBAL: '/dev/null', GIT_CONFIG_SYSTEM: '/dev/null' } }))
    .stdout

export async function commitAll(dir: string, message: string): Promise<void> {
  await git(dir, 'add', '-A')
  await git(dir, '-c', 'user.name=Test', '-c', 'user.email=test@localhost', 'commit', '-qm', message)
}

export const removeRepo = (dir: string): Promise<void> => rm(dir, { recursive: true, force: true })

/** A prompt that the scripted agent plays. */
export const scriptedPrompt = (words: string, steps: object[]): string =>
  `${words}\n\n\`\`\`script\n${JSON.stringify({ steps })}\n\`\`\`\n`
