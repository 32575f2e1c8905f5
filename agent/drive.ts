// Drives the agent in tests as a host would: the real process, every frame kept.
import { type ChildProcessWithoutNullStreams, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, mkdtempSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'

// biome-ignore lint/suspicious/noExplicitAny: frames are looked at by tests, field by field.
export type Frame = Record<string, any>

export interface Driven {
  child: ChildProcessWithoutNullStreams
  frames: Frame[]
  /** Results, with the method that was asked. */
  answers: { method: string; result: unknown }[]
  request(method: string, params: object): Promise<Frame>
  notify(method: string, params: object): void
  /** Initializes and opens a session; gives its id. */
  open(mcpServers?: object[]): Promise<string>
  prompt(sessionId: string, text: string, more?: object[]): Promise<Frame>
  /** Updates of one kind. */
  updates(kind: string): Frame[]
  /** All the agent's words. */
  said(): string
  /** Resolves with the first frame that fits, sent already or not. */
  until(fits: (frame: Frame) => boolean): Promise<Frame>
  kill(): Promise<void>
}

export function makeFolder(files: Record<string, string> = {}): string {
  const dir = mkdtempSync(join(tmpdir(), 'seatrial-agent-'))
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(dir, path)), { recursive: true })
    writeFileSync(join(dir, path), text)
  }
  return dir
}

/** As the catalog starts it. */
const tuning = { MALLOC_ARENA_MAX: '1', MALLOC_TRIM_THRESHOLD_: '65536', MALLOC_MMAP_THRESHOLD_: '65536' }

export function drive(options: { cwd: string; home: string; url: string; env?: Record<string, string> }): Driven {
  const env = { PATH: process.env.PATH ?? '', HOME: options.home, AGENT_BASE_URL: `${options.url}/v1` }
  const args = [
    '--max-semi-space-size=1',
    '--disable-warning=ExperimentalWarning',
    join(import.meta.dirname, 'main.ts'),
  ]
  const child = spawn(process.execPath, args, {
    cwd: options.cwd,
    env: {
      ...env,
      AGENT_API_KEY: 'key',
      AGENT_MODEL: 'm',
      AGENT_RETRY_MS: '10',
      ...tuning,
      ...options.env,
    },
  })
  const frames: Frame[] = []
  const answers: Driven['answers'] = []
  const waiting = new Map<number, (frame: Frame) => void>()
  const watching = new Set<(frame: Frame) => void>()
  let ids = 0
  createInterface({ input: child.stdout }).on('line', (line) => {
    const frame = JSON.parse(line) as Frame
    frames.push(frame)
    for (const watch of watching) watch(frame)
    if (frame.method === undefined) waiting.get(frame.id)?.(frame)
  })
  let errors = ''
  child.stderr.on('data', (chunk) => {
    errors += chunk
  })
  const send = (frame: object): void => void child.stdin.write(`${JSON.stringify({ jsonrpc: '2.0', ...frame })}\n`)
  const driven: Driven = {
    child,
    frames,
    answers,
    request: (method, params) =>
      new Promise((resolve, reject) => {
        const id = ++ids
        waiting.set(id, (frame) => {
          if (frame.result !== undefined) answers.push({ method, result: frame.result })
          resolve(frame)
        })
        child.once('exit', () => reject(new Error(`The agent is gone: ${errors.slice(-2000)}`)))
        send({ id, method, params })
      }),
    notify: (method, params) => send({ method, params }),
    async open(mcpServers = []) {
      await driven.request('initialize', { protocolVersion: 1, clientCapabilities: {} })
      const opened = await driven.request('session/new', { cwd: options.cwd, mcpServers })
      return opened.result.sessionId
    },
    prompt: (sessionId, text, more = []) =>
      driven.request('session/prompt', { sessionId, prompt: [{ type: 'text', text }, ...more] }),
    updates: (kind) =>
      frames.map((frame) => frame.params?.update as Frame).filter((update) => update?.sessionUpdate === kind),
    said: () =>
      driven
        .updates('agent_message_chunk')
        .map((update) => update.content.text)
        .join(''),
    until: (fits) =>
      new Promise((resolve) => {
        const seen = frames.find(fits)
        if (seen) return resolve(seen)
        const watch = (frame: Frame): void => {
          if (!fits(frame)) return
          watching.delete(watch)
          resolve(frame)
        }
        watching.add(watch)
      }),
    async kill() {
      if (child.exitCode !== null || child.signalCode !== null) return
      child.kill('SIGKILL')
      await once(child, 'exit')
    },
  }
  return driven
}
