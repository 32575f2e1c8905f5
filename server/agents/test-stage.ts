// What tests of this room run agents on: a repository, a HOME, and a turn that records what it is told.
import { execFileSync, spawn } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { type EventBody, parseContender } from '@seatrial/protocol'
import type { Sandbox, SandboxedProcess } from '../sandbox/sandbox.ts'
import type { AgentTurn } from './agent.ts'
import type { AgentPlaces } from './find.ts'

export const houseDir = resolve(import.meta.dirname, '../..')

export const places: AgentPlaces = {
  agentsDir: join(houseDir, '.cache/agents'),
  houseDir,
  nodeBinary: process.execPath,
  path: process.env.PATH ?? '',
  npmEnv: process.env,
}

export interface Stage {
  tree: string
  home: string
  events: EventBody[]
  steps: string[]
  sessions: string[]
  turn(agent: string, prompt: string, more?: Partial<AgentTurn>): AgentTurn
  said(): string
  clean(): void
}

/** A folder with a git repository of the given files, and everything a turn needs. */
export function makeStage(files: Record<string, string> = { 'a.txt': 'one\n' }): Stage {
  const root = mkdtempSync(join(tmpdir(), 'seatrial-agents-'))
  chmodSync(root, 0o755)
  const tree = join(root, 'tree')
  const home = join(root, 'home')
  mkdirSync(home)
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(tree, path)), { recursive: true })
    writeFileSync(join(tree, path), text)
  }
  const git = (...args: string[]) =>
    execFileSync('git', ['-C', tree, '-c', 'user.name=t', '-c', 'user.email=t@t', ...args])
  git('init', '-q')
  git('add', '-A')
  git('commit', '-qm', 'base')
  const stage: Stage = {
    tree,
    home,
    events: [],
    steps: [],
    sessions: [],
    turn: (agent, prompt, more) => ({
      contender: parseContender(agent),
      sandbox: openAir(tree, home),
      cwd: tree,
      home,
      prompt,
      images: [],
      sessionId: null,
      gateway: null,
      mcpServers: [],
      onEvent: (body) => void stage.events.push(body),
      onStep: (title) => void stage.steps.push(title),
      onSession: (id) => void stage.sessions.push(id),
      nextMessage: async () => null,
      signal: new AbortController().signal,
      ...more,
    }),
    said: () => stage.events.map((event) => (event.type === 'agent.said' ? event.text : '')).join(''),
    clean: () => rmSync(root, { recursive: true, force: true }),
  }
  return stage
}

/** A sandbox of level `off`: a process group and nothing else. */
export function openAir(tree: string, home: string): Sandbox {
  const env = { HOME: home, PATH: process.env.PATH ?? '', TMPDIR: tmpdir(), LANG: 'C.UTF-8' }
  const limits = { memoryMb: 4096, cpus: 2, pids: 500, diskMb: 1000 }
  return {
    policy: {
      ...{ name: 'test', level: 'off', tree: { kind: 'directory', dir: tree }, mountAt: tree },
      ...{ home, readOnly: [], env, forwards: {}, limits },
    },
    async spawn([command, ...args], options): Promise<SandboxedProcess> {
      const cwd = join(tree, options?.cwd ?? '.')
      const child = spawn(command, args, { cwd, env: { ...env, ...options?.env }, detached: true })
      const exited = new Promise<{ code: number | null; signal: string | null }>((settle) => {
        child.on('exit', (code, signal) => settle({ code, signal }))
        child.on('error', () => settle({ code: 127, signal: null }))
      })
      const kill = async (): Promise<void> => {
        try {
          if (child.pid) process.kill(-child.pid, 'SIGKILL')
        } catch {
          // Already gone.
        }
        await exited
      }
      return { pid: child.pid ?? 0, stdin: child.stdin, stdout: child.stdout, stderr: child.stderr, exited, kill }
    },
    frozen: (look) => look(),
    close: async () => undefined,
  }
}
